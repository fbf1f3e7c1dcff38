"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.versions import api, views

VERSION = "datasets/<int:pk>/versions/<int:number>/"
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(VERSION, api.VersionDetail.as_view(), name="api-version"),
    path(f"{VERSION}profile/", api.VersionProfile.as_view(), name="api-version-profile"),
    path(f"{VERSION}problems/", api.VersionProblems.as_view(), name="api-version-problems"),
]


urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{VERSION}problems.csv", views.problems, name="version-problems"),
]
