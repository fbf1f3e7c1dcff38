"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.openings import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/openings/", views.add, name="project-openings"),
    path("projects/<slug:slug>/openings/<int:pk>/filled/", views.fill, name="opening-filled"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/openings/", api.Openings.as_view(), name="api-openings"),
    path(
        "projects/<slug:slug>/openings/<int:pk>/",
        api.OpeningDetail.as_view(),
        name="api-opening",
    ),
]
