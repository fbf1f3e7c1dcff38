"""Addresses of its pages and calls."""

from django.urls import URLPattern, URLResolver, path

from members.profiles import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", views.account, name="account"),
]
