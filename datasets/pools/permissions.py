"""What a person may do with a pooled table that they see."""

from enum import StrEnum
from typing import Any

from datasets.pools.models import PooledTable
from projects.projects.permissions import require
from projects.roles import Permission


class PooledPermission(StrEnum):
    """What somebody may do with a pooled table."""

    REMOVE = "remove it"


def needed_to_remove(user: Any, table: PooledTable) -> Permission:
    """One's own goes by the right that made it, any other by that over the project's data."""
    own = table.created_by_id == user.pk
    return Permission.ANALYSE if own else Permission.MANAGE_DATA


def require_removal(user: Any, table: PooledTable) -> None:
    """Raise `NotAllowed` unless the person may remove the table."""
    require(user, needed_to_remove(user, table), table.project)
