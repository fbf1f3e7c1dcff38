"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.uploads import api, views
from datasets.versions.urls import VERSION

urlpatterns: list[URLPattern | URLResolver] = [
    path("datasets/<int:pk>/upload/", views.upload, name="version-new"),
    path(f"{VERSION}read-options/", views.read_options, name="version-read-options"),
]


api_urlpatterns: list[URLPattern | URLResolver] = [
    path("datasets/<int:pk>/versions/", api.Versions.as_view(), name="api-versions"),
    path(
        f"{VERSION}read-options/",
        api.VersionReadOptions.as_view(),
        name="api-version-read-options",
    ),
]
