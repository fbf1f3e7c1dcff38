"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.study_sites import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/sites/", views.sites, name="project-sites"),
    path("projects/<slug:slug>/sites/<int:pk>/", views.change, name="study-site"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/sites/", api.StudySites.as_view(), name="api-sites"),
    path(
        "projects/<slug:slug>/sites/<int:pk>/",
        api.StudySiteDetail.as_view(),
        name="api-site",
    ),
]
