"""What each role may do: one table, read in a diff."""

from enum import StrEnum

from projects.choices import Role


class Permission(StrEnum):
    """What somebody may do in a project; the value completes “You may not …”."""

    SEE_INSIDE = "see inside this project"
    READ_ROWS = "read the rows of this project’s data"
    ADD_DATA = "add data to this project"
    MANAGE_DATA = "change other people’s data in this project"
    HARMONISE = "change variables and mappings in this project"
    ANALYSE = "run analyses in this project"
    EDIT_PROJECT = "change this project"
    MANAGE_SITES = "change the study sites of this project"
    MANAGE_MEMBERS = "decide on the members of this project"
    READ_AUDIT = "read this project’s audit trail"


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
