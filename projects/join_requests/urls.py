"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.join_requests import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/join/", views.join, name="project-join"),
    path("projects/<slug:slug>/join/withdraw/", views.withdraw, name="join-withdraw"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "projects/<slug:slug>/join-requests/",
        api.JoinRequests.as_view(),
        name="api-join-requests",
    ),
    path(
        "join-requests/<int:pk>/",
        api.JoinRequestDetail.as_view(),
        name="api-join-request",
    ),
    path(
        "join-requests/<int:pk>/approve/",
        api.Approve.as_view(),
        name="api-join-request-approve",
    ),
    path(
        "join-requests/<int:pk>/decline/",
        api.Decline.as_view(),
        name="api-join-request-decline",
    ),
    path(
        "join-requests/<int:pk>/withdraw/",
        api.Withdraw.as_view(),
        name="api-join-request-withdraw",
    ),
]
