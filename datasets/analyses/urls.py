"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.analyses import api, builder, check_api, views

ANALYSES = "projects/<slug:slug>/analyses/"
ANALYSIS = "analyses/<int:pk>/"
TABLE = f"{ANALYSIS}tables/<slug:name>.csv"
urlpatterns: list[URLPattern | URLResolver] = [
    path(ANALYSES, views.analysis_list, name="project-analyses"),
    path(f"{ANALYSES}new/", builder.new, name="project-analysis-new"),
    path(ANALYSIS, views.detail, name="analysis"),
    path(f"{ANALYSIS}look/", views.look_anyway, name="analysis-look"),
    path(f"{ANALYSIS}rerun/", views.rerun, name="analysis-rerun"),
    path(f"{ANALYSIS}first/", views.put_first, name="analysis-first"),
    path(f"{ANALYSIS}specification.json", views.specification, name="analysis-specification"),
    path(TABLE, views.table, name="analysis-table"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(ANALYSES, api.Analyses.as_view(), name="api-analyses"),
    path(f"{ANALYSES}check/", check_api.AnalysisCheck.as_view(), name="api-analysis-check"),
    path(ANALYSIS, api.AnalysisDetail.as_view(), name="api-analysis"),
    path(f"{ANALYSIS}rerun/", api.AnalysisRerun.as_view(), name="api-analysis-rerun"),
    path(f"{ANALYSIS}look/", api.AnalysisLook.as_view(), name="api-analysis-look"),
    path(f"{ANALYSIS}first/", api.AnalysisFirst.as_view(), name="api-analysis-first"),
    path(TABLE, api.AnalysisTable.as_view(), name="api-analysis-table"),
]
