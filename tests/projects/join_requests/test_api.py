"""Join requests over the API, from asking to leaving."""

import pytest

from members.choices import Scope
from projects.choices import Role
from projects.models import JoinRequest, Membership
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    ProfileFactory,
    ProjectFactory,
    StudySiteFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(lead):
    return ProjectFactory(lead=lead, slug="hearts", join_questions=["Which device?"])


def test_ask_see_approve(api, project, lead):
    user = ProfileFactory(user__name="Uma User").user
    path = "/api/v1/projects/hearts/join-requests/"
    body = {"message": "300 patients", "answers": ["A cuff"], "state": "approved", "role": "lead"}
    answer = api(user).post(path, body)
    assert answer.status_code == 201
    asked = answer.json()
    assert asked["state"] == "open"
    assert asked["role"] is None
    assert asked["answers"] == [{"question": "Which device?", "answer": "A cuff"}]
    assert asked["seen_at"] is None

    listed = api(lead).get(path, {"state": "open"}).json()["results"]
    assert [row["id"] for row in listed] == [asked["id"]]
    assert listed[0]["institution"].startswith("Hospital")
    assert "@" not in str(listed)
    assert listed[0]["seen_at"] is not None

    one = f"/api/v1/join-requests/{asked['id']}/"
    answer = api(lead).post(f"{one}approve/", {"role": "steward"})
    assert answer.status_code == 200
    assert answer.json()["decided_by"] == {"id": lead.pk, "name": "Lea Lead"}
    assert Membership.objects.active().get(user=user).role == "steward"
    assert api(user).get(one).json()["state"] == "approved"

    again = api(lead).post(f"{one}approve/", {"role": "steward"})
    assert again.status_code == 409
    assert again.json()["code"] == "already_decided"
    assert "Lea Lead approved" in again.json()["detail"]


def test_decline_withdraw_and_ask_again(api, project, lead, user):
    path = "/api/v1/projects/hearts/join-requests/"
    body = {"message": "300 patients", "answers": ["A cuff"]}
    first = api(user).post(path, body).json()["id"]
    assert api(user).post(path, body).status_code == 409
    no_reason = api(lead).post(f"/api/v1/join-requests/{first}/decline/", {})
    assert no_reason.status_code == 400
    assert no_reason.json()["errors"][0]["field"] == "reason"
    assert (
        api(lead)
        .post(f"/api/v1/join-requests/{first}/decline/", {"reason": "Full"})
        .json()["reason"]
        == "Full"
    )
    second = api(user).post(path, body).json()["id"]
    assert api(lead).post(f"/api/v1/join-requests/{second}/withdraw/").status_code == 403
    taken = api(user).post(f"/api/v1/join-requests/{second}/withdraw/")
    assert taken.json()["state"] == "withdrawn"
    assert api(user).post(path, body).status_code == 201


def test_a_default_role_is_contributor(api, project, lead, user):
    asked = JoinRequestFactory(project=project, user=user)
    api(lead).post(f"/api/v1/join-requests/{asked.pk}/approve/")
    assert Membership.objects.get(user=user).role == "contributor"


@pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": "x" * 2001}])
def test_what_does_not_fit_is_told_by_field(api, project, user, body):
    answer = api(user).post(
        "/api/v1/projects/hearts/join-requests/", {"answers": ["A cuff"], **body}
    )
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "message"


def test_others_see_neither_the_request_nor_that_it_exists(api, project, user):
    asked = JoinRequestFactory(project=project)
    steward = MembershipFactory(project=project, role=Role.STEWARD).user
    for somebody in (user, steward):
        client = api(somebody)
        for step in ("", "approve/", "decline/", "withdraw/"):
            call = client.post if step else client.get
            answer, unknown = (
                call(f"/api/v1/join-requests/{pk}/{step}") for pk in (asked.pk, 987654321)
            )
            assert answer.status_code == unknown.status_code == 404
            assert answer.content == unknown.content
        listed = client.get("/api/v1/projects/hearts/join-requests/")
        assert listed.json()["results"] == []


def test_a_closed_project_refuses_in_words(api, user):
    ProjectFactory(slug="closed", join_policy="closed")
    answer = api(user).post("/api/v1/projects/closed/join-requests/", {"message": "Hello"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "join_closed"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/join-requests/{asked}/approve/"),
        ("post", "/api/v1/join-requests/{asked}/decline/"),
        ("patch", "/api/v1/memberships/{member}/"),
        ("delete", "/api/v1/memberships/{member}/"),
    ],
)
def test_decisions_need_their_scope(api, project, lead, method, path):
    asked, member = JoinRequestFactory(project=project), MembershipFactory(project=project)
    path = path.format(asked=asked.pk, member=member.pk)
    body = {"role": "reader"} if "memberships" in path else {"reason": "Full", "role": "reader"}
    poor = api(lead, scopes=[scope for scope in Scope.values if scope != "manage:members"])
    answer = getattr(poor, method)(path, body)
    assert answer.status_code == 403
    assert answer.json()["code"] == "insufficient_scope"
    assert JoinRequest.objects.open().exists()
    rich = api(lead, scopes=["manage:members"])
    assert getattr(rich, method)(path, body).status_code == 200


class TestMemberships:
    @pytest.mark.parametrize("body", [[], [["site"]], [{"role": "lead"}], 5, "site"])
    def test_a_change_is_an_object(self, api, project, user, body):
        row = MembershipFactory(project=project, user=user, role=Role.READER)
        answer = api(user).patch(f"/api/v1/memberships/{row.pk}/", body)
        assert answer.status_code in (400, 403)
        row.refresh_from_db()
        assert (row.role, row.site) == (Role.READER, None)

    def test_change_and_end(self, api, project, lead, user):
        row = MembershipFactory(project=project, user=user, role=Role.READER)
        site = StudySiteFactory(project=project)
        path = f"/api/v1/memberships/{row.pk}/"
        changed = api(lead).patch(path, {"role": "steward", "site": site.pk, "user": lead.pk})
        assert changed.json()["role"] == "steward"
        assert changed.json()["site"] == {"id": site.pk, "name": site.name}
        assert changed.json()["user"]["id"] == user.pk
        ends = api(lead).patch(path, {"ends": "2999-01-01T00:00:00Z"}).json()["ends"]
        assert ends.startswith("2999-01-01")
        assert api(lead).delete(path).json()["active"] is False
        listed = api(lead).get("/api/v1/projects/hearts/memberships/").json()["results"]
        assert [(r["user"]["id"], r["active"]) for r in listed] == [
            (lead.pk, True),
            (user.pk, False),
        ]

    def test_the_last_lead_stays(self, api, project, lead):
        path = f"/api/v1/memberships/{Membership.objects.get(user=lead).pk}/"
        for answer in (api(lead).delete(path), api(lead).patch(path, {"role": "reader"})):
            assert answer.status_code == 409
            assert answer.json()["code"] == "last_lead"

    def test_one_may_leave_and_say_ones_site_but_not_rise(self, api, project, user):
        row = MembershipFactory(project=project, user=user, role=Role.READER)
        site = StudySiteFactory(project=project)
        path = f"/api/v1/memberships/{row.pk}/"
        assert api(user).patch(path, {"site": site.pk}).status_code == 200
        assert api(user).patch(path, {"role": "lead"}).status_code == 403
        assert api(user).patch(path, {"site": StudySiteFactory().pk}).status_code == 400
        assert api(user).delete(path).status_code == 200

    def test_strangers_see_no_members_of_a_listed_project(self, api, project, user):
        answer = api(user).get("/api/v1/projects/hearts/memberships/")
        assert answer.status_code == 403
        path = f"/api/v1/memberships/{Membership.objects.get().pk}/"
        assert api(user).get(path).status_code == 404

    @pytest.mark.parametrize("body", [{"role": "owner"}, {"site": "x"}, {"ends": "soon"}])
    def test_what_does_not_fit_is_refused(self, api, project, lead, body):
        row = MembershipFactory(project=project)
        assert api(lead).patch(f"/api/v1/memberships/{row.pk}/", body).status_code == 400
