"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.search import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", views.explore, name="projects"),
]


api_urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", api.Projects.as_view(), name="api-projects"),
]
