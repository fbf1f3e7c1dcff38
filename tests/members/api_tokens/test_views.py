"""The page of one's own API tokens, without a browser."""

import pytest
from django.utils import timezone

from members.api_tokens import actions as api_tokens
from members.models import ApiToken
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_strangers_are_led_to_sign_in(client):
    answer = client.get("/account/tokens/")
    assert answer.headers["Location"] == "/accounts/login/?next=/account/tokens/"


def test_the_secret_is_shown_once_with_a_first_call(page, user):
    browser = page(user)
    body = {"name": "ward server", "scopes": ["read"], "days": "30"}
    made = browser.post("/account/tokens/", body)
    secret = made.text.split('id="secret">')[1].split("<")[0]
    assert api_tokens.find(secret).user == user
    assert "curl -H" in made.text
    assert "urllib.request" in made.text
    assert "no-store" in made.headers["Cache-Control"]
    later = browser.get("/account/tokens/").text
    assert "ward server" in later
    assert secret not in later


def test_without_a_scope_nothing_is_made(page, user):
    answer = page(user).post("/account/tokens/", {"name": "x", "days": "30"})
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_revoked_and_expired_ones_leave_the_list(page, user):
    browser = page(user)
    gone, _ = api_tokens.create(name="to be revoked", scopes=["read"], days=1, by=user)
    old, _ = api_tokens.create(name="expired one", scopes=["read"], days=1, by=user)
    ApiToken.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    browser.post(f"/account/tokens/{gone.pk}/revoke/")
    assert "no longer opens anything" in browser.get("/account/tokens/").text
    assert "to be revoked" not in browser.get("/account/tokens/").text
    assert "expired one" not in browser.get("/account/tokens/").text


def test_somebody_elses_is_not_there(page, user):
    token, _ = api_tokens.create(name="x", scopes=["read"], days=1, by=UserFactory())
    assert page(user).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_looking_revokes_nothing(page, user):
    token, _ = api_tokens.create(name="x", scopes=["read"], days=1, by=user)
    led = page(user).get(f"/account/tokens/{token.pk}/revoke/")
    assert led.url == "/account/tokens/#tokens-h"
    token.refresh_from_db()
    assert token.revoked_at is None
