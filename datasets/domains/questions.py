"""What of the declared domains enters a question to a guarded dataset."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.choices import ColumnType
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.rules import rules_for
from datasets.domains.models import Domain
from datasets.engine.guard.row_sets import reads_of
from datasets.engine.mapping import rules as engine
from datasets.engine.mapping.units import conversion
from datasets.engine.rows import frame
from datasets.engine.rows.frame import VariableInfo
from datasets.versions.models import Version

NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}

Rules = Mapping[str, engine.Rule]


@dataclass(frozen=True)
class Known:
    """The types of a guarded version's columns, and what is declared of them."""

    types: dict[str, str]
    declared: dict[str, Domain]


def known_of(versions: Iterable[Version], *, also_open: bool = False) -> dict[int, Known]:
    """Of each guarded one what its question needs, by its id: for all of them in two queries."""
    guarded = [one for one in versions if also_open or not rules_for(one.dataset).is_open]
    if not guarded:
        return {}
    types: dict[int, dict[str, str]] = {one.pk: {} for one in guarded}
    columns = Column.objects.filter(version__in=types).order_by("version", "position")
    for version, name, type_ in columns.values_list("version", "name", "type"):
        types[version][name] = type_
    domains: dict[int, list[Domain]] = {one.dataset_id: [] for one in guarded}
    for domain in Domain.objects.filter(dataset__in=domains):
        domains[domain.dataset_id].append(domain)
    return {
        one.pk: Known(
            types[one.pk],
            {each.column: each for each in domains[one.dataset_id] if fits(each, types[one.pk])},
        )
        for one in guarded
    }


def domains_for(
    known: Known | None, rules: Rules, variables: Sequence[VariableInfo]
) -> dict[str, Any]:
    """What these variables may hold at a version, as a question keeps it; nothing where the
    dataset is open, so that nothing is `known` of it.

    Levels are the shared variable's own, else those its rule gives of declared ones. Of a column of
    numbers a value that was not declared is missing, whatever the rule.
    """
    if known is None:
        return {}
    types, declared = known.types, known.declared
    levels = {name: one.codes for name, one in declared.items() if one.codes}
    read = {name for _, columns in reads_of(rules, types, variables) for name in columns}
    return {
        "columns": [
            {
                "column": name,
                "low": one.low,
                "high": one.high,
                "codes": [float(code) for code in one.codes],
            }
            for name, one in declared.items()
            if name in read and one.type in NUMBERS
        ],
        "variables": [
            {
                "name": info.name,
                "levels": _levels(info, rules[info.name], types, levels),
                "edges": _edges(rules[info.name], declared),
            }
            for info in variables
            if info.name in rules
        ],
    }


def limits_in(kept: Mapping[str, Any]) -> dict[str, engine.Limits]:
    """Limits by column of what `domains_for` gave."""
    return {
        one["column"]: engine.Limits(one["low"], one["high"], tuple(one["codes"]))
        for one in kept.get("columns", ())
    }


def domains_in(kept: Mapping[str, Any]) -> dict[str, frame.Domain]:
    """Domains by variable of what `domains_for` gave."""
    return {
        one["name"]: frame.Domain(
            None if one["levels"] is None else tuple(one["levels"]), tuple(one["edges"])
        )
        for one in kept.get("variables", ())
    }


def undeclared(
    version: Version, kept: Mapping[str, Any], variables: Iterable[VariableInfo]
) -> list[str]:
    """Categories whose levels would come from the data, of a dataset whose rules ask for more."""
    if rules_for(version.dataset).profile not in ("strict", "sums_only"):
        return []
    without = {one["name"] for one in kept.get("variables", ()) if one["levels"] is None}
    return [one.name for one in variables if one.type == "category" and one.name in without]


def declared_levels(datasets: Iterable[int]) -> dict[int, dict[str, tuple[str, ...]]]:
    """By dataset and column the levels of categories that are declared."""
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for one in Domain.objects.filter(dataset__in=list(datasets), type=ColumnType.CATEGORY):
        if one.codes:
            found.setdefault(one.dataset_id, {})[one.column] = one.codes
    return found


def lacks_domains(dataset: Dataset) -> bool:
    """Whether nothing is declared yet, or not of a category of the newest version."""
    columns = set(dataset.domains.values_list("column", flat=True))
    newest = dataset.versions.ready().order_by("-number").first()
    if newest is None:
        return False
    categories = newest.columns.filter(type=ColumnType.CATEGORY).values_list("name", flat=True)
    return not columns or not columns.issuperset(categories)


def fits(domain: Domain, types: Mapping[str, str]) -> bool:
    """Whether the version's column is of the type that was declared, or of the other number's."""
    found = types.get(domain.column)
    return found == domain.type or {found, domain.type} <= NUMBERS


def _levels(
    info: VariableInfo,
    rule: engine.Rule,
    types: Mapping[str, str],
    declared: Mapping[str, tuple[str, ...]],
) -> list[str] | None:
    if info.type != "category":
        return None
    found = info.levels or engine.levels_of(rule, types, declared)
    return None if found is None else list(found)


def _edges(rule: engine.Rule, declared: Mapping[str, Domain]) -> list[float]:
    """The column's own, in the variable's unit."""
    domain = declared.get(rule.get("column", ""))
    if domain is None or not domain.edges:
        return []
    if rule["kind"] == "copy":
        return [float(edge) for edge in domain.edges]
    if rule["kind"] == "unit":
        into = conversion(rule.get("from"), rule.get("to"), rule.get("analyte"))
        return sorted(float(edge) * into.factor + into.offset for edge in domain.edges)
    return []
