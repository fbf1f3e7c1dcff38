"""Ending a membership, from the page and over the API."""

import pytest

from projects.memberships import actions as memberships
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
