"""Addresses of the app's pages and API calls."""

from django.urls import URLPattern, URLResolver, path

from projects.api import join_requests as join_requests_api
from projects.api import memberships as memberships_api
from projects.api import openings as openings_api
from projects.api import projects as projects_api
from projects.api import study_sites as study_sites_api
from projects.views import explore, join_requests, memberships, openings, projects, study_sites

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", explore.explore, name="projects"),
    path("projects/new/", projects.new, name="project-new"),
    path("projects/<slug:slug>/", projects.detail, name="project"),
    path("projects/<slug:slug>/edit/", projects.edit, name="project-edit"),
    path("projects/<slug:slug>/join/", join_requests.join, name="project-join"),
    path("projects/<slug:slug>/join/withdraw/", join_requests.withdraw, name="join-withdraw"),
    path("projects/<slug:slug>/members/", memberships.members, name="project-members"),
    path(
        "projects/<slug:slug>/members/requests/<int:pk>/approve/",
        join_requests.approve,
        name="join-request-approve",
    ),
    path(
        "projects/<slug:slug>/members/requests/<int:pk>/decline/",
        join_requests.decline,
        name="join-request-decline",
    ),
    path("projects/<slug:slug>/members/<int:pk>/", memberships.change, name="membership"),
    path("projects/<slug:slug>/members/<int:pk>/end/", memberships.end, name="membership-end"),
    path("projects/<slug:slug>/leave/", memberships.leave, name="project-leave"),
    path("projects/<slug:slug>/sites/", study_sites.sites, name="project-sites"),
    path("projects/<slug:slug>/sites/<int:pk>/", study_sites.change, name="study-site"),
    path("projects/<slug:slug>/openings/", openings.add, name="project-openings"),
    path("projects/<slug:slug>/openings/<int:pk>/filled/", openings.fill, name="opening-filled"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", projects_api.Projects.as_view(), name="api-projects"),
    path("projects/<slug:slug>/", projects_api.ProjectDetail.as_view(), name="api-project"),
    path(
        "projects/<slug:slug>/audit/",
        projects_api.ProjectAudit.as_view(),
        name="api-project-audit",
    ),
    path("projects/<slug:slug>/sites/", study_sites_api.StudySites.as_view(), name="api-sites"),
    path(
        "projects/<slug:slug>/sites/<int:pk>/",
        study_sites_api.StudySiteDetail.as_view(),
        name="api-site",
    ),
    path("projects/<slug:slug>/openings/", openings_api.Openings.as_view(), name="api-openings"),
    path(
        "projects/<slug:slug>/openings/<int:pk>/",
        openings_api.OpeningDetail.as_view(),
        name="api-opening",
    ),
    path(
        "projects/<slug:slug>/join-requests/",
        join_requests_api.JoinRequests.as_view(),
        name="api-join-requests",
    ),
    path(
        "join-requests/<int:pk>/",
        join_requests_api.JoinRequestDetail.as_view(),
        name="api-join-request",
    ),
    path(
        "join-requests/<int:pk>/approve/",
        join_requests_api.Approve.as_view(),
        name="api-join-request-approve",
    ),
    path(
        "join-requests/<int:pk>/decline/",
        join_requests_api.Decline.as_view(),
        name="api-join-request-decline",
    ),
    path(
        "join-requests/<int:pk>/withdraw/",
        join_requests_api.Withdraw.as_view(),
        name="api-join-request-withdraw",
    ),
    path(
        "projects/<slug:slug>/memberships/",
        memberships_api.Memberships.as_view(),
        name="api-memberships",
    ),
    path(
        "memberships/<int:pk>/",
        memberships_api.MembershipDetail.as_view(),
        name="api-membership",
    ),
]
