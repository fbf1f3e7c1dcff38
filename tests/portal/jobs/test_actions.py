"""Who may stop and repeat work, and what that does."""

import pytest

from members.models import AuditEvent
from portal.common.exceptions import Conflict, InvalidTransition, NotAllowed
from portal.jobs import actions as jobs
from portal.jobs import running
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_its_beginner_a_steward_and_a_lead_stop_it(job):
    people = [job.created_by] + [
        MembershipFactory(project_id=job.project_id, role=role).user for role in ("steward", "lead")
    ]
    for by in people:
        assert jobs.cancel(job=job, by=by).state == JobState.CANCELLED
        assert jobs.retry(job=job, by=by).state == JobState.QUEUED
    assert AuditEvent.objects.filter(action="job.cancelled").count() == 3


@pytest.mark.parametrize("role", ["reader", "contributor", None])
def test_others_do_not(job, role):
    by = MembershipFactory(project_id=job.project_id, role=role).user if role else UserFactory()
    with pytest.raises(NotAllowed):
        jobs.cancel(job=job, by=by)
    with pytest.raises(NotAllowed):
        jobs.retry(job=job, by=by)


def test_what_has_ended_cannot_be_cancelled_and_what_runs_cannot_be_repeated(job):
    with pytest.raises(InvalidTransition):
        jobs.retry(job=job, by=job.created_by)
    jobs.cancel(job=job, by=job.created_by)
    with pytest.raises(InvalidTransition):
        jobs.cancel(job=job, by=job.created_by)


def test_cancelling_a_running_job_asks_its_worker(job):
    claimed = running.claim(job.pk)
    assert jobs.cancel(job=job, by=job.created_by).state == JobState.RUNNING
    assert running.held(claimed).get().cancel_requested_at


def test_an_old_job_is_not_repeated_beside_a_new_one(job):
    jobs.cancel(job=job, by=job.created_by)
    Job.objects.create(
        kind=job.kind, target_id=job.target_id, project_id=job.project_id, created_by=job.created_by
    )
    with pytest.raises(Conflict):
        jobs.retry(job=job, by=job.created_by)
