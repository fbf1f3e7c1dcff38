"""Openings over the API."""

import pytest

from tests.factories import ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/"


def test_openings(api, user):
    ProjectFactory(slug="hearts", lead=user)
    created = api(user).post(
        f"{PATH}hearts/openings/", {"kind": "method", "method": "Survival analysis"}
    )
    assert created.json()["label"] == "Survival analysis"
    path = f"{PATH}hearts/openings/{created.json()['id']}/"
    assert api(user).patch(path, {"filled": True}).json()["filled_at"]
    stranger = api(UserFactory())
    assert len(stranger.get(f"{PATH}hearts/openings/").json()["results"]) == 1
    assert stranger.patch(path, {"filled": False}).status_code == 403
    assert stranger.post(f"{PATH}hearts/openings/", {}).status_code == 403
    assert api(user).post(f"{PATH}hearts/openings/", {"kind": "data"}).status_code == 400


def test_an_opening_may_be_sent_as_it_was_read(api, user):
    """What it does not say is empty in what is read, and was refused as no choice."""
    ProjectFactory(slug="hearts", lead=user)
    sent = {"kind": "method", "method": "Survival analysis", "discipline": "", "region": ""}
    made = api(user).post(f"{PATH}hearts/openings/", sent)
    assert made.status_code == 201
    assert {name: made.data[name] for name in sent} == sent
    assert api(user).post(f"{PATH}hearts/openings/", made.data | {"region": " "}).status_code == 400
