"""Take people in, change what they are, let them go; a project keeps a lead."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import AuditEvent, Notification
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from projects.choices import Role
from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.models import Membership, Project
from projects.projects.permissions import can, permissions_of
from projects.roles import ROLE_PERMISSIONS, Permission
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    StudySiteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def place_of(project, user):
    return Membership.objects.get(project=project, user=user)


def test_a_lead_adds_people_who_are_told(project, lead, user):
    before = project.active_at
    membership = memberships.add(project=project, user=user, role="steward", by=lead)
    assert membership.is_active
    assert "data steward" in Notification.objects.get(recipient=user).text
    event = AuditEvent.objects.get(action="membership.added")
    assert event.after["role"] == "steward"
    project.refresh_from_db()
    assert project.active_at > before
    with pytest.raises(Conflict) as error:
        memberships.add(project=project, user=user, role="reader", by=lead)
    assert error.value.code == "already_member"


def test_who_has_asked_is_decided_on_not_added(project, lead, user):
    JoinRequestFactory(project=project, user=user)
    with pytest.raises(Conflict) as error:
        memberships.add(project=project, user=user, role="reader", by=lead)
    assert error.value.code == "join_request_open"


def test_what_has_ended_is_past_change_and_only_who_may_change_hears_so(project, lead):
    target = memberships.end(membership=MembershipFactory(project=project), by=lead)
    reader = MembershipFactory(project=project, role="reader").user
    for step in (
        lambda by: memberships.change_role(membership=target, role="reader", by=by),
        lambda by: memberships.end(membership=target, by=by),
        lambda by: memberships.keep(membership=target, by=by),
        lambda by: memberships.place(membership=target, site=None, by=by),
    ):
        with pytest.raises(NotAllowed):
            step(reader)
        with pytest.raises(Conflict) as error:
            step(lead)
        assert error.value.code == "membership_ended"


@pytest.mark.parametrize("role", [None, "reader", "contributor", "steward"])
def test_only_who_manages_members_changes_them(project, lead, user, role):
    somebody = MembershipFactory(project=project, role=role).user if role else UserFactory()
    target = MembershipFactory(project=project)
    for step in (
        lambda: memberships.add(project=project, user=user, role="reader", by=somebody),
        lambda: memberships.change_role(membership=target, role="reader", by=somebody),
        lambda: memberships.end(membership=target, by=somebody),
        lambda: memberships.keep(membership=target, by=somebody),
        lambda: memberships.place(membership=target, site=None, by=somebody),
    ):
        with pytest.raises(NotAllowed):
            step()
    target.refresh_from_db()
    assert target.role == "contributor"
    assert target.ends_at is None


def test_access_ends_with_the_membership(project, lead, user):
    project.visibility = "private"
    project.save()
    memberships.add(project=project, user=user, role="steward", by=lead)
    assert can(user, Permission.HARMONISE, project)
    memberships.end(membership=place_of(project, user), by=lead)
    assert permissions_of(user, project) == frozenset()
    assert not Project.objects.visible_to(user).exists()
    assert AuditEvent.objects.filter(action="membership.ended").exists()


def test_coming_back_uses_the_same_row(project, lead, user):
    first = memberships.add(project=project, user=user, role="steward", by=lead)
    memberships.leave(project=project, by=user)
    again = memberships.add(project=project, user=user, role="reader", by=lead)
    assert again.pk == first.pk
    assert again.starts_at > first.starts_at
    assert again.role == "reader"


def test_the_last_lead_cannot_leave_be_ended_demoted_or_given_an_end(project, lead):
    own = place_of(project, lead)
    tomorrow = timezone.now() + timedelta(days=1)
    for step in (
        lambda: memberships.leave(project=project, by=lead),
        lambda: memberships.end(membership=own, by=lead),
        lambda: memberships.end(membership=own, by=lead, at=tomorrow),
        lambda: memberships.change_role(membership=own, role="steward", by=lead),
        lambda: memberships.change(membership=own, role="reader", by=lead),
    ):
        with pytest.raises(Conflict) as error:
            step()
        assert error.value.code == "last_lead"
    own.refresh_from_db()
    assert (own.role, own.ends_at) == ("lead", None)


def test_a_lead_with_a_last_day_or_a_closed_account_does_not_count(project, lead):
    MembershipFactory(project=project, role=Role.LEAD, ends_at=timezone.now() + timedelta(days=30))
    MembershipFactory(project=project, role=Role.LEAD, user__is_active=False)
    with pytest.raises(Conflict):
        memberships.leave(project=project, by=lead)


def test_with_another_lead_one_may_go(project, lead):
    other = MembershipFactory(project=project, role=Role.LEAD).user
    memberships.leave(project=project, by=lead)
    assert AuditEvent.objects.get(action="membership.left").actor_id == lead.pk
    with pytest.raises(Conflict) as error:
        memberships.leave(project=project, by=other)
    assert error.value.code == "last_lead"


def test_an_ended_membership_is_past_change(project, lead, user):
    row = memberships.add(project=project, user=user, role="reader", by=lead)
    memberships.end(membership=row, by=lead)
    for step in (
        lambda: memberships.change_role(membership=row, role="lead", by=lead),
        lambda: memberships.end(membership=row, by=lead),
        lambda: memberships.leave(project=project, by=user),
    ):
        with pytest.raises(Conflict):
            step()


def test_a_last_day_is_still_to_come_and_can_be_taken_back(project, lead, user):
    row = memberships.add(project=project, user=user, role="reader", by=lead)
    with pytest.raises(Invalid):
        memberships.end(membership=row, by=lead, at=timezone.now() - timedelta(hours=1))
    later = timezone.now() + timedelta(days=3)
    assert memberships.change(membership=row, by=lead, ends=later).is_active
    assert memberships.change(membership=row, by=lead, ends=None).ends_at is None


def test_changes_come_together_or_not_at_all(project, lead, user):
    row = memberships.add(project=project, user=user, role="reader", by=lead)
    elsewhere = StudySiteFactory()
    with pytest.raises(Invalid):
        memberships.change(membership=row, by=lead, role="steward", site=elsewhere)
    row.refresh_from_db()
    assert row.role == "reader"


def test_members_say_their_own_site(project, lead, user):
    row = memberships.add(project=project, user=user, role="reader", by=lead)
    site = StudySiteFactory(project=project)
    assert memberships.place(membership=row, site=site, by=user).site == site
    with pytest.raises(NotAllowed):
        memberships.change_role(membership=row, role="lead", by=user)


def test_losing_the_lead_takes_decisions_off_the_inbox(project, lead):
    other = MembershipFactory(project=project, role=Role.LEAD)
    asked = join_requests.ask(project=project, message="We bring data.", by=UserFactory())
    lines = Notification.objects.filter(event=f"join_request.{asked.pk}.asked", done_at=None)
    assert lines.count() == 2
    memberships.change_role(membership=other, role="steward", by=lead)
    assert [line.recipient for line in lines] == [lead]


def test_every_role_has_its_permissions_and_each_more_than_the_one_below():
    assert set(ROLE_PERMISSIONS) == set(Role.values)
    reader, contributor, steward, lead = (
        ROLE_PERMISSIONS[role] for role in ("reader", "contributor", "steward", "lead")
    )
    assert reader < contributor < steward < lead == frozenset(Permission)
