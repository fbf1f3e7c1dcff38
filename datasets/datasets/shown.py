"""What the page of a dataset offers one person."""

from dataclasses import dataclass
from typing import Any

from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can, granted_on
from projects.projects.permissions import permissions_as, role_in


@dataclass(frozen=True)
class Offered:
    """The person's role in the project, and what the page lets them do."""

    role: str | None
    reads_rows: bool
    changes: bool
    reads_audit: bool


def offered_to(user: Any, dataset: Dataset) -> Offered:
    """What the dataset's page offers this person; the role is looked up once."""
    role = role_in(user, dataset.project)
    granted = granted_on(user, dataset, permissions_as(role, dataset.project))
    return Offered(
        role=role,
        reads_rows=can(user, DatasetPermission.READ_ROWS, dataset),
        changes=DatasetPermission.CHANGE in granted,
        reads_audit=DatasetPermission.READ_AUDIT in granted,
    )
