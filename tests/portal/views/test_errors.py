"""Refusals that Django makes itself wear the portal's clothes."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, InterfaceError, OperationalError
from django.test import Client
from django.urls import reverse

from portal.common.exceptions import Away
from projects.join_requests import actions as join_requests
from projects.models import JoinRequest
from projects.projects.visibility import ProjectQuerySet
from tests.factories import JoinRequestFactory, ProjectFactory
from tests.html import Read

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


OURS = {"Sec-Fetch-Site": "same-origin"}


def test_what_was_filled_in_survives_the_end_of_a_session(user):
    client = Client(enforce_csrf_checks=True)
    project = ProjectFactory(visibility="public")
    address = reverse("project-join", kwargs={"slug": project.slug})
    client.force_login(user)
    form = Read(client.get(address).text).form(having="message")
    form.fill(message='Two\nlines & a "quote" <b>')
    del client.cookies["sessionid"]
    kept = client.post(address, dict(form.pairs()), headers=OURS)
    assert kept.status_code == 403
    assert "You are no longer signed in" in kept.text
    assert not JoinRequest.objects.exists()
    # Signing in makes the page's token stale: the next answer has a new one.
    client.force_login(user)
    del client.cookies["csrftoken"]
    form = Read(kept.text).form(having="message")
    again = client.post(address, dict(form.pairs()), headers=OURS)
    assert again.status_code == 403
    assert "in another tab" in again.text
    form = Read(again.text).form(having="message")
    assert client.post(address, dict(form.pairs()), headers=OURS).status_code == 302
    assert JoinRequest.objects.get().message.splitlines() == ["Two", 'lines & a "quote" <b>']


def test_a_form_of_another_site_gets_no_button_of_ours(client):
    project = ProjectFactory(visibility="public")
    address = reverse("project-join", kwargs={"slug": project.slug})
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert client.post(address, {"message": "x"}, headers=headers).status_code == 302
        stale = Client(enforce_csrf_checks=True).post(address, {"message": "x"}, headers=headers)
        assert "Send it again" not in stale.text


def test_a_password_is_never_sent_back():
    client = Client(enforce_csrf_checks=True)
    sent = {"login": "ada@example.org", "password": "tide-lantern-84"}
    answer = client.post("/accounts/login/", sent, headers=OURS)
    assert answer.status_code == 403
    assert "tide-lantern-84" not in answer.text


def test_a_refusal_leads_back_to_the_page_it_came_from(client, user):
    project = ProjectFactory(lead=user)
    client.force_login(user)
    page = f"http://testserver/projects/{project.slug}/members/"
    asked = JoinRequestFactory(project=project)
    join_requests.withdraw(join_request=asked, by=asked.user)
    approve = reverse("join-request-approve", kwargs={"slug": project.slug, "pk": asked.pk})
    answer = client.post(approve, {"role": "analyst"}, headers={"Referer": page})
    assert answer.status_code == 409
    assert f'href="{page}"' in answer.text
    elsewhere = client.post(approve, {"role": "analyst"}, headers={"Referer": "https://evil.test/"})
    assert "evil.test" not in elsewhere.text


def raising(error):
    """A stand-in that raises."""

    def fail(*args, **kwargs):
        raise error

    return fail


AWAY = [
    OperationalError("server closed the connection unexpectedly"),
    InterfaceError("connection already closed"),
    DatabaseError("error with status PGRES_TUPLES_OK and no message from the libpq"),
    Away("The store of files does not answer."),
]


@pytest.mark.parametrize("error", AWAY)
@pytest.mark.parametrize(
    ("place", "name"), [(ProjectQuerySet, "visible_to"), (SessionStore, "load")]
)
def test_a_part_that_is_away_is_said_on_a_page(user, monkeypatch, error, place, name):
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
