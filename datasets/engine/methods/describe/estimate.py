"""The description, from counts alone."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from datasets.engine.methods.contract import Answer, Caution, in_order
from datasets.engine.methods.describe.checks import checked
from datasets.engine.methods.describe.parameters import Parameters
from datasets.engine.methods.describe.result import (
    CategoryGroup,
    CategorySummary,
    CategoryVariable,
    Count,
    Description,
    GroupSize,
    Histogram,
    NumberGroup,
    NumberSummary,
    NumberVariable,
    Variable,
)
from datasets.engine.methods.describe.statistics import (
    Counts,
    Group,
    LevelCounts,
    Spec,
    Statistics,
    WithheldCounts,
    added,
    as_levels,
)
from datasets.engine.methods.shared.missing_codes import Suspicion, cautions, not_collected
from datasets.engine.methods.shared.value_counts import QUANTILES, ValueCounts, nice_edges
from datasets.engine.methods.shared.words import level_of
from datasets.engine.rows.frame import RESERVED_COLUMNS, InputInfo

FEW = 2
"""Numbers with at most so many distinct values, booleans mostly, are counted like categories."""

Part = tuple[str | None, Counts]
"""A group's level and one variable's counts in it."""


def plan(parameters: Parameters, inputs: Sequence[InputInfo]) -> Spec:
    """The one round a description takes."""
    return Spec(parameters, in_order(inputs))


def estimate(statistics: Statistics, spec: Spec) -> Answer[Description]:
    """Means, spreads, quantiles (R's type 7), histograms and counts, overall and per group."""
    by = spec.parameters.by
    groups = _ordered(statistics.groups, by, spec.inputs)
    warnings: list[Caution] = []
    variables: list[Variable] = []
    for k, name in enumerate(spec.parameters.variables):
        parts = [(group.level, group.counts[k]) for group in groups]
        described, suspicions = _variable(name, parts, by is not None)
        variables.append(_flagged(described, groups))
        warnings.extend(cautions(suspicions))
        if by is not None:
            warnings.extend(_not_collected(name, by, parts))
    result = Description(
        by=by,
        rows=sum(group.rows for group in groups),
        groups=tuple(
            GroupSize(one.level, one.rows, one.rounded) for one in groups if by is not None
        ),
        variables=tuple(variables),
        approximate=any(group.rounded for group in groups),
    )
    return Answer(checked(result), tuple(warnings))


def _flagged(variable: Variable, groups: Sequence[Group]) -> Variable:
    """The variable with its summaries saying in which of them a guarded site's rows are."""
    rounded = {group.level: group.rounded for group in groups}
    whole: Any = replace(variable.overall, approximate=any(rounded.values()))
    parts: Any = tuple(replace(one, approximate=rounded[one.level]) for one in variable.groups)
    return replace(variable, overall=whole, groups=parts)


def _ordered(groups: Sequence[Group], by: str | None, inputs: Sequence[InputInfo]) -> list[Group]:
    """Sites, regions and countries as in `inputs`, other levels sorted, missing last."""
    order: list[str] = []
    if by in RESERVED_COLUMNS:
        order = list(dict.fromkeys(getattr(one, by) for one in inputs))

    def place(group: Group) -> tuple[bool, int, str]:
        level = group.level or ""
        known = order.index(level) if level in order else len(order)
        return group.level is None, known, level

    return sorted(groups, key=place)


def _variable(name: str, parts: Sequence[Part], grouped: bool) -> tuple[Variable, list[Suspicion]]:
    if any(
        isinstance(one, LevelCounts) or (isinstance(one, WithheldCounts) and one.is_category)
        for _, one in parts
    ):
        return _category_variable(name, parts, grouped), []
    return _number_variable(name, parts, grouped)


def _number_variable(
    name: str, parts: Sequence[Part], grouped: bool
) -> tuple[NumberVariable, list[Suspicion]]:
    whole = reduce(added, [one for _, one in parts] or [ValueCounts.of(np.empty(0))])
    edges = values = None
    if isinstance(whole, ValueCounts):
        if whole.n and whole.grain != "sums":
            edges = nice_edges(whole.values[0], whole.values[-1])
        if whole.values.size <= FEW and whole.grain in ("exact", "table"):
            values = whole.values
    groups = [
        NumberGroup(**vars(_number(one, edges, values)), level=level)
        for level, one in parts
        if grouped
    ]
    described = NumberVariable(name, _number(whole, edges, values), tuple(groups))
    suspicious = whole.suspicious() if isinstance(whole, ValueCounts) else []
    return described, [Suspicion(name, value, n) for value, n in suspicious]


def _category_variable(name: str, parts: Sequence[Part], grouped: bool) -> CategoryVariable:
    whole = reduce(added, [one for _, one in parts])
    levels = whole.levels if isinstance(whole, LevelCounts) else ()
    # Rare levels of guarded sites, which have no name, come last.
    values = sorted((level for level, _ in levels), key=lambda one: (one is None, one or ""))
    groups = [
        CategoryGroup(**vars(_category(one, values)), level=level)
        for level, one in parts
        if grouped
    ]
    return CategoryVariable(name, _category(whole, values), tuple(groups))


def _not_collected(name: str, by: str, parts: Sequence[Part]) -> list[Caution]:
    """A variable without any value in a group, though there are values elsewhere."""
    sizes = [(level, one.n) for level, one in parts if not isinstance(one, WithheldCounts)]
    if not any(n for _, n in sizes):
        return []
    return [
        not_collected(name, level_of(by, level))
        for level, n in sizes
        if n == 0 and level is not None
    ]


def _number(counts: Counts, edges: np.ndarray | None, values: np.ndarray | None) -> NumberSummary:
    if not isinstance(counts, ValueCounts):
        withheld = None if values is None else tuple(Count(float(v), None) for v in values)
        return NumberSummary(None, None, None, None, None, None, None, None, withheld)
    n = counts.n
    histogram = None
    if edges is not None and counts.grain != "sums":
        histogram = Histogram(tuple(edges.tolist()), tuple(counts.histogram(edges)))
    few = None
    if values is not None:
        few = tuple(Count(float(v), int(counts.counts[counts.values == v].sum())) for v in values)
    return NumberSummary(
        n=n,
        missing=counts.missing,
        mean=counts.mean if n else None,
        sd=counts.sd,
        min=float(counts.values[0]) if n and counts.grain == "exact" else None,
        max=float(counts.values[-1]) if n and counts.grain == "exact" else None,
        quantiles={f"{p:g}": counts.quantile(p) for p in QUANTILES}
        if counts.grain != "sums"
        else None,
        histogram=histogram,
        counts=few,
    )


def _category(found: Counts, values: Sequence[str | None]) -> CategorySummary:
    if isinstance(found, WithheldCounts):
        return CategorySummary(None, None, tuple(Count(value, None) for value in values))
    counts = as_levels(found)
    known = dict(counts.levels)
    return CategorySummary(
        n=counts.n,
        missing=counts.missing,
        counts=tuple(Count(value, known.get(value, 0)) for value in values),
    )
