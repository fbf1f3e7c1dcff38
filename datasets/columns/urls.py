"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.columns import api, views
from datasets.versions.urls import VERSION

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{VERSION}columns/", views.edit, name="version-columns"),
    path(f"{VERSION}columns.csv", views.dictionary, name="version-dictionary"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{VERSION}columns/", api.VersionColumns.as_view(), name="api-version-columns"),
]
