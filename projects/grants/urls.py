"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.grants import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/grants/", views.grants, name="project-grants"),
    path("projects/<slug:slug>/grants/<int:pk>/", views.change, name="grant"),
    path("projects/<slug:slug>/grants/<int:pk>/remove/", views.remove, name="grant-remove"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/grants/", api.Grants.as_view(), name="api-grants"),
    path("projects/<slug:slug>/grants/<int:pk>/", api.GrantDetail.as_view(), name="api-grant"),
]
