"""Profiles as people without row access may see them, and the rules for distributions.

`threshold` t is the fewest people a number may be about (3, 5, 10 or 11).
"""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from datasets.engine.guard.dates import DATES, as_dates, in_days
from datasets.engine.guard.rules import rules_of
from datasets.engine.guard.suppression import hidden_in_line
from datasets.engine.guard.tables import (
    coarse_moments,
    coarse_quantiles,
    moments_of,
    released_counts,
    released_line,
)
from datasets.engine.rows.frame import LARGEST

V = TypeVar("V")

MOST_COUNTED = 20
"""Different values that are counted one by one; of more it is told about how many there are."""

Declared = Mapping[str, Sequence[str]]
"""All levels that a column can have, by its name, where its keeper said so."""


def gate_profile(
    profile: dict[str, Any], threshold: int, declared: Declared | None = None
) -> dict[str, Any]:
    """A dataset's profile {rows, columns} as people without row access may see it."""
    rows = profile["rows"]
    columns = [gate_column(one, rows, threshold, declared) for one in profile["columns"]]
    return profile | {"rows": in_fives(rows, threshold), "columns": columns}


def in_fives(count: int, threshold: int) -> int:
    """A count as it is told to whoever may not read the rows: in a page as in an analysis."""
    return rules_of("standard", threshold).rounded(count)


def gate_column(
    column: dict[str, Any], rows: int, threshold: int, declared: Declared | None = None
) -> dict[str, Any]:
    """One column's profile without exact extremes and counts, small ones and anybody's own words.

    Counts are those of a table of rounded numbers, and what is told of few values follows from it.
    Whether a few values are missing or none is told apart by nothing.
    Its bins are those of the grid that no single value moves. Of a category whose levels are
    declared all of them are there, and any other is missing, as a rare one is.
    """
    shown = copy.deepcopy(column) | {"min": None, "max": None, "suspicious": []}
    shown["histogram"] = shown.pop("grid", None)
    levels = (declared or {}).get(column["name"]) if column["type"] == "category" else None
    if levels is not None:
        shown |= _declared_levels(column, rows, threshold, levels)
        return _rounded(shown, column, threshold) | {"distinct": len(levels)}
    top = column.get("top") or []
    if column["type"] in ("text", "identifier"):
        top = []
    rest = column["n"] - sum(one["n"] for one in top)
    missing = _told_missing(column["missing"], threshold)
    cells = np.array([*(one["n"] for one in top), rest, missing])
    hidden = hidden_in_line(cells, threshold)
    if hidden is None:
        hidden = set(range(len(cells)))
    small = column["n"] < threshold
    shown |= {"n": column["n"] + column["missing"] - missing, "missing": missing}
    if len(cells) - 1 in hidden or small:
        shown |= {"n": None, "missing": None}
    merged = [k for k in range(len(top)) if k in hidden or small]
    shown["top"] = [one for k, one in enumerate(top) if k not in merged]
    if merged:
        known = sum(top[k]["n"] for k in merged) if shown["n"] is not None else None
        shown["top"].append({"value": None, "n": known})
    if small or column["type"] in ("text", "identifier") or _is_beyond_reach(column):
        shown |= dict.fromkeys(("mean", "sd", "quantiles", "histogram"))
        return _rounded(shown, column, threshold)
    if merged and (column["type"] == "boolean" or column["distinct"] <= 2):
        # With two values the mean and the spread are counts, and so are the bins.
        shown |= dict.fromkeys(("mean", "sd", "histogram"))
    told = _coarse_moments(column | {"mean": shown.get("mean")}, threshold)
    shown |= {name: found for name, found in told.items() if shown.get(name) is not None}
    known = None if shown["n"] is not None else rows
    histogram = shown.get("histogram")
    if histogram is not None:
        bins = safe_bins(histogram["edges"], histogram["counts"], threshold, known)
        shown["histogram"] = bins and {"edges": list(bins[0]), "counts": list(bins[1])}
    return _rounded(shown, column, threshold)


def _told_missing(missing: int, threshold: int) -> int:
    """How many values are missing as far as it is told: a few are as none."""
    return missing if missing >= threshold else 0


def _is_beyond_reach(column: Mapping[str, Any]) -> bool:
    """Whether its numbers are such that no rule can tell what single rows are of them."""
    if column["type"] != "number" or column.get("max") is None:
        return False
    size = max(abs(float(column["min"])), abs(float(column["max"])))
    return size != 0 and not 1 / LARGEST < size < LARGEST


def _rounded(shown: dict[str, Any], column: Mapping[str, Any], threshold: int) -> dict[str, Any]:
    """The column as it is shown with every count in fives, which add up to its rounded rows."""
    rules = rules_of("standard", threshold)
    filled = column["n"] if shown["n"] is None else shown["n"]
    top = [one["n"] for one in shown["top"]]
    n, missing, counts = released_counts(shown["n"], shown["missing"], top, filled, rules)
    rounded = shown | {
        "approximate": True,
        "n": n,
        "missing": missing,
        "top": [one | {"n": count} for one, count in zip(shown["top"], counts, strict=True)],
    }
    distinct = column.get("distinct") or 0
    if distinct > MOST_COUNTED:
        # Of values that nobody shares it is the number of rows, as that is told.
        is_rows = distinct == column["n"] and n is not None
        rounded["distinct"] = n if is_rows else rules.rounded(distinct)
    values = [one["value"] for one in rounded["top"]]
    if shown.get("mean") is not None and len(values) == distinct and None not in values:
        rounded |= _moments(values, counts, with_sd=shown.get("sd") is not None)
    if shown.get("histogram") is not None:
        bins = shown["histogram"]["counts"]
        if shown["n"] is None:
            bins = [rules.rounded(count) for count in bins]
        else:
            # By what they add up to nobody tells a few missing values from none.
            *bins, _rest = released_line([*bins, shown["n"] - sum(bins)], rules, n)
        rounded["histogram"] = shown["histogram"] | {"counts": bins}
    return rounded


def _moments(values: Sequence[Any], counts: Sequence[Any], *, with_sd: bool) -> dict[str, Any]:
    """Mean and spread of a number of few values, all of which are shown, from their counts."""
    if any(isinstance(one, str) for one in values):
        return {}
    told = [n or 0 for n in counts]
    mean, sd = moments_of(np.array(values, dtype=float), np.array(told)) or (None, None)
    return {"mean": mean, "sd": sd} if with_sd else {"mean": mean}


def _declared_levels(
    column: dict[str, Any], rows: int, threshold: int, levels: Sequence[str]
) -> dict[str, Any]:
    """The declared levels with their rows, where they are enough; the rest is missing."""
    found = {one["value"]: one["n"] for one in column.get("top") or []}
    counts = {level: n for level in levels if (n := found.get(level, 0)) >= threshold}
    rest = _told_missing(rows - sum(counts.values()), threshold)
    hidden = hidden_in_line(np.array([*counts.values(), rest]), threshold)
    places = set(range(len(counts) + 1)) if hidden is None else hidden
    known = {level: n for k, (level, n) in enumerate(counts.items()) if k not in places}
    told = len(counts) not in places
    return {
        "n": rows - rest if told else None,
        "missing": rest if told else None,
        "distinct": len(levels),
        "top": [
            *({"value": level, "n": n} for level, n in known.items()),
            *({"value": level, "n": None} for level in levels if level not in known),
        ],
    }


def _coarse_moments(column: Mapping[str, Any], threshold: int) -> dict[str, Any]:
    """Mean, spread and quantiles no finer than their errors."""
    if column["type"] in DATES:
        return as_dates(_coarse_moments(in_days(column), threshold), column["type"])
    told = {name: column.get(name) for name in ("mean", "sd")}
    told["quantiles"] = _coarse_quantiles(column, threshold)
    if column.get("mean") is not None and column.get("sd"):
        mean, sd = float(column["mean"]), float(column["sd"])
        farthest = max(float(column["max"]) - mean, mean - float(column["min"]))
        told["mean"], told["sd"] = coarse_moments(mean, sd, column["n"], farthest)
    return told


def _coarse_quantiles(column: Mapping[str, Any], threshold: int) -> dict[str, Any] | None:
    """Those that may be shown, so coarse that none is anybody's own value."""
    found = safe_quantiles(column.get("quantiles"), column["n"], threshold)
    if found is None or not column.get("sd"):
        return found
    error = float(column["sd"]) / math.sqrt(column["n"])
    bins = column.get("histogram")
    edges = bins and (bins["edges"], bins["counts"])
    return coarse_quantiles(found, error, edges, rules_of("standard", threshold))


def safe_quantiles(
    quantiles: Mapping[str, V | None] | None, n: int, threshold: int
) -> dict[str, V | None] | None:
    """Quantiles by probability: of at least 10 t rows, each with at least t rows beyond it."""
    if quantiles is None:
        return None
    enough = n >= 10 * threshold
    return {
        p: value if enough and n * min(float(p), 1 - float(p)) >= threshold - 1e-9 else None
        for p, value in quantiles.items()
    }


def safe_bins(
    edges: Sequence[Any], counts: Sequence[int], threshold: int, rows: int | None
) -> tuple[tuple[Any, ...], tuple[int, ...]] | None:
    """Edges and counts of a histogram: bins under t are 0, empty ends cut off, and the outer
    edges (numbers, or dates as ISO 8601) moved out so as not to be a value. None: no bin is left.

    `rows` is given when the number of missing values is hidden: then so many further bins become
    0 that the bins don't give it back.
    """
    kept = [n if n >= threshold else 0 for n in counts]
    while rows is not None and any(kept) and rows - sum(kept) < threshold:
        kept[kept.index(min(n for n in kept if n))] = 0
    places = [k for k, n in enumerate(kept) if n]
    if not places:
        return None
    first, last = places[0], places[-1]
    inner = tuple(edges[first + 1 : last + 1])
    low, high = edges[first], edges[last + 1]
    if isinstance(low, str):
        low, high = f"{low[:4]}-01-01", f"{int(high[:4]) + 1}-01-01"
    else:
        width = (high - low) / (last + 1 - first)
        low, high = float(np.floor(low / width) * width), float(np.ceil(high / width) * width)
    return (low, *inner, high), tuple(kept[first : last + 1])
