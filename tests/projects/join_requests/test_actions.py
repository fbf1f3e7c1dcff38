"""Ask to join, and decide on who asked."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import AuditEvent, Notification
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from projects import roles
from projects.choices import Role
from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.models import JoinRequest, Membership
from tests.factories import MembershipFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


def ask(project, user, **values):
    return join_requests.ask(project=project, by=user, **{"message": "300 patients", **values})


def actions_of(target):
    events = AuditEvent.objects.filter(object_type="joinrequest", object_id=str(target.pk))
    return list(events.order_by("id").values_list("action", flat=True))


def test_who_is_let_in_becomes_a_member_and_everybody_is_told(project, lead, user):
    asked = ask(project, user)
    waiting = Notification.objects.get(recipient=lead)
    assert waiting.action_label == "Decide"
    assert waiting.url == f"/projects/{project.slug}/members/#request-{asked.pk}"

    approved = join_requests.approve(join_request=asked, role="steward", by=lead)
    assert approved.updated_at == JoinRequest.objects.get(pk=asked.pk).updated_at

    membership = Membership.objects.active().get(project=project, user=user)
    assert membership.role == "steward"
    asked.refresh_from_db()
    assert (asked.state, asked.role, asked.decided_by) == ("approved", "steward", lead)
    assert asked.decided_at is not None
    told = Notification.objects.get(recipient=user)
    assert "Hearts" in told.text
    assert "steward" in told.text
    waiting.refresh_from_db()
    assert waiting.done_at is not None
    assert actions_of(asked) == ["join_request.asked", "join_request.approved"]


def test_all_leads_are_told_and_one_decision_settles_it_for_all(project, lead, user):
    other = MembershipFactory(project=project, role=Role.LEAD).user
    MembershipFactory(project=project, role=Role.STEWARD)
    asked = ask(project, user)
    open_lines = Notification.objects.filter(event=f"join_request.{asked.pk}.asked")
    assert {line.recipient for line in open_lines} == {lead, other}
    join_requests.decline(join_request=asked, reason="Full", by=other)
    assert not open_lines.filter(done_at=None).exists()


def test_a_refusal_gives_its_reason_and_one_may_ask_again(project, lead, user):
    first = ask(project, user)
    join_requests.decline(join_request=first, reason="  We need cardiologists.  ", by=lead)
    first.refresh_from_db()
    assert (first.state, first.reason, first.role) == ("declined", "We need cardiologists.", "")
    assert "We need cardiologists." in Notification.objects.get(recipient=user).text
    assert not Membership.objects.filter(project=project, user=user).exists()
    second = ask(project, user)
    assert second.pk != first.pk
    assert second.state == "open"


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 2001])
def test_a_refusal_needs_a_reason(project, lead, user, reason):
    asked = ask(project, user)
    with pytest.raises(Invalid) as error:
        join_requests.decline(join_request=asked, reason=reason, by=lead)
    assert "reason" in error.value.errors
    asked.refresh_from_db()
    assert asked.state == "open"


def test_taking_it_back_settles_the_leads_inbox_and_one_may_ask_again(project, lead, user):
    asked = ask(project, user)
    join_requests.withdraw(join_request=asked, by=user)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == ("withdrawn", user)
    assert Notification.objects.get(recipient=lead).done_at is not None
    assert ask(project, user).state == "open"


def test_nobody_takes_back_what_another_asked(project, lead, user):
    asked = ask(project, user)
    for somebody in (lead, UserFactory()):
        with pytest.raises(NotAllowed):
            join_requests.withdraw(join_request=asked, by=somebody)


def test_one_open_request_a_person(project, user):
    ask(project, user)
    with pytest.raises(Conflict) as error:
        ask(project, user)
    assert error.value.code == "already_asked"
    assert JoinRequest.objects.count() == 1


def test_members_have_nothing_to_ask(project, lead):
    with pytest.raises(Conflict) as error:
        ask(project, lead)
    assert error.value.code == "already_member"


def test_what_was_decided_stays_and_the_second_learns_who_decided(project, lead, user):
    asked = ask(project, user)
    other = MembershipFactory(project=project, role=Role.LEAD).user
    join_requests.decline(join_request=asked, reason="Full", by=lead)
    for step in (
        lambda: join_requests.approve(join_request=asked, role="reader", by=other),
        lambda: join_requests.decline(join_request=asked, reason="No", by=other),
        lambda: join_requests.withdraw(join_request=asked, by=user),
    ):
        with pytest.raises(Conflict) as error:
            step()
        assert error.value.code == "already_decided"
        assert "Lea Lead declined" in error.value.detail


@pytest.mark.parametrize("role", [None, "reader", "contributor", "steward"])
def test_only_leads_decide(project, user, role):
    asked = ask(project, user)
    somebody = MembershipFactory(project=project, role=role).user if role else UserFactory()
    with pytest.raises(NotAllowed):
        join_requests.approve(join_request=asked, role="reader", by=somebody)
    with pytest.raises(NotAllowed):
        join_requests.decline(join_request=asked, reason="No", by=somebody)
    with pytest.raises(NotAllowed):
        join_requests.approve(join_request=asked, role="reader", by=user)
    asked.refresh_from_db()
    assert asked.state == "open"


def test_a_lead_whose_membership_ended_decides_no_more(project, lead, user):
    asked = ask(project, user)
    MembershipFactory(project=project, role=Role.LEAD)
    memberships.leave(project=project, by=lead)
    with pytest.raises(NotAllowed):
        join_requests.approve(join_request=asked, role="reader", by=lead)
    assert Notification.objects.get(event=f"join_request.{asked.pk}.asked").done_at is not None


def test_nobody_gives_a_role_beyond_their_own(project, user, monkeypatch):
    may_manage = roles.STEWARD | {roles.Permission.MANAGE_MEMBERS}
    monkeypatch.setitem(roles.ROLE_PERMISSIONS, Role.STEWARD, may_manage)
    steward = MembershipFactory(project=project, role=Role.STEWARD).user
    asked = ask(project, user)
    assert JoinRequest.objects.visible_to(steward).get() == asked
    with pytest.raises(NotAllowed) as error:
        join_requests.approve(join_request=asked, role="lead", by=steward)
    assert error.value.code == "role_beyond_own"
    join_requests.approve(join_request=asked, role="steward", by=steward)


@pytest.mark.parametrize("role", ["", "owner", "LEAD"])
def test_a_role_has_to_exist(project, lead, user, role):
    asked = ask(project, user)
    with pytest.raises(Invalid):
        join_requests.approve(join_request=asked, role=role, by=lead)


def test_a_closed_project_says_so(lead, user):
    project = ProjectFactory(lead=lead, join_policy="closed")
    with pytest.raises(NotAllowed) as error:
        ask(project, user)
    assert error.value.code == "join_closed"


def test_a_project_one_does_not_see_cannot_be_asked(lead, user):
    with pytest.raises(NotAllowed):
        ask(ProjectFactory(lead=lead, visibility="private"), user)


class TestOpenToVerifiedAccounts:
    @pytest.fixture
    def project(self, lead):
        return ProjectFactory(lead=lead, join_policy="verified")

    def test_a_verified_newcomer_is_in_at_once(self, project, lead, user):
        asked = ask(project, user)
        assert asked.state == "approved"
        membership = Membership.objects.active().get(project=project, user=user)
        assert membership.role == "contributor"
        line = Notification.objects.get(recipient=lead)
        assert line.action_label == ""
        assert "has joined" in line.text
        assert actions_of(asked) == ["join_request.asked", "join_request.approved"]

    def test_an_account_that_is_not_verified_waits_for_a_lead(self, project):
        stranger = UserFactory(address=False)
        assert ask(project, stranger).state == "open"

    def test_who_was_sent_away_does_not_walk_back_in(self, project, lead, user):
        ask(project, user)
        membership = Membership.objects.get(project=project, user=user)
        memberships.end(membership=membership, by=lead)
        assert ask(project, user).state == "open"

    def test_who_was_declined_waits_for_a_lead(self, project, lead):
        stranger = UserFactory(address=False)
        asked = ask(project, stranger)
        join_requests.decline(join_request=asked, reason="Who are you?", by=lead)
        stranger.emailaddress_set.update(verified=True)
        assert ask(project, stranger).state == "open"


class TestQuestions:
    @pytest.fixture
    def project(self, lead):
        return ProjectFactory(lead=lead, join_questions=["Which device?", "How many beds?"])

    def test_answers_keep_the_question_as_it_read(self, project, lead, user):
        asked = ask(project, user, answers=["Pulse oximeter", " 40 "])
        project.join_questions = ["Other"]
        project.save()
        asked.refresh_from_db()
        assert asked.answers == [
            {"question": "Which device?", "answer": "Pulse oximeter"},
            {"question": "How many beds?", "answer": "40"},
        ]

    @pytest.mark.parametrize("answers", [[], ["one"], ["a", "b", "c"], ["a", "  "]])
    def test_every_question_is_answered(self, project, user, answers):
        with pytest.raises(Invalid) as error:
            ask(project, user, answers=answers)
        assert "answers" in error.value.errors

    def test_answers_without_questions_are_refused(self, user, lead):
        with pytest.raises(Invalid):
            ask(ProjectFactory(lead=lead), user, answers=["a"])


@pytest.mark.parametrize("message", ["", " \n", "x" * 2001])
def test_the_message_says_something(project, user, message):
    with pytest.raises(Invalid) as error:
        ask(project, user, message=message)
    assert "message" in error.value.errors


def test_seen_is_noted_once_and_only_by_who_decides(project, lead, user):
    asked = ask(project, user)
    join_requests.see(join_requests=[asked], by=user)
    join_requests.see(
        join_requests=[asked], by=MembershipFactory(project=project, role=Role.STEWARD).user
    )
    asked.refresh_from_db()
    assert asked.seen_at is None
    join_requests.see(join_requests=[asked], by=lead)
    asked.refresh_from_db()
    first = asked.seen_at
    assert first <= timezone.now()
    join_requests.see(join_requests=[JoinRequest.objects.get(pk=asked.pk)], by=lead)
    asked.refresh_from_db()
    assert asked.seen_at == first


def test_a_closed_account_is_not_let_in(project, lead, user):
    asked = ask(project, user)
    user.is_active = False
    user.save()
    with pytest.raises(Conflict):
        join_requests.approve(join_request=asked, role="reader", by=lead)


def test_approving_somebody_back_renews_the_same_row(project, lead, user):
    row = MembershipFactory(project=project, user=user, role=Role.STEWARD)
    memberships.end(membership=row, by=lead)
    join_requests.approve(join_request=ask(project, user), role="reader", by=lead)
    row.refresh_from_db()
    assert row.is_active
    assert row.role == "reader"
    assert Membership.objects.filter(project=project, user=user).count() == 1


def test_a_decision_looks_up_the_role_once(project, lead, user):
    asked = ask(project, user)
    with CaptureQueriesContext(connection) as asking:
        join_requests.approve(join_request=asked, role="reader", by=lead)
    roles_of = f'SELECT "{Membership._meta.db_table}"."role"'
    looked_up = [query for query in asking.captured_queries if query["sql"].startswith(roles_of)]
    assert len(looked_up) == 1
