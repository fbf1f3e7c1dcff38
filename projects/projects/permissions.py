"""What a person may do in a project, by their role there."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext

from members.models import User
from portal.common.exceptions import NotAllowed
from projects.choices import Visibility
from projects.projects.models import Project
from projects.roles import REFUSALS, ROLE_ORDER, ROLE_PERMISSIONS, Permission, roles_with


def role_in(user: Any, project: Project) -> str | None:
    """The person's role in the project now, if any."""
    if not user.is_authenticated or not user.is_active:
        return None
    return project.memberships.active().filter(user=user).values_list("role", flat=True).first()


def permissions_of(user: Any, project: Project) -> frozenset[Permission]:
    """Everything the person may do in the project; one query."""
    return permissions_as(role_in(user, project), project)


def permissions_as(role: str | None, project: Project) -> frozenset[Permission]:
    """Everything one may do in the project in this role, or in none."""
    granted = ROLE_PERMISSIONS.get(role or "", frozenset())
    if project.visibility == Visibility.PUBLIC:
        granted = granted | {Permission.SEE_INSIDE}
    return granted


def can(user: Any, permission: Permission, project: Project) -> bool:
    """Whether the person may do this in the project."""
    return permission in permissions_of(user, project)


def require(user: Any, permission: Permission, project: Project) -> None:
    """Raise `NotAllowed` unless the person may do this in the project."""
    require_among(permissions_of(user, project), permission)


def require_among(granted: Collection[Permission], permission: Permission) -> None:
    """Raise `NotAllowed` unless the permission is among those granted."""
    if permission not in granted:
        raise NotAllowed(REFUSALS[permission])


def people_with(permission: Permission, project: Project) -> list[User]:
    """The members who may do this now, for telling them that something waits."""
    memberships = project.memberships.active().filter(
        role__in=roles_with(permission), user__is_active=True
    )
    return [membership.user for membership in memberships.select_related("user").order_by("pk")]


def grantable_roles(user: Any, project: Project) -> tuple[str, ...]:
    """The roles the person may give others: up to their own, if they manage members."""
    role = role_in(user, project)
    if role is None or Permission.MANAGE_MEMBERS not in ROLE_PERMISSIONS[role]:
        return ()
    return ROLE_ORDER[: ROLE_ORDER.index(role) + 1]


def require_granting(user: Any, project: Project) -> tuple[str, ...]:
    """The roles the person may give others, or `NotAllowed` for who decides on nobody."""
    roles = grantable_roles(user, project)
    require_among([Permission.MANAGE_MEMBERS] if roles else [], Permission.MANAGE_MEMBERS)
    return roles


def require_grant(user: Any, role: str, project: Project) -> None:
    """Raise `NotAllowed` unless the person may give this role to others."""
    require_role_among(require_granting(user, project), role)


def require_role_among(roles: Collection[str], role: str) -> None:
    """Raise `NotAllowed` unless the role is among those the person may give."""
    if role not in roles:
        raise NotAllowed(
            gettext("You may not give a role beyond your own."), code="role_beyond_own"
        )
