"""Asking and following on pages, as a browser without JavaScript sends it."""

import pytest

from projects.models import JoinRequest, Membership
from tests.factories import (
    JoinRequestFactory,
    ProfileFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def join_questions():
    return ["Which device?"]


def test_who_is_not_signed_in_is_asked_to_and_comes_back(client, project):
    answer = client.get("/projects/hearts/join/")
    assert answer.status_code == 302
    assert answer.url.endswith("?next=/projects/hearts/join/")


def test_ask_follow_withdraw(page, project):
    user = ProfileFactory(
        user__name="Uma User", orcid="0000-0002-1825-0097", institution__name="Heart Centre"
    ).user
    client = page(user)
    form = client.get("/projects/hearts/join/").content.decode()
    for shown in ("0000-0002-1825-0097", "Heart Centre", "Which device?", "What joining means"):
        assert shown in form
    sent = client.post(
        "/projects/hearts/join/", {"message": "300 patients", "answer_0": "A cuff"}, follow=True
    )
    tracker = sent.content.decode()
    assert sent.redirect_chain[-1][0] == "/projects/hearts/join/#track-h"
    assert "No lead has opened it yet." in tracker
    assert "A cuff" in tracker
    for path in ("/projects/hearts/", "/projects/"):
        assert "Requested" in client.get(path).content.decode()
    gone = client.post("/projects/hearts/join/withdraw/", follow=True).content.decode()
    assert "Taken back" in gone
    assert "Ask again" in gone
    assert client.post("/projects/hearts/join/withdraw/").status_code == 409


def test_an_incomplete_request_comes_back_with_what_was_written(page, project, user):
    answer = page(user).post("/projects/hearts/join/", {"message": "300 patients", "answer_0": ""})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "300 patients" in text
    assert "The project asks everybody this" in text
    assert not JoinRequest.objects.exists()


def test_a_second_request_is_refused_in_words(page, project, user):
    JoinRequestFactory(project=project, user=user)
    answer = page(user).post("/projects/hearts/join/", {"message": "Me", "answer_0": "x"})
    assert answer.status_code == 409
    assert "You have asked already" in answer.content.decode()


def test_members_are_sent_to_the_project(page, project, lead):
    assert page(lead).get("/projects/hearts/join/").url == "/projects/hearts/"


def test_a_closed_project_says_so(page, user):
    ProjectFactory(slug="closed", join_policy="closed")
    html = page(user).get("/projects/closed/join/").content.decode()
    assert "by invitation only" in html
    assert '<a href="/projects/closed/">The project’s page</a> names them: write to one' in html
    assert "reads your request and decides" not in html, "there is none to send"
    assert page(user).post("/projects/closed/join/", {"message": "x"}).status_code == 403


def test_an_open_project_says_that_one_is_in_at_once(page, user):
    ProjectFactory(slug="open", join_policy="verified")
    html = page(user).get("/projects/open/join/").content.decode()
    assert "You are in at once." in html
    assert "reads your request and decides" not in html, "nobody does"
    page(user).post("/projects/open/join/", {"message": "300 patients"})
    assert Membership.objects.active().filter(user=user, role="contributor").exists()
