"""Which variables several versions offer together, and the rule each of them follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, ngettext_lazy

from datasets.choices import ColumnType
from datasets.columns.models import Column
from datasets.engine.mapping import harmonise
from datasets.engine.mapping.harmonise import Rule
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import loses_nothing
from datasets.engine.rows.frame import RESERVED_COLUMNS, VariableInfo
from datasets.mappings.approvals import unapproved
from datasets.mappings.models import Mapping
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from portal.common.text import Text, listed, told
from projects.models import Project

Types = dict[str, str]

Dictionaries = dict[int, dict[str, tuple[str, str]]]
"""Label and unit of each column, by version and name."""


WIDER = {frozenset({"integer", "number"}): "number"}
"""Two types that are one: whole numbers at one site, fractions at another."""


WAITS_FOR_SECOND = ngettext_lazy(
    "The rule of %(variable)s for %(versions)s waits for a second person.",
    "The rules of %(variable)s for %(versions)s wait for a second person.",
    "count",
)
WAITS_FOR_READER = ngettext_lazy(
    "The rule of %(variable)s for %(versions)s waits for somebody who may read the rows there: "
    "saving it again approves it.",
    "The rules of %(variable)s for %(versions)s wait for somebody who may read the rows there: "
    "saving them again approves them.",
    "count",
)
DOES_NOT_FIT = ngettext_lazy(
    "The rule of %(variable)s does not fit %(versions)s: %(error)s",
    "The rules of %(variable)s do not fit %(versions)s: %(error)s",
    "count",
)
"""Why rules of a variable, by the count of versions that have them, can't be used."""


@dataclass
class Pool:
    """`variables` are on offer; `rules` has, per version, the rule of each variable it can give.

    `left_out` says by name why a column or variable is not on offer, or is not everywhere;
    `blocked` has the versions whose rule of it can't be used as it stands.
    """

    variables: dict[str, VariableInfo]
    rules: list[dict[str, Rule]]
    left_out: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, list[Version]] = field(default_factory=dict)

    def sites_with(self, name: str) -> int:
        """How many of the versions can give the variable."""
        return sum(name in rules for rules in self.rules)

    def leave_out(self, name: str, versions: Sequence[Version], why: str) -> None:
        """Without a variable as far as these versions are concerned; others may have other
        reasons."""
        self.left_out[name] = f"{self.left_out[name]} {why}" if name in self.left_out else why
        self.blocked.setdefault(name, []).extend(versions)

    def named(self, names: Iterable[str]) -> list[VariableInfo]:
        """Those of these variables that are on offer, once each, in this order."""
        return [self.variables[n] for n in dict.fromkeys(names) if n in self.variables]


def pool(project: Project, versions: Sequence[Version]) -> Pool:
    """Shared names where a version is mapped, else its columns of an equal name and type."""
    columns: dict[int, Types] = {version.pk: {} for version in versions}
    words: Dictionaries = {version.pk: {} for version in versions}
    found = Column.objects.filter(version__in=versions)
    for version_id, name, type_, *said in found.values_list(
        "version_id", "name", "type", "label", "unit"
    ):
        columns[version_id][name] = type_
        words[version_id][name] = (said[0], said[1])
    mapped: dict[int, dict[str, Mapping]] = {}
    for mapping in Mapping.objects.filter(
        dataset__in=[version.dataset_id for version in versions], variable__project=project
    ).select_related("variable", "dataset"):
        mapped.setdefault(mapping.dataset_id, {})[mapping.variable.name] = mapping
    # Asked before those that wait are left out: nothing falls back to a file's own columns.
    if any(m.is_possible for mappings in mapped.values() for m in mappings.values()):
        shared = list(project.variables.select_related("project").order_by("id"))
        return _of_shared(versions, shared, columns, words, mapped)
    own = _of_columns(versions, columns, words)
    for name in project.variables.order_by("id").values_list("name", flat=True):
        if name not in own.variables:
            text = gettext(
                "None of these datasets is mapped to %(variable)s yet: the files’ own columns are "
                "on offer."
            )
            own.left_out.setdefault(name, text % {"variable": name})
    return own


def _of_shared(
    versions: Sequence[Version],
    shared: Sequence[SharedVariable],
    columns: dict[int, Types],
    words: Dictionaries,
    mapped: dict[int, dict[str, Mapping]],
) -> Pool:
    found = Pool({}, [{} for _ in versions])
    waiting = unapproved(
        mapping
        for version in versions
        for mapping in mapped.get(version.dataset_id, {}).values()
        if mapping.rule is not None
        and not loses_nothing(
            mapping.rule, columns[version.pk], mapping.variable.info, words[version.pk]
        )
    )
    for variable in shared:
        unfit: dict[tuple[Text, str], list[Version]] = {}
        for index, version in enumerate(versions):
            types = columns[version.pk]
            mappings = mapped.get(version.dataset_id)
            mapping = mappings.get(variable.name) if mappings else None
            if mappings is None:
                rule: Rule | None = {"kind": "copy", "column": variable.name}
                if types.get(variable.name) != variable.type:
                    continue
            else:
                rule = mapping.rule if mapping else None
                if mapping and mapping.waits(variable.project):
                    unfit.setdefault((WAITS_FOR_SECOND, ""), []).append(version)
                    continue
            if rule is None:
                continue
            if mapping is not None and mapping.pk in waiting:
                unfit.setdefault((WAITS_FOR_READER, ""), []).append(version)
                continue
            try:
                harmonise.validate_rule(rule, types, variable.info)
            except RuleError as error:
                unfit.setdefault((DOES_NOT_FIT, told(error.detail.kept)), []).append(version)
                continue
            found.rules[index][variable.name] = rule
        for (reason, wrong), those in unfit.items():
            why = reason % {
                "count": len(those),
                "variable": _called(variable),
                "versions": listed([version.title for version in those]),
                "error": wrong,
            }
            found.leave_out(variable.name, those, why)
        if found.sites_with(variable.name):
            found.variables[variable.name] = variable.info
    return found


def _called(variable: SharedVariable) -> str:
    """As a sentence names it, for people and for scripts."""
    name = variable.name
    if variable.label and variable.label != name:
        return gettext("%(label)s (%(name)s)") % {"label": variable.label, "name": name}
    return name


def _of_columns(
    versions: Sequence[Version], columns: dict[int, Types], words: Dictionaries
) -> Pool:
    found = Pool({}, [{} for _ in versions])
    names = dict.fromkeys(name for version in versions for name in columns[version.pk])
    for name in names:
        if name in RESERVED_COLUMNS:
            found.left_out[name] = gettext(
                "%(name)s is the engine’s own column for where data come from."
            ) % {"name": name}
            continue
        types = {columns[v.pk][name] for v in versions if name in columns[v.pk]}
        kinds = sorted(types)
        type_: Any = types.pop() if len(types) == 1 else WIDER.get(frozenset(types))
        if type_ is None:
            found.left_out[name] = gettext(
                "%(name)s is of different types in different datasets (%(types)s): define a "
                "shared variable and map it first."
            ) % {"name": name, "types": listed([str(ColumnType(type_).label) for type_ in kinds])}
            continue
        said = [words[v.pk][name] for v in versions if name in columns[v.pk]]
        found.variables[name] = VariableInfo(
            name=name,
            type=type_,
            label=_agreed({label for label, _ in said if label}),
            unit=_agreed({unit for _, unit in said}),
        )
        for index, version in enumerate(versions):
            if name in columns[version.pk]:
                found.rules[index][name] = {"kind": "copy", "column": name}
    return found


def _agreed(words: set[str]) -> str:
    """What all say; nothing where they differ."""
    return words.pop() if len(words) == 1 else ""
