"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.projects import api, views

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/", api.ProjectDetail.as_view(), name="api-project"),
    path(
        "projects/<slug:slug>/audit/",
        api.ProjectAudit.as_view(),
        name="api-project-audit",
    ),
]


urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/new/", views.new, name="project-new"),
    path("projects/<slug:slug>/edit/", views.edit, name="project-edit"),
]
