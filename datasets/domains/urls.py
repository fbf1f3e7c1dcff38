"""Addresses of its page and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.domains import api, views

DOMAINS = "datasets/<int:pk>/domains/"
urlpatterns: list[URLPattern | URLResolver] = [
    path(DOMAINS, views.edit, name="dataset-domains"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(DOMAINS, api.DatasetDomains.as_view(), name="api-dataset-domains"),
]
