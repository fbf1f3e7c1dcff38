"""A job as a part of a page."""

from typing import Any

from django.urls import reverse

from portal.common.text import retold
from portal.jobs.choices import JobState
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job
from portal.jobs.permissions import JobPermission, can


def part(job: Job, user: Any) -> dict[str, Any]:
    """The context of components/job_progress.html for this person."""
    job.message = retold(job.message, job.said)
    job.error = HANDLERS[job.kind].error_for(user, job)
    if job.error:
        said = job.error.get("said")
        job.error = job.error | {"detail": retold(job.error.get("detail", ""), said)}
    steers = can(user, JobPermission.STEER, job)
    return {
        "job": job,
        "title": job.title,
        "stands": HANDLERS[job.kind].stands(job) if job.state == JobState.FAILED else None,
        "url": reverse("job", args=[job.pk]),
        "cancel_url": reverse("job-cancel", args=[job.pk]) if steers else "",
        "retry_url": reverse("job-retry", args=[job.pk]) if steers else "",
    }
