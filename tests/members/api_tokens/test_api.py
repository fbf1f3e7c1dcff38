"""Tokens: what they open, what they never open, and that their secret is kept nowhere."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from members.api_tokens import actions as api_tokens
from members.choices import Scope
from members.models import ApiToken, AuditEvent, User
from portal.common.exceptions import Invalid, NotAllowed, TooMany
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BODY = {"name": "ward server", "scopes": ["read", "write:data"], "days": 30}


def bearer(secret):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def everything_stored():
    """All rows of all tables as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        texts = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            texts += [row[0] for row in cursor.fetchall()]
    return "\n".join(texts)


def test_make_read_use_and_revoke(session, user):
    made = session.post("/api/v1/tokens/", BODY)
    assert made.status_code == 201
    assert made.data["scopes"] == ["read", "write:data"]
    secret = made.data["token"]
    script = bearer(secret)
    me = script.get("/api/v1/me/")
    assert me.data["email"] == user.email
    assert me.data["scopes"] == ["read", "write:data"]
    assert me.data["token"]["name"] == "ward server"

    listed = session.get("/api/v1/tokens/").data["results"]
    assert [row["prefix"] for row in listed] == [secret[:12]]
    assert "token" not in listed[0]
    assert listed[0]["last_used_at"] is not None
    address = f"/api/v1/tokens/{made.data['id']}/"
    assert "token" not in session.get(address).data

    assert session.delete(address).status_code == 204
    assert script.get("/api/v1/me/").status_code == 401
    assert session.delete(address).status_code == 204
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["api_token.created", "api_token.revoked"]


def test_the_secret_is_in_no_table_also_when_the_call_can_be_repeated(session):
    headers = {"HTTP_IDEMPOTENCY_KEY": "k-1"}
    secret = session.post("/api/v1/tokens/", BODY, **headers).data["token"]
    again = session.post("/api/v1/tokens/", BODY, **headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.data["token"] is None
    bearer(secret).get("/api/v1/me/")
    stored = everything_stored()
    assert api_tokens.digest(secret) in stored
    assert secret not in stored
    assert secret[12:] not in stored


def test_a_token_neither_makes_nor_reads_nor_revokes_tokens(api, user):
    script = api(user)
    token = ApiToken.objects.get()
    answers = [
        script.get("/api/v1/tokens/"),
        script.post("/api/v1/tokens/", BODY),
        script.get(f"/api/v1/tokens/{token.pk}/"),
        script.delete(f"/api/v1/tokens/{token.pk}/"),
        script.delete("/api/v1/tokens/999999/"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.data["code"] for answer in answers} == {"session_required"}
    assert ApiToken.objects.count() == 1


def test_somebody_elses_token_is_not_there(session):
    foreign, _ = api_tokens.create(name="x", scopes=["read"], days=1, by=UserFactory())
    random = session.get("/api/v1/tokens/999999/")
    answer = session.get(f"/api/v1/tokens/{foreign.pk}/")
    assert answer.status_code == 404
    assert answer.content == random.content
    assert session.delete(f"/api/v1/tokens/{foreign.pk}/").status_code == 404
    assert session.get("/api/v1/tokens/").data["results"] == []
    with pytest.raises(NotAllowed):
        api_tokens.revoke(token=foreign, by=UserFactory())


class TestWhatATokenDoesNotOpen:
    def secret_of(self, user, **changes):
        token, secret = api_tokens.create(name="t", scopes=["read"], days=1, by=user)
        ApiToken.objects.filter(pk=token.pk).update(**changes)
        return secret

    def test_expired(self, user):
        secret = self.secret_of(user, expires_at=timezone.now() - timedelta(seconds=1))
        assert bearer(secret).get("/api/v1/me/").status_code == 401

    def test_revoked(self, user):
        secret = self.secret_of(user, revoked_at=timezone.now())
        assert bearer(secret).get("/api/v1/me/").status_code == 401

    def test_of_a_deactivated_person(self, user):
        secret = self.secret_of(user)
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert bearer(secret).get("/api/v1/me/").status_code == 401

    @pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer \xe9", "Bearer coh_x"])
    def test_garbled(self, header):
        answer = APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=header)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_in_the_address_it_is_ignored(self, user):
        secret = self.secret_of(user)
        for name in ("token", "access_token", "api_key", "authorization"):
            assert APIClient().get("/api/v1/me/", {name: secret}).status_code == 401

    def test_a_wrong_scope_is_named(self, api, user):
        answer = api(user, scopes=["write"]).get("/api/v1/me/")
        assert answer.status_code == 403
        assert answer.data["code"] == "insufficient_scope"
        assert "“read”" in answer.data["detail"]

    def test_a_right_scope_for_reading_does_not_write(self, api, user):
        answer = api(user, scopes=["read"]).post("/api/v1/notifications/1/done/")
        assert answer.data["code"] == "insufficient_scope"

    def test_pages_ignore_tokens(self, client, user):
        header = {"HTTP_AUTHORIZATION": f"Bearer {self.secret_of(user)}"}
        assert client.get("/account/", **header).status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "root"]}, "scopes"),
        ({"scopes": "read"}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"days": "soon"}, "days"),
    ],
)
def test_bad_input_names_its_field(session, change, field):
    answer = session.post("/api/v1/tokens/", {**BODY, **change})
    assert answer.status_code == 400
    assert [error["field"].split(".")[0] for error in answer.data["errors"]] == [field]
    assert not ApiToken.objects.exists()


def test_no_field_is_assigned_that_was_not_asked_for(session, user):
    other = UserFactory()
    unheard_of = {"user": other.pk, "digest": "0" * 64}
    refused = session.post("/api/v1/tokens/", {**BODY, **unheard_of}, format="json")
    assert {one["field"] for one in refused.data["errors"]} == set(unheard_of)
    extra = {"prefix": "mine", "revoked_at": None, "id": 7}
    made = session.post("/api/v1/tokens/", {**BODY, **extra}).data
    token = ApiToken.objects.get()
    assert (token.user, token.pk) == (user, made["id"])
    assert token.digest == api_tokens.digest(made["token"])
    assert token.prefix == made["token"][:12]


def test_a_person_has_a_bounded_number_of_live_tokens(user, monkeypatch):
    monkeypatch.setattr(api_tokens, "MOST_LIVE", 2)
    for _ in range(2):
        token, _ = api_tokens.create(name="t", scopes=["read"], days=1, by=user)
    with pytest.raises(TooMany):
        api_tokens.create(name="t", scopes=["read"], days=1, by=user)
    api_tokens.revoke(token=token, by=user)
    api_tokens.create(name="t", scopes=["read"], days=1, by=user)


@pytest.mark.django_db(transaction=True)
def test_the_bound_holds_for_tokens_made_at_once(user, monkeypatch):
    monkeypatch.setattr(api_tokens, "MOST_LIVE", 3)
    together = Barrier(8, timeout=30)

    def make(number):
        try:
            together.wait()
            return api_tokens.create(name=f"t{number}", scopes=["read"], days=1, by=user)
        except TooMany as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(8)))
    assert sum(isinstance(one, TooMany) for one in made) == 5
    assert ApiToken.objects.visible_to(user).live().count() == 3


def test_last_use_is_noted_by_the_minute(user, django_assert_num_queries):
    _, secret = api_tokens.create(name="t", scopes=["read"], days=1, by=user)
    with django_assert_num_queries(2):
        api_tokens.find(secret)
    with django_assert_num_queries(1):
        api_tokens.find(secret)


def test_the_action_refuses_what_forms_cannot_send(user):
    with pytest.raises(Invalid):
        api_tokens.create(name=" ", scopes=list(Scope.values), days=1, by=user)


@pytest.mark.parametrize("rows", [1, 10])
def test_the_list_asks_the_same_number_of_queries(session, user, rows, django_assert_num_queries):
    for _ in range(rows):
        api_tokens.create(name="t", scopes=["read"], days=1, by=user)
    with django_assert_num_queries(3):
        session.get("/api/v1/tokens/")


def test_the_list_says_how_much_may_be_called(session):
    headers = session.get("/api/v1/tokens/").headers
    assert int(headers["RateLimit-Remaining"]) < int(headers["RateLimit-Limit"])
    assert headers["RateLimit-Reset"] == "60"
