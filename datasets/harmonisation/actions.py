"""Define a project's shared variables, change them, remove them."""

import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from datasets.choices import ColumnType
from datasets.engine.rows.frame import RESERVED_COLUMNS
from datasets.mappings import actions as mappings
from datasets.variables.models import SharedVariable
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Conflict, Invalid
from portal.common.models import validated_save
from portal.common.transitions import locked
from projects.models import Project
from projects.projects.actions import mark_active
from projects.projects.permissions import require
from projects.roles import Permission

FIELDS = ("name", "label", "type", "unit", "codes", "topic", "wave")


NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")


CODED = (ColumnType.CATEGORY, ColumnType.BOOLEAN)


MOST_CODES = 200


LONGEST_CODE = 200


@transaction.atomic
def create(
    *,
    project: Project,
    name: str,
    type: str,
    label: str = "",
    unit: str = "",
    codes: dict[str, str] | None = None,
    topic: str = "",
    wave: str = "",
    repeat_of: SharedVariable | None = None,
    copied_from: SharedVariable | None = None,
    by: User,
) -> SharedVariable:
    """Define a variable that every dataset of the project can be mapped to."""
    require(by, Permission.HARMONISE, project)
    Project.objects.select_for_update().get(pk=project.pk)
    variable = SharedVariable(
        project=project,
        name=name,
        type=type,
        label=label,
        unit=unit,
        topic=topic,
        wave=wave,
        repeat_of=repeat_of,
        copied_from=copied_from,
        created_by=by,
    )
    variable.codes = codes or {}
    refuse(mistakes_in(project, name=name, type=type, codes=variable.codes))
    validated_save(variable)
    mark_active(project)
    audit_events.record(
        "shared_variable.created",
        variable,
        by=by,
        scopes={"project": project.pk},
        after=_state(variable),
    )
    return variable


def change(
    *, variable: SharedVariable, changes: dict[str, Any], by: User, reads_data: bool = True
) -> SharedVariable:
    """Change a variable; the name only while nothing uses it.

    With another type or other codes every mapping is checked again: a rule that no longer fits
    leaves its mapping undetermined, with a note that says why. With `reads_data=False` so does one
    that depends on values.
    """
    require(by, Permission.HARMONISE, variable.project)
    with audit_events.written_last():
        variable = locked(SharedVariable.objects.all(), variable.pk)
        before = _state(variable)
        for field in FIELDS:
            if field in changes:
                setattr(variable, field, changes[field])
        renamed = variable.name if variable.name != before["name"] else None
        refuse(
            mistakes_in(variable.project, name=renamed, type=variable.type, codes=variable.codes)
        )
        if renamed is not None and is_used(variable, name=before["name"]):
            raise Conflict(gettext("The name is fixed: mappings or analyses use this variable."))
        after = _state(variable)
        if after == before:
            return variable
        validated_save(variable)
        if (after["type"], after["codes"]) != (before["type"], before["codes"]):
            mappings.check_again(variable=variable, by=by, reads_data=reads_data)
        audit_events.record(
            "shared_variable.changed",
            variable,
            by=by,
            scopes={"project": variable.project_id},
            before=before,
            after=after,
        )
    return variable


@audit_events.written_last()
def delete(*, variable: SharedVariable, by: User) -> None:
    """Remove a variable that nothing uses."""
    require(by, Permission.HARMONISE, variable.project)
    variable = locked(SharedVariable.objects.all(), variable.pk)
    if is_used(variable):
        raise Conflict(
            gettext("Mappings or analyses use this variable: remove its mappings first.")
        )
    audit_events.record(
        "shared_variable.deleted",
        variable,
        by=by,
        scopes={"project": variable.project_id},
        before=_state(variable),
    )
    variable.delete()


def is_used(variable: SharedVariable, name: str | None = None) -> bool:
    """Whether a mapping or an analysis speaks of the variable."""
    return (
        variable.mappings.exists()
        or variable.project.analyses.filter(
            variables__contains=[{"name": name or variable.name}]
        ).exists()
    )


def refuse(mistakes: dict[str, str]) -> None:
    """Raise all of them at once, where there are any."""
    if mistakes:
        raise Invalid(errors=mistakes)


def mistakes_in(project: Project, *, name: Any, type: Any, codes: Any) -> dict[str, str]:
    """By field, why a variable of the project may not have this name or these codes.

    A name that stays is None; codes are looked at only where the type is one.
    """
    found = {}
    if isinstance(name, str):
        try:
            check_name(name)
            if project.variables.filter(name=name).exists():
                found["name"] = gettext("This project has a shared variable of that name.")
        except Invalid as error:
            found["name"] = error.detail
    if type in ColumnType.values:
        try:
            check_codes(codes, type)
        except Invalid as error:
            found["codes"] = error.detail
    return found


def check_name(name: str) -> None:
    """Raise `Invalid` for what no shared variable may be called."""
    if not NAME.fullmatch(name):
        text = gettext("Start with a letter; then letters, digits and _ only.")
        raise Invalid(errors={"name": text})
    if name in RESERVED_COLUMNS:
        text = gettext("%(name)s is the engine’s own column for where data come from.")
        raise Invalid(errors={"name": text % {"name": name}})


def check_codes(codes: Any, type: str) -> None:
    """Raise `Invalid` for what no variable of the type may have for codes."""
    if not isinstance(codes, dict):
        raise Invalid(errors={"codes": gettext("Give the codes as an object: code to meaning.")})
    if codes and type not in CODED:
        raise Invalid(errors={"codes": gettext("Only categories and yes/no variables have codes.")})
    if len(codes) > MOST_CODES:
        raise Invalid(
            errors={"codes": gettext("At most %(most)s codes are possible.") % {"most": MOST_CODES}}
        )
    for code, meaning in codes.items():
        if not code or not isinstance(meaning, str) or max(len(code), len(meaning)) > LONGEST_CODE:
            raise Invalid(
                errors={
                    "codes": gettext("Codes and meanings are texts of 1 to %(most)s characters.")
                    % {"most": LONGEST_CODE}
                }
            )
        if "\x00" in code + meaning:
            raise Invalid(errors={"codes": gettext("A code contains a NUL character.")})
    if type == ColumnType.BOOLEAN and not set(codes) <= {"0", "1"}:
        raise Invalid(errors={"codes": gettext("A yes/no variable has the codes 0 and 1.")})


def _state(variable: SharedVariable) -> dict[str, Any]:
    return {field: getattr(variable, field) for field in FIELDS}
