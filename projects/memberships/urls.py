"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from projects.memberships import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/<slug:slug>/members/<int:pk>/", views.change, name="membership"),
    path("projects/<slug:slug>/members/<int:pk>/end/", views.end, name="membership-end"),
    path("projects/<slug:slug>/leave/", views.leave, name="project-leave"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "projects/<slug:slug>/memberships/",
        api.Memberships.as_view(),
        name="api-memberships",
    ),
    path(
        "memberships/<int:pk>/",
        api.MembershipDetail.as_view(),
        name="api-membership",
    ),
]
