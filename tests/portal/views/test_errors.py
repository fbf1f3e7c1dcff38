"""Refusals that Django makes itself wear the portal's clothes."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, InterfaceError, OperationalError
from django.test import Client

from projects.projects.visibility import ProjectQuerySet

pytestmark = pytest.mark.django_db


def test_a_stale_form_is_refused_on_a_page_of_ours():
    answer = Client(enforce_csrf_checks=True).post("/theme/")
    assert answer.status_code == 403
    assert "the form had been open for too long" in answer.text
    assert 'href="/projects/"' in answer.text


def test_a_part_asked_for_after_signing_out_loads_the_page_anew(client):
    whole = client.get("/jobs/1/")
    assert (whole.status_code, whole["Location"]) == (302, "/accounts/login/?next=/jobs/1/")
    part = client.get("/jobs/1/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Refresh"], part.content) == (200, "true", b"")


def raising(error):
    """A stand-in that raises."""

    def fail(*args, **kwargs):
        raise error

    return fail


AWAY = [
    OperationalError("server closed the connection unexpectedly"),
    InterfaceError("connection already closed"),
    DatabaseError("error with status PGRES_TUPLES_OK and no message from the libpq"),
]


@pytest.mark.parametrize("error", AWAY)
@pytest.mark.parametrize(
    ("place", "name"), [(ProjectQuerySet, "visible_to"), (SessionStore, "load")]
)
def test_a_database_that_is_away_is_said_on_a_page(user, monkeypatch, error, place, name):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    monkeypatch.setattr(place, name, raising(error))
    answer = client.get("/projects/")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "back shortly" in answer.text
    assert 'href="/projects/"' in answer.text
    assert "data-theme" not in answer.text
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/projects/").text


@pytest.mark.parametrize("error", AWAY)
@pytest.mark.parametrize(
    ("place", "name"), [(ProjectQuerySet, "visible_to"), (SessionStore, "load")]
)
def test_and_told_to_scripts(user, monkeypatch, error, place, name):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    monkeypatch.setattr(place, name, raising(error))
    answer = client.get("/api/v1/projects/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert int(answer["Retry-After"]) > 0
    assert (answer.json()["status"], answer.json()["code"]) == (503, "unavailable")


def test_another_fault_of_ours_stays_one(user, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    monkeypatch.setattr(ProjectQuerySet, "visible_to", raising(ValueError("no")))
    assert client.get("/projects/").status_code == 500
    assert client.get("/api/v1/projects/").json()["code"] == "server_error"
