"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.harmonisation import (
    api,
    approval_api,
    approval_views,
    copying_api,
    copying_views,
    mapping_views,
    review_views,
    sheet_api,
    sheet_views,
    views,
)
from datasets.mappings.urls import MAPPING, VARIABLE, VARIABLES

REVIEW = "projects/<slug:slug>/variable-suggestions/"
"""Beside the variables, of which one may be called anything."""

APPROVALS = "projects/<slug:slug>/variable-approvals/"
COPIES = "projects/<slug:slug>/variable-copies/"
SHEET = "projects/<slug:slug>/mapping-file/"
STEP = "projects/<slug:slug>/mapping-steps/<uuid:batch>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(VARIABLES, views.variables, name="project-variables"),
    path(REVIEW, review_views.review, name="mapping-review"),
    path(APPROVALS, approval_views.approvals, name="mapping-approvals"),
    path(SHEET, sheet_views.sheet, name="mapping-sheet"),
    path(f"{SHEET}fetch/", sheet_views.fetch, name="mapping-sheet-fetch"),
    path(STEP, sheet_views.step, name="mapping-step"),
    path(f"{STEP}undo/", sheet_views.take_back, name="mapping-step-undo"),
    path(VARIABLE, views.variable, name="project-variable"),
    path(f"{VARIABLE}change/", views.change, name="project-variable-change"),
    path(COPIES, copying_views.copy, name="project-variable-copies"),
    path(f"{VARIABLE}repeat/", copying_views.repeat, name="project-variable-repeat"),
    path(f"{VARIABLE}delete/", views.delete, name="project-variable-delete"),
    path(MAPPING, mapping_views.mapping, name="mapping"),
    path(f"{MAPPING}accept/", mapping_views.accept, name="mapping-accept"),
    path(f"{MAPPING}apply/", mapping_views.apply, name="mapping-apply"),
    path(f"{MAPPING}remove/", mapping_views.remove, name="mapping-remove"),
    path(f"{MAPPING}undo/", mapping_views.undo, name="mapping-undo"),
    path(f"{MAPPING}approve/", mapping_views.approve, name="mapping-approve"),
    path(f"{MAPPING}restore/", mapping_views.restore, name="mapping-restore"),
]


api_urlpatterns: list[URLPattern | URLResolver] = [
    path(VARIABLES, api.SharedVariables.as_view(), name="api-variables"),
    path(VARIABLE, api.SharedVariableDetail.as_view(), name="api-variable"),
    path(REVIEW, api.Suggestions.as_view(), name="api-mapping-suggestions"),
    path(APPROVALS, approval_api.MappingApprovals.as_view(), name="api-mapping-approvals"),
    path(COPIES, copying_api.VariableCopies.as_view(), name="api-variable-copies"),
    path(f"{VARIABLE}repeat/", copying_api.VariableRepeat.as_view(), name="api-variable-repeat"),
    path(SHEET, sheet_api.MappingSheet.as_view(), name="api-mapping-sheet"),
    path(f"{STEP}undo/", sheet_api.MappingStepUndo.as_view(), name="api-mapping-step-undo"),
    path(f"{MAPPING}suggestion/", api.MappingSuggestion.as_view(), name="api-mapping-suggestion"),
]
