"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.people import views

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "projects/<slug:slug>/members/requests/<int:pk>/approve/",
        views.approve,
        name="join-request-approve",
    ),
    path(
        "projects/<slug:slug>/members/requests/<int:pk>/decline/",
        views.decline,
        name="join-request-decline",
    ),
    path("projects/<slug:slug>/members/", views.members, name="project-members"),
]
