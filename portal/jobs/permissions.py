"""Who may cancel and repeat a job: its kind says so."""

from typing import Any

from django.utils.translation import gettext

from portal.common.exceptions import NotAllowed
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job


def can_steer(user: Any, job: Job) -> bool:
    """Whether the person may cancel and repeat the job."""
    return HANDLERS[job.kind].steered_by(user, job)


def require_steering(user: Any, job: Job) -> None:
    """Raise `NotAllowed` unless the person may cancel and repeat the job."""
    if not can_steer(user, job):
        raise NotAllowed(
            gettext("Only the person who began this, a steward or a lead may do this.")
        )
