"""What each role may do: one table, read in a diff."""

from enum import StrEnum

from django.utils.translation import gettext_lazy

from portal.common.text import Text
from projects.choices import Role


class Permission(StrEnum):
    """What somebody may do in a project."""

    SEE_INSIDE = "see_inside"
    READ_ROWS = "read_rows"
    ADD_DATA = "add_data"
    MANAGE_DATA = "manage_data"
    HARMONISE = "harmonise"
    ANALYSE = "analyse"
    EDIT_PROJECT = "edit_project"
    MANAGE_SITES = "manage_sites"
    MANAGE_MEMBERS = "manage_members"
    READ_AUDIT = "read_audit"


REFUSALS: dict[Permission, Text] = {
    Permission.SEE_INSIDE: gettext_lazy(
        "You may not see inside this project. Ask one of its leads."
    ),
    Permission.READ_ROWS: gettext_lazy(
        "You may not read the rows of this project’s data. Ask one of its leads."
    ),
    Permission.ADD_DATA: gettext_lazy(
        "You may not add data to this project. Ask one of its leads."
    ),
    Permission.MANAGE_DATA: gettext_lazy(
        "You may not change other people’s data in this project. Ask one of its leads."
    ),
    Permission.HARMONISE: gettext_lazy(
        "You may not change variables and mappings in this project. Ask one of its leads."
    ),
    Permission.ANALYSE: gettext_lazy(
        "You may not run analyses in this project. Ask one of its leads."
    ),
    Permission.EDIT_PROJECT: gettext_lazy("You may not change this project. Ask one of its leads."),
    Permission.MANAGE_SITES: gettext_lazy(
        "You may not change the study sites of this project. Ask one of its leads."
    ),
    Permission.MANAGE_MEMBERS: gettext_lazy(
        "You may not decide on the members of this project. Ask one of its leads."
    ),
    Permission.READ_AUDIT: gettext_lazy(
        "You may not read this project’s audit trail. Ask one of its leads."
    ),
}
"""What somebody is told who lacks a permission."""


READER = frozenset({Permission.SEE_INSIDE})


CONTRIBUTOR = READER | {Permission.READ_ROWS, Permission.ADD_DATA, Permission.ANALYSE}


STEWARD = CONTRIBUTOR | {Permission.MANAGE_DATA, Permission.HARMONISE, Permission.READ_AUDIT}


LEAD = STEWARD | {
    Permission.EDIT_PROJECT,
    Permission.MANAGE_SITES,
    Permission.MANAGE_MEMBERS,
}


ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.READER: READER,
    Role.CONTRIBUTOR: CONTRIBUTOR,
    Role.STEWARD: STEWARD,
    Role.LEAD: LEAD,
}


ROLE_ORDER: tuple[str, ...] = (Role.READER, Role.CONTRIBUTOR, Role.STEWARD, Role.LEAD)


def roles_with(permission: Permission) -> tuple[str, ...]:
    """The roles that may do this, the smallest first."""
    return tuple(role for role in ROLE_ORDER if permission in ROLE_PERMISSIONS[role])
