"""What every API call shares: validators, repeats, refusals as problem+json."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django import forms
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIClient

from members.api_tokens import actions as api_tokens
from members.models import ApiToken
from portal.common.api import idempotency as idempotency_keys
from portal.common.api.bodies import BodySerializer
from portal.common.api.idempotency import IdempotencyKey
from portal.common.api.parsers import JSONParser
from portal.common.api.problems import problem
from portal.common.exceptions import Invalid, NotAllowed
from portal.common.forms import form_page
from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

BODY = {"name": "ward server", "scopes": ["read"], "days": 30}


def session_of(user):
    client = APIClient()
    client.force_login(user)
    return client


@pytest.fixture
def address(user):
    token, _ = api_tokens.create(name="t", scopes=["read"], days=1, by=user)
    return f"/api/v1/tokens/{token.pk}/"


class TestValidators:
    def test_an_unchanged_object_is_not_sent_again(self, session, address):
        tag = session.get(address).headers["ETag"]
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            answer = session.get(address, HTTP_IF_NONE_MATCH=known)
            assert (answer.status_code, answer.content) == (304, b""), known
            assert answer.headers["ETag"] == tag
        assert session.get(address, HTTP_IF_NONE_MATCH='"other"').status_code == 200

    def test_a_changed_object_has_another_tag(self, session, address):
        before = session.get(address).headers["ETag"]
        ApiToken.objects.update(name="renamed")
        after = session.get(address, HTTP_IF_NONE_MATCH=before)
        assert after.status_code == 200
        assert after.headers["ETag"] != before

    def test_a_page_of_a_list_has_none(self, session):
        assert "ETag" not in session.get("/api/v1/tokens/").headers

    def test_a_write_on_an_old_version_is_refused(self, session, address):
        old = session.get(address).headers["ETag"]
        ApiToken.objects.update(name="renamed")
        answer = session.delete(address, HTTP_IF_MATCH=old)
        assert answer.status_code == 412
        assert answer.data["code"] == "precondition_failed"
        assert ApiToken.objects.get().revoked_at is None
        assert session.delete(address, HTTP_IF_MATCH='"nonsense"').status_code == 412
        current = session.get(address).headers["ETag"]
        assert session.delete(address, HTTP_IF_MATCH=current).status_code == 204

    def test_any_version_will_do_when_asked_so(self, session, address):
        assert session.delete(address, HTTP_IF_MATCH="*").status_code == 204


@pytest.mark.django_db(transaction=True)
def test_of_two_writes_on_one_version_the_second_is_told(user):
    token, _ = api_tokens.create(name="t", scopes=["read"], days=1, by=user)
    address = f"/api/v1/tokens/{token.pk}/"
    tag = session_of(user).get(address).headers["ETag"]
    clients = [session_of(user) for _ in range(4)]
    together = Barrier(4)

    def revoke(client):
        together.wait()
        try:
            return client.delete(address, HTTP_IF_MATCH=tag).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(revoke, clients)) == [204, 412, 412, 412]


class TestRepeats:
    def post(self, session, body=BODY, key="k-1"):
        return session.post("/api/v1/tokens/", body, HTTP_IDEMPOTENCY_KEY=key)

    def test_a_repeated_call_changes_nothing_and_gets_its_answer(self, session):
        first, again = self.post(session), self.post(session)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.data["id"] == first.data["id"]
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert ApiToken.objects.count() == 1

    def test_the_key_with_another_body_is_a_conflict(self, session):
        self.post(session)
        answer = self.post(session, {**BODY, "days": 31})
        assert answer.status_code == 409
        assert answer.data["code"] == "idempotency_key_reused"
        assert ApiToken.objects.count() == 1

    def test_another_persons_key_is_another_key(self, session):
        self.post(session)
        assert self.post(session_of(UserFactory())).status_code == 201
        assert ApiToken.objects.count() == 2

    def test_a_refused_call_may_be_corrected_under_its_key(self, session):
        assert self.post(session, {**BODY, "days": 0}).status_code == 400
        assert not IdempotencyKey.objects.exists()
        assert self.post(session).status_code == 201

    @pytest.mark.parametrize("key", ["", "k" * 256])
    def test_a_key_that_is_none(self, session, key):
        answer = self.post(session, key=key)
        assert answer.data["code"] == "bad_idempotency_key"

    def test_a_body_that_is_no_object(self, session):
        assert self.post(session, [1, 2]).status_code == 400

    def test_the_key_is_checked_before_the_database(self, user):
        with pytest.raises(Invalid):
            idempotency_keys.begin(user=user, key="", digest="d")


@pytest.mark.django_db(transaction=True)
def test_a_key_is_taken_only_together_with_what_it_guards(user):
    with pytest.raises(RuntimeError):
        idempotency_keys.begin(user=user, key="k", digest="d")


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_with_one_key_are_one_call(user):
    clients = [session_of(user) for _ in range(4)]
    together = Barrier(4)

    def post(client):
        together.wait()
        try:
            return client.post("/api/v1/tokens/", BODY, HTTP_IDEMPOTENCY_KEY="k-1")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 3
    assert ApiToken.objects.count() == 1


class TestRefusals:
    @pytest.mark.parametrize(
        "text",
        [
            '{"name": "a\\u0000b", "scopes": ["read"]}',
            '{"name": "\\ud83d", "scopes": ["read"]}',
            '{"name\\u0000": "x"}',
            '{"name": "x", "days": NaN}',
            '{"name": ',
        ],
    )
    def test_text_that_no_database_can_hold(self, session, text):
        answer = session.post("/api/v1/tokens/", text, content_type="application/json")
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.data["code"] == "parse_error"

    def test_letters_beyond_the_basic_plane_are_text(self, session):
        text = '{"name": "\\ud83d\\ude00 \\\\u0000", "scopes": ["read"]}'
        answer = session.post("/api/v1/tokens/", text, content_type="application/json")
        assert answer.data["name"] == "😀 \\u0000"

    def test_a_method_that_is_not_there_comes_after_what_cannot_be_seen(self, session, address):
        assert session.put("/api/v1/tokens/999999/", {}).status_code == 404
        answer = session.put(address, {})
        assert (answer.status_code, answer.data["code"]) == (405, "method_not_allowed")

    def test_a_session_needs_its_csrf_token(self, user):
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(user)
        assert client.post("/api/v1/tokens/", BODY).status_code == 403
        assert not ApiToken.objects.exists()


@pytest.mark.parametrize("text", ["[" * 5000, '{"a":' * 5000 + "1" + "}" * 5000])
def test_json_nested_without_end_is_refused(session, text):
    answer = session.post("/api/v1/tokens/", text, content_type="application/json")
    assert (answer.status_code, answer.data["code"]) == (400, "parse_error")


def test_a_nul_in_the_address_is_refused_in_the_apis_own_form(session):
    answer = session.get("/api/v1/tokens/?cursor=%00")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "bad_request"
    assert session.get("/projects/?q=%00").status_code == 400


def test_what_somebody_sees_signed_in_stays_out_of_caches(session, client):
    assert session.get("/api/v1/tokens/")["Cache-Control"] == "private, no-store"
    assert session.get("/inbox/")["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get("/projects/")


@pytest.mark.parametrize("position", ["p=x", "p=2026-99-99", "p=%00", "p=1&r=x", "p=", "r=1&p=z"])
@pytest.mark.parametrize("path", ["/api/v1/tokens/", "/api/v1/projects/?ordering=title&"])
def test_a_made_up_cursor_is_no_error_of_ours(session, path, position):
    mark = "" if "?" in path else "?"
    answer = session.get(f"{path}{mark}cursor={b64encode(position.encode()).decode()}")
    assert answer.status_code == 400 or ("title" in path and answer.status_code == 200)


def test_a_cursor_of_another_ordering_is_refused(session):
    for title in ("a", "b", "c"):
        ProjectFactory(title=title, visibility="public")
    turned = session.get("/api/v1/projects/?ordering=title&limit=1").data["next"]
    answer = session.get(turned.replace("ordering=title", "ordering=created_at"))
    assert (answer.status_code, answer.data["errors"][0]["field"]) == (400, "cursor")
    assert session.get("/api/v1/projects/?ordering=--title").status_code == 400


class TestBodies:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [({"name": 1}, "name"), ({"name": 1.5}, "name"), ({"name": 0}, "name")],
    )
    def test_a_number_is_no_text(self, session, changed, field):
        """It was taken as "1", and 1.50 as "1.5"."""
        answer = session.post("/api/v1/tokens/", BODY | changed, format="json")
        assert answer.status_code == 400
        [error] = answer.data["errors"]
        assert (error["field"], error["detail"]) == (field, "This is text: put it in quotes.")

    def test_nor_is_one_among_several_texts(self):
        class Names(BodySerializer):
            names = serializers.ListField(child=serializers.CharField())

        body = Names(data={"names": ["a", 1, "b"]})
        assert not body.is_valid()
        assert body.errors == {"names": {"1": ["This is text: put it in quotes."]}}

    def test_what_was_sent_is_said_again_by_its_beginning(self, session):
        """70 kB came back."""
        long = "x" * 70_000
        answers = (
            session.post("/api/v1/projects/", {"stage": long}, format="json"),
            session.get(f"/api/v1/projects/?stage={long[:3000]}"),
        )
        for answer in answers:
            assert (answer.status_code, len(answer.content) < 2000) == (400, True)
            [said] = [one["detail"] for one in answer.data["errors"] if one["field"] == "stage"]
            assert f"{'x' * 100}…" in said


def test_nobody_reads_a_body_to_refuse_it():
    """It may be a file of gigabytes, or one that ends too soon: a refusal was a 500 then."""

    class Gone:
        def read(self, *args):
            raise AssertionError("it was read")

    asked = RequestFactory().generic("POST", "/?title=heart", b"{}", "application/json")
    asked._stream = Gone()
    context = {"request": Request(asked, parsers=[JSONParser()])}
    assert problem(NotAllowed("No. " * 50), context).status_code == 403


def test_a_form_says_what_was_sent_again_by_its_beginning():
    class Choosing(forms.Form):
        one = forms.ChoiceField(choices=[("a", "a")])
        several = forms.MultipleChoiceField(choices=[("a", "a")])

    long = "x" * 70_000
    form = Choosing(QueryDict(f"one={long}&several=a&several={long}"))
    page = form_page(RequestFactory().get("/"), "", {"form": form})
    assert page.status_code == 422
    said = [text for texts in form.errors.values() for text in texts]
    assert len(said) == 2
    assert all(f"{'x' * 100}…" in one and len(one) < 200 for one in said)
