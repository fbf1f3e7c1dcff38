"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.overview import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/", views.detail, name="project"),
]
