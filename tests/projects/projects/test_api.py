"""Projects, sites, openings and the audit trail over the API."""

import pytest
from django.utils import timezone

from projects.models import Membership, Project
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/"
LEAST = {"title": "Heart disease", "question": "Does it help?"}


def test_start_read_change(api, user):
    client = api(user)
    created = client.post(
        PATH,
        {
            **LEAST,
            "disciplines": ["Infectious disease", "cardiology"],
            "regions": ["southern asia"],
            "conditions": ["tuberculosis"],
            "stage": "recruiting",
            "visibility": "public",
        },
    )
    assert created.status_code == 201
    assert created["Location"] == "/api/v1/projects/heart-disease/"
    body = created.json()
    assert body["disciplines"] == ["infectious-disease", "cardiology"]
    assert body["regions"] == ["Southern Asia"]
    assert (body["sites"], body["countries"]) == (0, 0)
    assert Membership.objects.get().user == user

    one = f"{PATH}heart-disease/"
    read = client.get(one)
    assert read.json() == body
    changed = client.patch(one, {"stage": "analysing"}, headers={"If-Match": read["ETag"]})
    assert changed.json()["stage"] == "analysing"
    stale = client.patch(one, {"stage": "planning"}, headers={"If-Match": read["ETag"]})
    assert stale.status_code == 412


def test_nothing_but_the_allowed_fields_is_ever_set(api, user):
    other = UserFactory()
    mass = {
        "id": 987654,
        "slug": "stolen",
        "created_by": other.pk,
        "created_at": "2000-01-01T00:00:00Z",
        "updated_at": "2000-01-01T00:00:00Z",
        "active_at": "2000-01-01T00:00:00Z",
        "sites": 99,
    }
    unheard_of = {
        "created_by_id": other.pk,
        "search": "'x':1",
        "memberships": [{"user": other.pk, "role": "lead"}],
    }
    refused = api(user).post(PATH, {**LEAST, **mass, **unheard_of})
    assert {one["field"] for one in refused.json()["errors"]} == set(unheard_of)
    assert api(user).post(PATH, {**LEAST, **mass}).status_code == 201
    assert api(user).patch(f"{PATH}heart-disease/", mass).status_code == 200
    project = Project.objects.get()
    assert project.slug == "heart-disease"
    assert project.created_by == user
    assert project.created_at.year > 2000
    assert project.active_at.year > 2000
    assert [row.user for row in project.memberships.all()] == [user]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("question", "x" * 401),
        ("stage", "done"),
        ("disciplines", ["alchemy"]),
        ("disciplines", "cardiology"),
        ("regions", ["Atlantis"]),
        ("visibility", None),
    ],
)
def test_what_does_not_fit_is_told_by_field(api, user, field, value):
    answer = api(user).post(PATH, {**LEAST, field: value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert not Project.objects.exists()


def test_a_nul_in_the_body_is_refused(api, user):
    assert api(user).post(PATH, {**LEAST, "title": "a\0b"}).status_code == 400


def test_who_is_not_signed_in_gets_401_before_anything_else(api):
    ProjectFactory(slug="one")
    for path in ("", "one/", "nothing/", "one/sites/", "one/audit/", "one/memberships/"):
        assert api().get(f"{PATH}{path}").status_code == 401


PRIVATE = ("", "sites/", "openings/", "join-requests/", "memberships/", "audit/")


@pytest.mark.parametrize("below", PRIVATE)
@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
def test_a_private_project_is_as_if_it_were_not(api, user, below, method):
    ProjectFactory(slug="hidden", visibility="private")
    call = getattr(api(user), method)
    answer, unknown = call(f"{PATH}hidden/{below}"), call(f"{PATH}nothing/{below}")
    assert answer.status_code == unknown.status_code == 404
    assert answer.content == unknown.content


def test_sites(api, user):
    project = ProjectFactory(slug="hearts", lead=user)
    body = {"name": "Budapest", "institution": "Heart Centre", "country": "HUN", "id": 7}
    created = api(user).post(f"{PATH}hearts/sites/", body)
    assert created.status_code == 201
    site = created.json()
    assert site["region"] == "Eastern Europe"
    assert api(user).post(f"{PATH}hearts/sites/", body).status_code == 409
    path = f"{PATH}hearts/sites/{site['id']}/"
    assert api(user).patch(path, {"country": "CHE"}).json()["region"] == "Western Europe"
    assert api(user).get(f"{PATH}hearts/sites/").json()["results"] == [api(user).get(path).json()]
    stranger = api(UserFactory())
    assert stranger.get(f"{PATH}hearts/sites/").status_code == 403
    assert stranger.get(path).status_code == 404
    reader = api(MembershipFactory(project=project, role="reader").user)
    assert reader.get(path).status_code == 200
    assert reader.patch(path, {"name": "Mine"}).status_code == 403
    assert reader.post(f"{PATH}hearts/sites/", {}).status_code == 403
    elsewhere = ProjectFactory(slug="other", lead=user)
    assert api(user).get(f"{PATH}{elsewhere.slug}/sites/{site['id']}/").status_code == 404


def test_the_audit_trail_is_for_stewards_and_leads(api, user):
    api(user).post(PATH, LEAST)
    api(user).patch(f"{PATH}heart-disease/", {"stage": "recruiting"})
    rows = api(user).get(f"{PATH}heart-disease/audit/").json()["results"]
    assert [row["action"] for row in rows] == ["project.changed", "project.created"]
    assert rows[0]["actor"] == {"id": user.pk, "name": user.name}
    assert rows[0]["before"] == {"stage": "planning"}
    assert user.email not in str(rows)
    project = Project.objects.get()
    for role in ("reader", "contributor"):
        somebody = MembershipFactory(project=project, role=role).user
        assert api(somebody).get(f"{PATH}heart-disease/audit/").status_code == 403
    steward = MembershipFactory(project=project, role="steward").user
    assert api(steward).get(f"{PATH}heart-disease/audit/").status_code == 200


def test_lists_take_the_same_queries_however_long(api, user, django_assert_max_num_queries):
    project = ProjectFactory(slug="hearts", lead=user)
    lists = [
        "",
        "hearts/sites/",
        "hearts/openings/",
        "hearts/memberships/",
        "hearts/join-requests/",
    ]
    client = api(user)
    client.get(PATH)  # the token's first use is noted
    counts = []
    for more in (1, 9, 30):
        for _ in range(more):
            OpeningFactory(project=ProjectFactory())
            OpeningFactory(project=project)
            MembershipFactory(project=project, site=StudySiteFactory(project=project))
            JoinRequestFactory(project=project, seen_at=timezone.now())
        with django_assert_max_num_queries(30) as asked:
            for below in lists:
                assert client.get(f"{PATH}{below}?limit=200").status_code == 200
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts
