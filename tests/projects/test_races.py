"""Two people at once, each with a connection of their own, many times over."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from members.models import AuditEvent
from portal.common.exceptions import Conflict
from projects.choices import Role
from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.models import JoinRequest, Membership, Project
from tests.factories import JoinRequestFactory, MembershipFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
TRIALS = 40


@pytest.fixture
def at_once():
    """`at_once(one, two)`: both run as close together as threads can; their errors come back."""
    barrier = Barrier(2, timeout=30)

    def run(step):
        barrier.wait()
        try:
            return step()
        except Conflict as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        yield lambda one, two: list(pool.map(run, (one, two)))
        for _ in range(2):
            pool.submit(lambda: (barrier.wait(), connection.close()))


@pytest.fixture
def leads():
    return UserFactory(name="Ann Lead"), UserFactory(name="Ben Lead")


def with_leads(leads):
    project = ProjectFactory(created_by=leads[0])
    for lead in leads:
        MembershipFactory(project=project, user=lead, role=Role.LEAD)
    return project


def test_two_approvals_make_one_membership(at_once, leads):
    project, user = with_leads(leads), UserFactory()
    wins = Counter()
    for _ in range(TRIALS // 2):
        asked = JoinRequestFactory(project=project, user=user)
        answers = at_once(
            lambda asked=asked: join_requests.approve(
                join_request=asked, role="reader", by=leads[0]
            ),
            lambda asked=asked: join_requests.approve(
                join_request=asked, role="steward", by=leads[1]
            ),
        )
        (loser,) = (answer for answer in answers if isinstance(answer, Conflict))
        (winner,) = (answer for answer in answers if isinstance(answer, JoinRequest))
        assert loser.code == "already_decided"
        assert winner.decided_by.name in loser.detail
        membership = Membership.objects.active().get(project=project, user=user)
        assert membership.role == winner.role
        wins[winner.role] += 1
        memberships.leave(project=project, by=user)
    approvals = AuditEvent.objects.filter(action="join_request.approved")
    assert approvals.count() == wins.total() == TRIALS // 2


def test_approval_against_withdrawal_ends_one_way(at_once, leads):
    project, user = with_leads(leads), UserFactory()
    for _ in range(TRIALS // 2):
        asked = JoinRequestFactory(project=project, user=user)
        at_once(
            lambda asked=asked: join_requests.approve(
                join_request=asked, role="reader", by=leads[0]
            ),
            lambda asked=asked: join_requests.withdraw(join_request=asked, by=user),
        )
        asked.refresh_from_db()
        is_member = Membership.objects.active().filter(project=project, user=user).exists()
        assert is_member == (asked.state == "approved")
        assert asked.state in ("approved", "withdrawn")
        if is_member:
            memberships.leave(project=project, by=user)


def test_asking_twice_at_once_asks_once(at_once, leads):
    user = UserFactory()
    for _ in range(TRIALS // 4):
        project = with_leads(leads)

        def ask(project: Project = project):
            return join_requests.ask(project=project, message="We bring data.", by=user)

        answers = at_once(ask, ask)
        assert sum(isinstance(answer, Conflict) for answer in answers) == 1
        assert JoinRequest.objects.open().filter(project=project, user=user).count() == 1


@pytest.mark.parametrize("way", ["leave", "demote_oneself", "end_oneself"])
def test_the_last_lead_stays(at_once, leads, way):
    ann, ben = leads
    for _ in range(TRIALS):
        project = with_leads(leads)
        of_ann, of_ben = Membership.objects.filter(project=project).order_by("user_id")
        steps = {
            "leave": (
                lambda p=project: memberships.leave(project=p, by=ann),
                lambda p=project: memberships.leave(project=p, by=ben),
            ),
            "demote_oneself": (
                lambda m=of_ann: memberships.change_role(membership=m, role="reader", by=ann),
                lambda m=of_ben: memberships.change_role(membership=m, role="reader", by=ben),
            ),
            "end_oneself": (
                lambda m=of_ann: memberships.end(membership=m, by=ann),
                lambda m=of_ben: memberships.end(membership=m, by=ben),
            ),
        }[way]
        answers = at_once(*steps)
        (refused,) = (answer for answer in answers if isinstance(answer, Conflict))
        assert refused.code == "last_lead"
        assert Membership.objects.active().filter(project=project, role=Role.LEAD).count() == 1
