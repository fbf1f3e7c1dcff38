"""What every test may ask for."""

import pytest
from rest_framework.test import APIClient

from members.actions import api_tokens
from members.models import Scope, User
from tests.factories import UserFactory


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
