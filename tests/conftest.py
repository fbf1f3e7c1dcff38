"""What every test may ask for."""

import pgtrigger
import pytest
from django.test import TransactionTestCase
from django.utils import translation
from rest_framework.test import APIClient

from members.api_tokens import actions as api_tokens
from members.choices import Scope
from members.models import User
from tests.browser_checks import open_browser
from tests.factories import UserFactory


@pytest.fixture(autouse=True, scope="session")
def _tables_may_be_emptied_after_a_test():
    """Between tests that commit, Django empties every table, the append-only ones too."""
    empty = TransactionTestCase._fixture_teardown

    def empty_despite_triggers(case: TransactionTestCase) -> None:
        with pgtrigger.ignore():
            empty(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_despite_triggers)
        yield


@pytest.fixture(autouse=True)
def _english_again():
    """A page that was asked for in another language leaves it active."""
    yield
    translation.deactivate()


@pytest.fixture(scope="module")
def browser():
    """Chromium; `bin/test --no-browser` leaves out every test that asks for it."""
    with open_browser() as browser:
        yield browser


@pytest.fixture
def user(db) -> User:
    """A verified person."""
    return UserFactory()


@pytest.fixture
def api():
    """`api(user)` or `api(user, scopes=[…])`: an API client with a token of that person."""

    def make(user: User | None = None, scopes: list[str] | None = None) -> APIClient:
        client = APIClient()
        if user is not None:
            _, secret = api_tokens.create(
                name="test", scopes=Scope.values if scopes is None else scopes, days=1, by=user
            )
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return make


@pytest.fixture
def page(client):
    """`page(user)`: Django's test client signed in as that person."""

    def make(user: User):
        client.force_login(user)
        return client

    return make
