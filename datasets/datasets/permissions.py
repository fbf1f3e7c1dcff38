"""What a person may do with a dataset: the project's roles, and the keeper's own rights."""

from typing import Any

from django.utils.translation import gettext

from datasets.datasets.models import Dataset
from portal.common.exceptions import NotAllowed
from portal.jobs.models import Job
from projects.models import Project
from projects.projects.permissions import permissions_of
from projects.roles import Permission


def can_change(user: Any, dataset: Dataset) -> bool:
    """Stewards and leads may change any dataset, contributors those they keep."""
    granted = permissions_of(user, dataset.project)
    return Permission.MANAGE_DATA in granted or (
        Permission.ADD_DATA in granted and dataset.created_by_id == user.pk
    )


def require_change(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may change the dataset."""
    if not can_change(user, dataset):
        raise NotAllowed(
            gettext("Only the person who keeps this dataset, a steward or a lead may do this.")
        )


def can_read_rows(user: Any, dataset: Dataset) -> bool:
    """Whether the person may read the dataset's rows; asked again at each request."""
    return Dataset.objects.rows_readable_by(user).filter(pk=dataset.pk).exists()


def require_rows(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may read the dataset's rows."""
    if not can_read_rows(user, dataset):
        raise NotAllowed(
            gettext(
                "You see this dataset’s summaries, not its rows. Its access level is “%(access)s”."
            )
            % {"access": dataset.get_access_display()},
            code="rows_not_readable",
        )


def can_map(user: Any, dataset: Dataset) -> bool:
    """Stewards and leads may map any dataset, contributors those they keep."""
    granted = permissions_of(user, dataset.project)
    return Permission.HARMONISE in granted or (
        Permission.ADD_DATA in granted and dataset.created_by_id == user.pk
    )


def require_map(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may map the dataset."""
    if not can_map(user, dataset):
        raise NotAllowed(
            gettext("Only the person who keeps this dataset, a steward or a lead may map it.")
        )


def require_rule(user: Any, dataset: Dataset, rule: dict[str, Any] | None) -> None:
    """Raise `NotAllowed` for a rule that can single out one row of rows the person may not read.

    One that multiplies a single person's value by a million writes that value into the mean.
    """
    if isinstance(rule, dict) and rule.get("kind") != "copy" and not can_read_rows(user, dataset):
        raise NotAllowed(
            gettext(
                "Only people who may read this dataset’s rows write recodings and expressions "
                "for it. You may copy a column."
            ),
            code="rows_not_readable",
        )


def can_read_audit(user: Any, dataset: Dataset) -> bool:
    """Whoever may change the dataset sees who did what to it."""
    return can_change(user, dataset)


def require_audit(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may see who did what to the dataset."""
    if not can_read_audit(user, dataset):
        raise NotAllowed(
            gettext("Only the person who keeps this dataset, a steward or a lead may do this.")
        )


def can_steer(user: Any, job: Job) -> bool:
    """Whoever began a job may cancel and repeat it while a contributor, stewards and leads any."""
    granted = permissions_of(user, Project.objects.get(pk=job.project_id))
    return Permission.MANAGE_DATA in granted or (
        Permission.ADD_DATA in granted and job.created_by_id == user.pk
    )
