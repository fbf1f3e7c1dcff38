"""Queue, cancel and repeat work."""

from django.db import IntegrityError, transaction

from datasets.models import Job
from datasets.permissions import require_steering
from datasets.pipelines import running
from datasets.pipelines.queue import enqueue
from members.actions import audit_events
from members.models import User
from portal.common.exceptions import Conflict, InvalidTransition

__all__ = ["cancel", "enqueue", "retry"]


@transaction.atomic
def cancel(*, job: Job, by: User) -> Job:
    """Stop the job: at once while it waits, within a second or so while it runs."""
    require_steering(by, job)
    job = Job.objects.select_for_update().get(pk=job.pk)
    if not job.is_active:
        raise InvalidTransition("This work has ended already.")
    running.cancel(job)
    job.refresh_from_db()
    audit_events.record("job.cancelled", job, by=by, project_id=job.project_id)
    return job


@transaction.atomic
def retry(*, job: Job, by: User) -> Job:
    """Queue a failed or cancelled job once more."""
    require_steering(by, job)
    job = Job.objects.select_for_update().get(pk=job.pk)
    before = job.state
    try:
        with transaction.atomic():
            queued = running.queue_again(job)
    except IntegrityError as error:
        raise Conflict("A newer job works on this already.", code="job_active") from error
    if not queued:
        raise InvalidTransition(f"This work is “{job.get_state_display()}”, not failed.")
    job.refresh_from_db()
    audit_events.record(
        "job.retried", job, by=by, project_id=job.project_id, before={"state": before}
    )
    return job
