"""Who may do what with a job: its kind says so."""

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext

from portal.common.exceptions import NotAllowed
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job


class JobPermission(StrEnum):
    """What somebody may do with a job."""

    STEER = "cancel and repeat it"


def can(user: Any, permission: JobPermission, job: Job) -> bool:
    """Whether the person may do this with the job."""
    return {JobPermission.STEER: HANDLERS[job.kind].steered_by}[permission](user, job)


def require(user: Any, permission: JobPermission, job: Job) -> None:
    """Raise `NotAllowed` unless the person may do this with the job."""
    if not can(user, permission, job):
        raise NotAllowed(
            gettext("Only the person who began this, a steward or a lead may do this.")
        )
