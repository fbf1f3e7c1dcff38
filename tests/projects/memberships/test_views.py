"""Changing, ending and leaving a membership, from the page and over the API."""

import pytest

from projects.choices import Role
from projects.memberships import actions as memberships
from projects.models import Membership
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("asking", "status"), [("reader", 403), ("lead", 409)])
def test_what_has_ended_already_is_told_to_who_may_end_it(
    client, api, project, lead, asking, status
):
    """Members see former memberships; who may end none of them hears that, not its state."""
    target = memberships.end(membership=MembershipFactory(project=project), by=lead)
    reader = MembershipFactory(project=project, role="reader").user
    by = lead if asking == "lead" else reader
    client.force_login(by)
    page = client.post(f"/projects/hearts/members/{target.pk}/end/")
    assert page.status_code == status
    assert api(by).delete(f"/api/v1/memberships/{target.pk}/").status_code == status


def test_a_membership_is_changed_ended_and_left(page, project, lead, user):
    row = MembershipFactory(project=project, user=user, role=Role.READER)
    client = page(lead)
    path = f"/projects/hearts/members/{row.pk}/"
    assert client.get(path).status_code == 200
    client.post(path, {"role": "steward", "site": "", "ends": "2999-01-01"})
    row.refresh_from_db()
    assert row.role == "steward"
    assert row.ends_at.year == 2999
    assert client.post(path, {"role": "steward", "ends": "2001-01-01"}).status_code == 422
    client.post(f"{path}end/")
    row.refresh_from_db()
    assert not row.is_active
    assert "no access any more" in client.get("/projects/hearts/members/").content.decode()
    assert page(user).get("/projects/hearts/members/").status_code == 403


def test_the_last_lead_stays(page, project, lead):
    own = Membership.objects.get(user=lead)
    client = page(lead)
    assert client.post("/projects/hearts/leave/").status_code == 409
    answer = client.post(f"/projects/hearts/members/{own.pk}/", {"role": "reader"})
    assert answer.status_code == 422
    assert "A project needs a lead" in answer.content.decode()


def test_members_may_leave_and_say_their_site_only(page, project, user):
    row = MembershipFactory(project=project, user=user, role=Role.READER)
    path = f"/projects/hearts/members/{row.pk}/"
    page(user).post(path, {"role": "lead", "ends": "2999-01-01"})
    row.refresh_from_db()
    assert (row.role, row.ends_at) == ("reader", None)
    other = MembershipFactory(project=project)
    assert page(user).get(f"/projects/hearts/members/{other.pk}/").status_code == 403
    assert page(user).post("/projects/hearts/leave/").url == "/projects/"
