"""Cancel and repeat work."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from portal.common.exceptions import Conflict, InvalidTransition
from portal.jobs import running
from portal.jobs.handlers import RECORDERS
from portal.jobs.models import Job
from portal.jobs.permissions import JobPermission, require


@transaction.atomic
def cancel(*, job: Job, by: Any) -> Job:
    """Stop the job: at once while it waits, within a second or so while it runs."""
    require(by, JobPermission.STEER, job)
    job = Job.objects.select_for_update().get(pk=job.pk)
    if not job.is_active:
        raise InvalidTransition(gettext("This work has ended already."))
    running.cancel(job)
    job.refresh_from_db()
    record("job.cancelled", job, by=by)
    return job


@transaction.atomic
def retry(*, job: Job, by: Any) -> Job:
    """Queue a failed or cancelled job once more."""
    require(by, JobPermission.STEER, job)
    job = Job.objects.select_for_update().get(pk=job.pk)
    before = job.state
    try:
        with transaction.atomic():
            queued = running.queue_again(job)
    except IntegrityError as error:
        raise Conflict(gettext("A newer job works on this already."), code="job_active") from error
    if not queued:
        raise InvalidTransition(
            gettext("This work is “%(state)s”, not failed.") % {"state": job.get_state_display()}
        )
    job.refresh_from_db()
    record("job.retried", job, by=by, before={"state": before})
    return job


def record(action: str, job: Job, *, by: Any, before: dict[str, Any] | None = None) -> None:
    """Write down what the person did, wherever the apps above keep it."""
    for recorder in RECORDERS:
        recorder(action, job, by=by, before=before)
