"""Fingerprints of everything the apps keep, to see whether a call changed it."""

from django.apps import apps
from django.db import connection

APPS = ("members", "projects", "datasets", "account")


def fingerprint() -> list[tuple[str, int, int]]:
    """Each table with its number of rows and the sum of their hashes; one query."""
    tables = [
        model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models()
    ]
    parts = [
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) "
        f'FROM "{table}" t'
        for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return cursor.fetchall()
