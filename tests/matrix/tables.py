"""Fingerprints of everything the apps keep, to see whether a call changed it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

READS = re.compile(r"(SELECT|SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT)\b")
"""How a statement begins that changes no table."""

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


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements inside that may have changed a table."""
    found: list[str] = []

    def note(execute: Any, sql: str, *asked: Any) -> Any:
        if not READS.match(sql):
            found.append(sql)
        return execute(sql, *asked)

    with connection.execute_wrapper(note):
        yield found
