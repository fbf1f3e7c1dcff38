"""Django's registration of the app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        # Web processes and commands publish to the workers' broker, not to Celery's default one.
        from portal import celery  # noqa: F401
