"""Who may do what with a membership: what is one's own, and what those who decide may."""

from enum import StrEnum
from typing import Any

from projects.memberships.models import Membership
from projects.projects.permissions import require as require_in_project
from projects.roles import Permission


class MembershipPermission(StrEnum):
    """What somebody may do with a membership."""

    CHANGE = "change a member’s role and last day"
    PLACE = "say at which site a member works"
    END = "end a membership"


OWN = frozenset({MembershipPermission.PLACE, MembershipPermission.END})
"""What members may do with their own membership."""


def require(user: Any, permission: MembershipPermission, membership: Membership) -> None:
    """Raise `NotAllowed` unless the person may do this with the membership."""
    if not (permission in OWN and membership.user_id == user.pk):
        require_in_project(user, Permission.MANAGE_MEMBERS, membership.project)
