"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.rows import api, views
from datasets.versions.urls import VERSION

api_urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{VERSION}rows/", api.VersionRows.as_view(), name="api-version-rows"),
    path(f"{VERSION}download/", api.VersionDownload.as_view(), name="api-version-download"),
]


urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{VERSION}download/<slug:format>/", views.download, name="version-download"),
]
