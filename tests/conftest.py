"""What every test may ask for."""

import os
from collections.abc import Iterator

import pgtrigger
import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.client import ClientMixin
from django.utils import translation
from playwright.sync_api import Browser
from rest_framework.test import APIClient

from members.choices import Scope
from members.models import User
from tests.browser_checks import open_browser
from tests.factories import UserFactory, sign_in, token_of
from tests.s3 import S3, running_s3
from tests.workers import wait_for

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""What migrations wrote, which no test changes."""


@pytest.fixture(autouse=True, scope="session")
def _tables_are_emptied_after_a_test():
    """After a test that commits, every table is empty again, the append-only ones too.

    Django would truncate them all, which writes each one's files anew, and then look up what
    migrations write: most of them are empty, and their rows are few.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


def empty_tables() -> None:
    """Delete every row, and what the cache has counted: it would lock the tests that follow."""
    tables = sorted(set(connection.introspection.django_table_names()) - KEPT)
    with pgtrigger.ignore(), transaction.atomic(), connection.cursor() as cursor:
        look = "SELECT %s WHERE EXISTS (SELECT FROM {})"
        cursor.execute(
            " UNION ALL ".join(look.format(connection.ops.quote_name(name)) for name in tables),
            tables,
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _nothing_is_forced_to_disk():
    """No file of a test outlives the machine, as no row does: to wait for the disk, several times
    for each upload, takes longer than to read it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _signing_in_takes_one_statement():
    """Tests of signing in go through its pages; the others have a session, however it came."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientMixin, "_login", sign_in)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, dropped once nobody else is connected to it.

    The live server does not wait for its threads: one that still answers a browser which is gone
    lets go of its connection a moment after the last test.
    """
    yield
    with django_db_blocker.unblock():
        wait_for(lambda: not other_sessions(), 20, what=f"these end: {other_sessions()}")


def other_sessions() -> list[tuple]:
    """Who else is connected to the test database, and what they asked last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, backend_start, left(query, 200) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_type = 'client backend' "
            "AND pid <> pg_backend_pid()"
        )
        return cursor.fetchall()


@pytest.fixture(autouse=True)
def _english_again():
    """A page that was asked for in another language leaves it active."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, started once for all tests of this process."""
    with open_browser() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """Chromium without pages; `bin/test --no-browser` leaves out every test that asks for it."""
    yield chromium
    # A page left open would go on asking the server while the next test runs.
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """An S3-compatible store, for as long as a file's tests need it: rclone may go on turning over
    what it has listed, which costs the tests that follow most of a processor."""
    with running_s3(tmp_path_factory.mktemp("s3")) as store:
        yield store


@pytest.fixture
def user(db) -> User:
    """A verified person."""
    return UserFactory()


@pytest.fixture
def lead(db) -> User:
    """Who leads the test's `project`."""
    return UserFactory(name="Lea Lead")


@pytest.fixture
def api():
    """`api(user)` or `api(user, scopes=[…])`: an API client with a token of that person."""

    def make(user: User | None = None, scopes: list[str] | None = None) -> APIClient:
        client = APIClient()
        if user is not None:
            _, secret = token_of(user, Scope.values if scopes is None else scopes)
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return make


@pytest.fixture
def session(user: User) -> APIClient:
    """The API as the browser of `user` calls it."""
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def page(client):
    """`page(user)`: Django's test client signed in as that person."""

    def make(user: User):
        client.force_login(user)
        return client

    return make
