"""Django's registration of the app: its template tags."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "portal.web"
