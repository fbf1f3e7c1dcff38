"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from members.api_tokens import api, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/tokens/", views.tokens, name="api-tokens"),
    path("account/tokens/<int:token_id>/revoke/", views.revoke, name="api-token-revoke"),
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    path("tokens/", api.ApiTokens.as_view(), name="api-tokens-list"),
    path("tokens/<int:token_id>/", api.ApiTokenDetail.as_view(), name="api-tokens-detail"),
]
