"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.overview import views
from datasets.versions.urls import VERSION

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/datasets/", views.of_project, name="project-datasets"),
    path("projects/<slug:slug>/datasets/new/", views.new, name="dataset-new"),
    path("datasets/<int:pk>/", views.latest, name="dataset"),
    path(VERSION, views.detail, name="version"),
]
