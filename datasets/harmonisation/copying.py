"""Shared variables taken over from another project, or repeated for another wave."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.renaming import renamed, with_ending
from datasets.harmonisation import actions as shared_variables
from datasets.harmonisation.matrix import newest_versions
from datasets.mappings import actions as mappings
from datasets.variables.models import SharedVariable
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import DomainError, Invalid
from portal.common.text import listed, told
from projects.models import Project
from projects.projects.permissions import require
from projects.roles import Permission

NUMBERED = re.compile(r"[^\W\d]\D*\d+")
"""A wave that is called by a word and a number, as “wave 2”. In “6 months” the number is a time,
which a label may name for what was asked about."""

COPIED = ("name", "label", "type", "unit", "codes", "topic", "wave")


@dataclass
class Repeated:
    """A variable of another wave, the step that mapped it, and by dataset why a rule was left."""

    variable: SharedVariable
    batch: uuid.UUID
    mapped: int = 0
    left: list[tuple[Dataset, str]] = field(default_factory=list)


def sources_for(project: Project, user: Any) -> list[Project]:
    """Other projects whose shared variables the person may see, by title."""
    seen = SharedVariable.objects.visible_to(user).exclude(project=project)
    return list(Project.objects.filter(pk__in=seen.values("project")).order_by("title"))


def offered(project: Project, source: Project, user: Any) -> list[dict[str, Any]]:
    """The source's variables, each with whether the project has one of that name."""
    there = set(project.variables.values_list("name", flat=True))
    seen = SharedVariable.objects.visible_to(user).filter(project=source).order_by("id")
    return [{"variable": one, "is_there": one.name in there} for one in seen]


@audit_events.written_last()
def copy(
    *, project: Project, source: Project, names: Sequence[str], by: User
) -> list[SharedVariable]:
    """Define the same variables here: all of them, or none.

    Their rules come along as suggestions, for somebody to look at.
    """
    require(by, Permission.HARMONISE, project)
    seen = SharedVariable.objects.visible_to(by).filter(project=source)
    originals = {one.name: one for one in seen.filter(name__in=names)}
    unknown = [name for name in names if name not in originals]
    if unknown:
        text = gettext("That project has no shared variable %(names)s.")
        raise Invalid(errors={"names": text % {"names": listed(unknown[:10])}})
    taken = list(project.variables.filter(name__in=names).values_list("name", flat=True))
    if taken:
        text = gettext("This project has shared variables of these names already: %(names)s.")
        raise Invalid(errors={"names": text % {"names": listed(taken[:10])}}, code="taken")
    return [
        shared_variables.create(
            project=project,
            **{name: getattr(original, name) for name in COPIED},
            copied_from=original,
            by=by,
        )
        for original in sorted(originals.values(), key=lambda one: one.pk)
    ]


def _label_at(variable: SharedVariable, wave: str) -> str:
    """The label, with the new wave where it names the old one: its own, or, where nobody said which
    that is, one that is called like the new one, but for its number."""
    if variable.wave:
        return variable.wave_in_words.sub(lambda _: wave, variable.label)
    if not NUMBERED.fullmatch(wave):
        return variable.label
    alike = r"\d+".join(re.escape(part) for part in re.split(r"\d+", wave))
    return re.sub(rf"(?<!\w){alike}(?!\w)", lambda _: wave, variable.label, flags=re.IGNORECASE)


@audit_events.written_last()
def repeat(
    *,
    variable: SharedVariable,
    name: str,
    wave: str,
    old: str,
    new: str,
    by: User,
    reads_data: bool = True,
) -> Repeated:
    """The same variable measured at another time, mapped by the same rules over other columns.

    Column names that end in `old` end in `new` instead. Where a dataset has no such column, or the
    person may not map it, its rule is left out; with `reads_data=False` so is one that depends on
    values.
    """
    require(by, Permission.HARMONISE, variable.project)
    if not wave.strip():
        raise Invalid(errors={"wave": gettext("Say which wave it is, such as 6 months.")})
    if old == new:
        raise Invalid(errors={"new": gettext("The endings are the same: name another one.")})
    again = shared_variables.create(
        project=variable.project,
        **{each: getattr(variable, each) for each in COPIED}
        | {"name": name, "label": _label_at(variable, wave.strip()), "wave": wave.strip()},
        repeat_of=variable.repeat_of or variable,
        by=by,
    )
    found = Repeated(again, uuid.uuid4())
    mapped = variable.mappings.filter(rule__isnull=False).select_related("dataset__project")
    seen = set(Dataset.objects.visible_to(by).filter(project=variable.project_id))
    originals = [one for one in mapped if one.dataset in seen]
    versions = newest_versions([one.dataset for one in originals])
    for one in originals:
        try:
            rule = renamed(one.rule or {}, with_ending(old, new))
        except RuleError as error:
            found.left.append((one.dataset, told(error.detail.kept)))
            continue
        if rule == one.rule:
            text = gettext("No column of its rule ends in %(ending)s.") % {"ending": old}
            found.left.append((one.dataset, text))
            continue
        if one.dataset_id not in versions or not can(by, DatasetPermission.MAP, one.dataset):
            found.left.append((one.dataset, gettext("You may not map it.")))
            continue
        try:
            mappings.save(
                variable=again,
                dataset=one.dataset,
                version=versions[one.dataset_id],
                rule=rule,
                note=one.note,
                by=by,
                reads_data=reads_data,
                batch=found.batch,
            )
        except DomainError as error:
            found.left.append((one.dataset, error.detail))
        else:
            found.mapped += 1
    return found
