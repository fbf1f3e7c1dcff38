"""`describe`: each variable in numbers, over all rows and per site, region, country or category.

Result:
    {"by", "rows", "groups": [{"level", "n"}],
     "variables": [{"name", "kind": "number" | "category", "edges", "levels",
                    "overall": SUMMARY, "groups": [{"level", **SUMMARY}]}]}
    SUMMARY of a number: n, missing, mean, sd, min, max, quantiles {"0.5": …},
    histogram {edges, counts}, counts for yes-no numbers (else null); of a category: n, missing,
    counts [{value, n}].
`n` counts rows with a value. Quantiles are R's type 7.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datasets.engine.methods.contract import (
    Parameters,
    Result,
    Spec,
    Statistics,
    Warning,
    inputs_json,
    json_safe,
    warning,
)
from datasets.engine.methods.fields import Fields
from datasets.engine.methods.missing_codes import suspicious
from datasets.engine.methods.value_counts import QUANTILES, ValueCounts, nice_edges
from datasets.engine.rows.frame import RESERVED_COLUMNS, Frame, InputInfo, Rows, VariableInfo

FEW = 2
"""Numbers with at most so many distinct values, booleans mostly, are counted like categories."""

MISSING_GROUP = ""
"""The group of rows without a value in `by`; shown as level null."""


def fill(parameters: Any, variables: Mapping[str, VariableInfo]) -> Parameters:
    """`variables` (default: every number and category) and `by` (default: none).

    Raises ParameterError with a message per field.
    """
    fields = Fields(parameters, variables, ("variables", "by"))
    describable = [name for name, info in variables.items() if _describable(info)]
    fields.names(
        "variables",
        _describable,
        "describe takes numbers, booleans and categories",
        default=describable,
    )
    if fields.given("by"):
        fields.name(
            "by",
            lambda info: info.type in ("category", "boolean"),
            "groups come from site, region, country, a category or a boolean",
        )
    else:
        fields.filled["by"] = None
    return fields.done()


def plan(parameters: Parameters, inputs: Sequence[InputInfo]) -> Spec:
    """One round is enough: counts of values are sums."""
    return {"round": 1, "parameters": parameters, "inputs": inputs_json(inputs)}


def summarise(rows: Rows, spec: Spec) -> Statistics:
    """Value counts per group and variable of one site's rows."""
    names, by = spec["parameters"]["variables"], spec["parameters"]["by"]
    groups: dict[str, dict[str, Any]] = {}
    for frame in rows:
        for level, place in _groups(frame, by):
            block = {
                "rows": int(place.sum()),
                "variables": {name: _counted(frame, name, place) for name in names},
            }
            groups[level] = _added(groups[level], block) if level in groups else block
    return {"groups": groups}


def combine(*statistics: Statistics) -> Statistics:
    """Counts of equal values of equal groups added."""
    groups: dict[str, dict[str, Any]] = {}
    for one in statistics:
        for level, block in one["groups"].items():
            groups[level] = _added(groups[level], block) if level in groups else block
    return {"groups": groups}


def estimate(statistics: Statistics, spec: Spec) -> Result | Spec:
    """The description, from counts alone."""
    names, by = spec["parameters"]["variables"], spec["parameters"]["by"]
    groups = statistics["groups"]
    levels = _ordered(list(groups), by, spec)
    warnings: list[Warning] = []
    variables = []
    for name in names:
        parts = {level: groups[level]["variables"][name] for level in levels}
        described, complaints = _variable(name, parts, by)
        variables.append(described)
        warnings.extend(complaints)
    result = {
        "by": by,
        "rows": sum(groups[level]["rows"] for level in levels),
        "groups": [{"level": level or None, "n": groups[level]["rows"]} for level in levels if by],
        "variables": variables,
    }
    return Result(json_safe(result), warnings)


def _describable(info: VariableInfo) -> bool:
    return info.is_numeric or info.type == "category"


def _groups(frame: Frame, by: str | None) -> list[tuple[str, np.ndarray]]:
    if by is None:
        return [(MISSING_GROUP, np.ones(frame.n, dtype=bool))]
    column = frame.columns.get(by)
    if column is None:
        return [(MISSING_GROUP, np.ones(frame.n, dtype=bool))]
    labels = _labels(column)
    return [(str(level), labels == level) for level in np.unique(labels)]


def _labels(column: np.ndarray) -> np.ndarray:
    """Levels as text: booleans and numbers by their value, missing as the missing group."""
    if column.dtype == object:
        return np.array([MISSING_GROUP if v is None else str(v) for v in column], dtype=str)
    return np.array([MISSING_GROUP if np.isnan(v) else f"{v:g}" for v in column], dtype=str)


def _counted(frame: Frame, name: str, place: np.ndarray) -> dict[str, Any]:
    column = frame.columns.get(name)
    if column is None:
        column = np.full(frame.n, np.nan)
    if column.dtype != object:
        return {"number": ValueCounts.of(column[place]).to_json()}
    values = [v for v in column[place] if v is not None]
    levels, counts = np.unique(np.array(values, dtype=str), return_counts=True)
    return {
        "levels": {str(v): int(n) for v, n in zip(levels, counts, strict=True)},
        "missing": int(place.sum()) - len(values),
    }


def _added(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {
        "rows": first["rows"] + second["rows"],
        "variables": {
            name: _added_counts(part, second["variables"][name])
            for name, part in first["variables"].items()
        },
    }


def _added_counts(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    if "number" in first and "number" in second:
        both = ValueCounts.from_json(first["number"]) + ValueCounts.from_json(second["number"])
        return {"number": both.to_json()}
    first, second = _as_levels(first), _as_levels(second)
    levels = dict(first["levels"])
    for value, n in second["levels"].items():
        levels[value] = levels.get(value, 0) + n
    return {"levels": levels, "missing": first["missing"] + second["missing"]}


def _as_levels(part: dict[str, Any]) -> dict[str, Any]:
    """A column that one input lacks altogether comes as numbers, all of them missing."""
    if "levels" in part:
        return part
    return {"levels": {}, "missing": part["number"]["missing"]}


def _ordered(levels: list[str], by: str | None, spec: Spec) -> list[str]:
    """Sites, regions and countries as in `inputs`, other levels sorted, missing last."""
    if by in RESERVED_COLUMNS:
        order = list(dict.fromkeys(one[by] for one in spec["inputs"]))
        ranked = sorted(levels, key=lambda v: (v not in order, order.index(v) if v in order else 0))
    else:
        ranked = sorted(levels)
    return [v for v in ranked if v != MISSING_GROUP] + [v for v in ranked if v == MISSING_GROUP]


def _variable(
    name: str, parts: dict[str, dict[str, Any]], by: str | None
) -> tuple[dict[str, Any], list[Warning]]:
    warnings: list[Warning] = []
    if all("number" in part for part in parts.values()):
        kind = "number"
        groups = {level: ValueCounts.from_json(part["number"]) for level, part in parts.items()}
        whole = ValueCounts.of(np.empty(0))
        for one in groups.values():
            whole = whole + one
        edges = nice_edges(whole.values[0], whole.values[-1]) if whole.n else None
        values = whole.values if whole.values.size <= FEW else None
        overall = _number(whole, edges, values)
        rows = {level: _number(one, edges, values) for level, one in groups.items()}
        warnings.extend(suspicious(name, *found) for found in whole.suspicious())
    else:
        kind = "category"
        merged: dict[str, Any] = {"levels": {}, "missing": 0}
        for part in parts.values():
            merged = _added_counts(merged, part)
        levels = sorted(merged["levels"])
        overall = _category(merged, levels)
        rows = {level: _category(_as_levels(part), levels) for level, part in parts.items()}
    if by is not None:
        for level, row in rows.items():
            if row["n"] == 0 and overall["n"] > 0 and level:
                message = f"{name} was not collected at {level}: every value is missing there."
                warnings.append(warning("not_collected", message))
    grouped = [{"level": level or None} | row for level, row in rows.items()] if by else []
    return {"name": name, "kind": kind, "overall": overall, "groups": grouped}, warnings


def _number(
    counts: ValueCounts, edges: np.ndarray | None, values: np.ndarray | None
) -> dict[str, Any]:
    n = counts.n
    return {
        "n": n,
        "missing": counts.missing,
        "mean": counts.mean if n else None,
        "sd": counts.sd,
        "min": float(counts.values[0]) if n else None,
        "max": float(counts.values[-1]) if n else None,
        "quantiles": {f"{p:g}": counts.quantile(p) for p in QUANTILES},
        "histogram": None
        if edges is None
        else {"edges": edges.tolist(), "counts": counts.histogram(edges)},
        "counts": None
        if values is None
        else [
            {"value": float(v), "n": int(counts.counts[counts.values == v].sum())} for v in values
        ],
    }


def _category(part: dict[str, Any], values: list[str]) -> dict[str, Any]:
    return {
        "n": sum(part["levels"].values()),
        "missing": part["missing"],
        "counts": [{"value": v, "n": part["levels"].get(v, 0)} for v in values],
    }
