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
