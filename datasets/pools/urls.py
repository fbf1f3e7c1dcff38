"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from datasets.pools import api, views

TABLES = "projects/<slug:slug>/pooled-tables/"
TABLE = "pooled-tables/<int:pk>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path(TABLES, views.pooled_tables, name="pooled-tables"),
    path(TABLE, views.detail, name="pooled-table"),
    path(f"{TABLE}recipe.json", views.recipe, name="pooled-table-recipe"),
    path(f"{TABLE}download/<slug:format>/", views.download, name="pooled-table-download"),
    path(f"{TABLE}remove/", views.remove, name="pooled-table-remove"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path(TABLES, api.PooledTables.as_view(), name="api-pooled-tables"),
    path(TABLE, api.PooledTableDetail.as_view(), name="api-pooled-table"),
    path(f"{TABLE}download/", api.PooledTableDownload.as_view(), name="api-pooled-table-download"),
]
