"""Django's registration of the app."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
