"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.datasets import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("datasets/", views.listing, name="datasets"),
    path("datasets/<int:pk>/edit/", views.edit, name="dataset-edit"),
    path("datasets/<int:pk>/audit/", views.audit, name="dataset-audit"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("datasets/", api.Datasets.as_view(), name="api-datasets"),
    path("datasets/<int:pk>/", api.DatasetDetail.as_view(), name="api-dataset"),
    path("datasets/<int:pk>/audit/", api.DatasetAudit.as_view(), name="api-dataset-audit"),
]
