"""Django's registration of the app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
