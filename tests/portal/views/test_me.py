"""Who a call is made for."""

import pytest

from portal.views.me import MeSerializer
from tests.factories import MembershipFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_it_names_the_person_the_scopes_and_the_memberships(api):
    profile = ProfileFactory()
    mine = MembershipFactory(user=profile.user, role="steward")
    MembershipFactory()
    shown = api(profile.user, scopes=["read", "manage:members"]).get("/api/v1/me/").data
    assert shown.keys() == MeSerializer().fields.keys()
    assert shown["id"] == profile.user.pk
    assert shown["institution"] == profile.institution.name
    assert (shown["country"], shown["disciplines"]) == ("HUN", ["cardiology"])
    assert shown["scopes"] == ["read", "manage:members"]
    assert [row["project"] for row in shown["memberships"]] == [mine.project.slug]
    assert shown["memberships"][0]["role"] == "steward"


def test_a_session_carries_every_scope(client, user):
    client.force_login(user)
    shown = client.get("/api/v1/me/").json()
    assert shown["token"] is None
    assert "manage:members" in shown["scopes"]
    assert (shown["institution"], shown["country"], shown["disciplines"]) == (None, None, [])


def test_strangers_are_asked_to_sign_in(api):
    answer = api().get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer.data["code"] == "not_authenticated"


@pytest.mark.parametrize("rows", [1, 10])
def test_it_asks_the_same_number_of_queries(api, rows, django_assert_num_queries):
    user = UserFactory()
    for _ in range(rows):
        MembershipFactory(user=user)
    script = api(user)
    script.get("/api/v1/me/")
    with django_assert_num_queries(3):
        script.get("/api/v1/me/")
