"""Profiles as people without row access may see them, and the rules for distributions.

`threshold` t is the fewest people a number may be about (3, 5, 10 or 11).
"""

import copy
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from datasets.engine.guard.suppression import hidden_in_line
from datasets.engine.guard.tables import coarse

V = TypeVar("V")


def gate_profile(profile: dict[str, Any], threshold: int) -> dict[str, Any]:
    """A dataset's profile {rows, columns} as people without row access may see it."""
    rows = profile["rows"]
    columns = [gate_column(one, rows, threshold) for one in profile["columns"]]
    return profile | {"columns": columns}


def gate_column(column: dict[str, Any], rows: int, threshold: int) -> dict[str, Any]:
    """One column's profile without exact extremes, small counts and anybody's own words."""
    shown = copy.deepcopy(column) | {"min": None, "max": None, "suspicious": []}
    top = column.get("top") or []
    if column["type"] in ("text", "identifier"):
        top = []
    rest = column["n"] - sum(one["n"] for one in top)
    cells = np.array([*(one["n"] for one in top), rest, column["missing"]])
    hidden = hidden_in_line(cells, threshold)
    if hidden is None:
        hidden = set(range(len(cells)))
    small = column["n"] < threshold
    if len(cells) - 1 in hidden or small:
        shown |= {"n": None, "missing": None}
    merged = [k for k in range(len(top)) if k in hidden or small]
    shown["top"] = [one for k, one in enumerate(top) if k not in merged]
    if merged:
        known = sum(top[k]["n"] for k in merged) if shown["n"] is not None else None
        shown["top"].append({"value": None, "n": known})
    if small or column["type"] in ("text", "identifier"):
        shown |= dict.fromkeys(("mean", "sd", "quantiles", "histogram"))
        return shown
    if merged and (column["type"] == "boolean" or column["distinct"] <= 2):
        # With two values the mean and the spread are counts, and so are the bins.
        shown |= dict.fromkeys(("mean", "sd", "histogram"))
    if shown.get("mean") is not None and shown.get("sd"):
        sd, n = float(shown["sd"]), column["n"]
        shown["mean"] = coarse(float(shown["mean"]), sd / math.sqrt(n))
        shown["sd"] = coarse(sd, sd / math.sqrt(2 * n))
    shown["quantiles"] = safe_quantiles(column.get("quantiles"), column["n"], threshold)
    known = None if shown["n"] is not None else rows
    histogram = shown.get("histogram")
    if histogram is not None:
        bins = safe_bins(histogram["edges"], histogram["counts"], threshold, known)
        shown["histogram"] = bins and {"edges": list(bins[0]), "counts": list(bins[1])}
    return shown


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
