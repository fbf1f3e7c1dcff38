"""Addresses of the app: those of its nouns."""

from django.urls import URLPattern, URLResolver

from members.accounts import urls as accounts
from members.api_tokens import urls as api_tokens
from members.notifications import urls as notifications
from members.profiles import urls as profiles

urlpatterns: list[URLPattern | URLResolver] = [
    *accounts.urlpatterns,
    *profiles.urlpatterns,
    *api_tokens.urlpatterns,
    *notifications.urlpatterns,
]
api_urlpatterns: list[URLPattern | URLResolver] = [
    *api_tokens.api_urlpatterns,
    *notifications.api_urlpatterns,
]
