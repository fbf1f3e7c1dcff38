"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.mappings import api

VARIABLES = "projects/<slug:slug>/variables/"
VARIABLE = f"{VARIABLES}<slug:name>/"
MAPPING = f"{VARIABLE}mappings/<int:dataset_id>/"
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(MAPPING, api.MappingDetail.as_view(), name="api-mapping"),
    path(f"{MAPPING}preview/", api.MappingPreview.as_view(), name="api-mapping-preview"),
    path(f"{MAPPING}approve/", api.MappingApprove.as_view(), name="api-mapping-approve"),
    path(f"{MAPPING}undo/", api.MappingUndo.as_view(), name="api-mapping-undo"),
]
