"""What a person may do with a dataset: the project's roles, and the keeper's own rights."""

from typing import Any

from datasets.models import Dataset, Job
from portal.common.exceptions import NotAllowed
from projects.permissions import Permission, permissions_of


def can_change(user: Any, dataset: Dataset) -> bool:
    """Stewards and leads may change any dataset, contributors those they keep."""
    granted = permissions_of(user, dataset.project)
    return Permission.MANAGE_DATA in granted or (
        Permission.ADD_DATA in granted and dataset.created_by_id == user.pk
    )


def require_change(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may change the dataset."""
    if not can_change(user, dataset):
        raise NotAllowed("Only the person who keeps this dataset, a steward or a lead may do this.")


def can_read_rows(user: Any, dataset: Dataset) -> bool:
    """Whether the person may read the dataset's rows; asked again at each request."""
    return Dataset.objects.rows_readable_by(user).filter(pk=dataset.pk).exists()


def require_rows(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may read the dataset's rows."""
    if not can_read_rows(user, dataset):
        raise NotAllowed(
            f"You see this dataset’s summaries, not its rows. Its access level is "
            f"“{dataset.get_access_display()}”.",
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
        raise NotAllowed("Only the person who keeps this dataset, a steward or a lead may map it.")


def can_steer(user: Any, job: Job) -> bool:
    """Whoever began a job may cancel and repeat it while a contributor, stewards and leads any."""
    granted = permissions_of(user, job.project)
    return Permission.MANAGE_DATA in granted or (
        Permission.ADD_DATA in granted and job.created_by_id == user.pk
    )


def require_steering(user: Any, job: Job) -> None:
    """Raise `NotAllowed` unless the person may cancel and repeat the job."""
    if not can_steer(user, job):
        raise NotAllowed("Only the person who began this, a steward or a lead may do this.")
