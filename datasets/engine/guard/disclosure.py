"""The gate through which every number leaves for whoever may not read the rows.

`threshold` t is the fewest people a number may be about (3, 5, 10 or 11).
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from datasets.engine.guard.suppression import hidden_in_line, hidden_in_table

Suppressed = list[dict[str, str]]

MOST_COLUMNS = 0.33
"""A model may have this many coefficients per row."""


def apply(
    result: dict[str, Any], *, method: str, threshold: int
) -> tuple[dict[str, Any], Suppressed]:
    """`result` of `method` without what would tell of fewer than `threshold` people.

    Returns a copy in the same shape (what is hidden is null, 0 in a histogram, or left out of a
    list; a refused answer has `refused` with the reason) and entries {where, reason}. Raises
    KeyError for a method the gate does not know: nothing leaves by accident.
    """
    gate = _GATES[method]
    shown = copy.deepcopy(result)
    suppressed: Suppressed = []
    return gate(shown, threshold, suppressed), suppressed


def apply_to_warnings(
    warnings: list[dict[str, str]], suppressed: Suppressed
) -> list[dict[str, str]]:
    """The warnings that may be shown: values of single rows and withheld estimates are not."""
    withheld = {"suspicious_value"}
    if suppressed:
        withheld |= {"sign_reversal", "narrow_interval", "separation"}
    return [one for one in warnings if one["code"] not in withheld]


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
    shown["quantiles"] = _quantiles(column.get("quantiles"), column["n"], threshold)
    known = None if shown["n"] is not None else rows
    shown["histogram"] = _histogram(shown.get("histogram"), threshold, known)
    return shown


def _describe(result: dict[str, Any], t: int, suppressed: Suppressed) -> dict[str, Any]:
    sizes = np.array([one["n"] for one in result["groups"]] or [result["rows"]])
    hidden_rows = hidden_in_line(sizes, t)
    if hidden_rows is None:
        _note(suppressed, "all groups", f"a group has fewer than {t} rows")
        return result | {
            "rows": None,
            "groups": [],
            "variables": [],
            "refused": f"Fewer than {t} rows in a group can't be hidden in the others.",
        }
    for k, group in enumerate(result["groups"]):
        if k in hidden_rows:
            group["n"] = None
            _note(suppressed, f"group {group['level']}", f"a group has fewer than {t} rows")
    for variable in result["variables"]:
        _describe_variable(variable, t, hidden_rows, suppressed)
    return result


def _describe_variable(
    variable: dict[str, Any], t: int, hidden_rows: set[int], suppressed: Suppressed
) -> None:
    name, overall = variable["name"], variable["overall"]
    parts = variable["groups"] or [overall]
    table = np.array([_cells(part) for part in parts])
    answer = hidden_in_table(table, t, hidden_rows)
    if answer is None:
        hidden, columns = np.ones(table.shape, dtype=bool), set(range(table.shape[1]))
    else:
        hidden, columns = answer
    if hidden.any():
        _note(suppressed, name, f"counts under {t}, and those that would give them back")
    sizes = np.array([part["n"] for part in parts])
    without_mean = hidden_in_line(sizes, t)
    every = without_mean is None or int(overall["n"]) < t
    binary = variable["kind"] == "number" and overall.get("counts") is not None
    unknown = np.zeros(len(parts), dtype=bool)
    for k in range(len(parts)):
        unknown[k] = (
            every
            or k in hidden_rows
            or k in (without_mean or ())
            or (binary and bool(hidden[k, :-1].any()))
        )
    if unknown.any() and variable["kind"] == "number":
        _note(suppressed, name, f"means of fewer than {t} rows, and those that give them back")
    if variable["groups"]:
        for k, part in enumerate(parts):
            _hide(part, t, [m for m in range(table.shape[1]) if hidden[k, m]], bool(unknown[k]))
        # The overall mean with the groups' means would tell how many rows each mean is of.
        _hide(overall, t, sorted(columns), every or bool(hidden.any()))
    else:
        _hide(overall, t, [m for m in range(table.shape[1]) if hidden[0, m]], bool(unknown[0]))


def _cells(part: dict[str, Any]) -> list[int]:
    """Counts of every level, or of rows with a value, and of missing values."""
    counts = part.get("counts")
    present = [one["n"] for one in counts] if counts is not None else [part["n"]]
    return [*present, part["missing"]]


def _hide(part: dict[str, Any], t: int, cells: list[int], moments: bool) -> None:
    n, rows, missing_place = part["n"], part["n"] + part["missing"], len(_cells(part)) - 1
    for k, one in enumerate(part.get("counts") or ()):
        if k in cells:
            one["n"] = None
    if missing_place in cells or (part.get("counts") is None and 0 in cells):
        part["n"] = part["missing"] = None
    if "mean" not in part:
        return
    part |= {"min": None, "max": None}
    if moments:
        part |= {"mean": None, "sd": None}
    part["quantiles"] = _quantiles(None if moments else part["quantiles"], n, t)
    known = None if part["n"] is not None else rows
    part["histogram"] = _histogram(None if moments else part["histogram"], t, known)


def _quantiles(quantiles: dict[str, Any] | None, n: int, t: int) -> dict[str, Any] | None:
    """Quantiles of at least 10 t rows, each with at least t rows beyond it."""
    if quantiles is None:
        return None
    return {
        p: value if n >= 10 * t and n * min(float(p), 1 - float(p)) >= t - 1e-9 else None
        for p, value in quantiles.items()
    }


def _histogram(histogram: dict[str, Any] | None, t: int, rows: int | None) -> dict[str, Any] | None:
    """Bins under t are 0, empty ends cut off, outer edges moved out so as not to be a value.

    `rows` is given when the number of missing values is hidden: then so many further bins become
    0 that the bins don't give it back.
    """
    if histogram is None:
        return None
    counts = [n if n >= t else 0 for n in histogram["counts"]]
    while rows is not None and any(counts) and rows - sum(counts) < t:
        counts[counts.index(min(n for n in counts if n))] = 0
    kept = [k for k, n in enumerate(counts) if n]
    if not kept:
        return None
    edges = histogram["edges"][kept[0] : kept[-1] + 2]
    if isinstance(edges[0], str):
        edges = [f"{edges[0][:4]}-01-01", *edges[1:-1], f"{int(edges[-1][:4]) + 1}-01-01"]
    else:
        width = (edges[-1] - edges[0]) / (len(edges) - 1)
        low, high = np.floor(edges[0] / width) * width, np.ceil(edges[-1] / width) * width
        edges = [float(low), *edges[1:-1], float(high)]
    return {"edges": edges, "counts": counts[kept[0] : kept[-1] + 1]}


def _correlation(result: dict[str, Any], t: int, suppressed: Suppressed) -> dict[str, Any]:
    names = result["variables"]
    place = {name: k for k, name in enumerate(names)}
    hidden = False
    for pair in result["pairs"]:
        if not 0 < pair["n"] < t:
            continue
        hidden = True
        i, j = place[pair["x"]], place[pair["y"]]
        _note(suppressed, f"{pair['x']}, {pair['y']}", f"fewer than {t} rows have both")
        pair |= dict.fromkeys(("n", "df", "r", "ci", "p_value", "q_value"))
        for matrix in (result["matrix"], result["n_matrix"]):
            matrix[i][j] = matrix[j][i] = None
    for k in range(len(names)):
        if 0 < (result["n_matrix"][k][k] or 0) < t:
            hidden = True
            result["n_matrix"][k][k] = result["matrix"][k][k] = None
    if hidden:
        result |= {"order": list(names), "min_eigenvalue": None}
    kept = []
    for one in result["across_sites"]:
        if any(study["n"] < t for study in one["studies"]):
            _note(suppressed, f"{one['x']}, {one['y']} across sites", f"a site has under {t} rows")
        else:
            kept.append(one)
    result["across_sites"] = kept
    return result


def _regression(result: dict[str, Any], t: int, suppressed: Suppressed) -> dict[str, Any]:
    why = _refusal(result, t)
    if why:
        _note(suppressed, "the whole model", why)
        for name, value in result.items():
            if isinstance(value, list | dict):
                result[name] = type(value)()
            elif isinstance(value, int | float) and name not in ("rounds", "site_effects"):
                result[name] = None
        return result | {"refused": why}
    small: dict[str, str] = {}
    for one in result["by_site"]:
        reason = _site_refusal(one, result["counts"], t)
        if reason:
            small[one["site"]] = reason
    for one in result["by_site"]:
        if one["site"] in small:
            reason = small[one["site"]]
            _note(suppressed, f"estimates of {one['site']}", reason)
            one |= {"coefficients": [], "separation": [], "reason": reason}
            one |= dict.fromkeys(("deviance", "df_residual"))
    if small:
        _note(suppressed, "two_stage", "the pooled sites would give the withheld one back")
        result["two_stage"] = []
    _hide_sizes(result, t)
    excluded = [one["n_excluded"] for one in result["by_site"]]
    if any(0 < n < t for n in [*excluded, result["n_excluded"]]):
        _note(suppressed, "n_excluded", f"fewer than {t} rows were left out somewhere")
        for one in [*result["by_site"], result]:
            one["n_excluded"] = None
    result["counts"] = []
    return result


def _refusal(result: dict[str, Any], t: int) -> str:
    """Why the pooled model must not be shown; empty if it may."""
    columns = [one for one in result["coefficients"] if one["reason"] is None]
    p = max(len(columns), result["n"] - result["df_residual"])
    if p > MOST_COLUMNS * result["n"]:
        return f"{p} coefficients are too many for {result['n']} rows."
    pooled: dict[tuple[str, str], int] = {}
    for one in result["counts"]:
        key = (one["variable"], one["level"])
        pooled[key] = pooled.get(key, 0) + one["n"]
    for (variable, _level), n in pooled.items():
        if 0 < n < t:
            return f"a level of {variable} has fewer than {t} rows."
    if result["site_effects"]:
        for site in result["sites"]:
            n = result["n_by_site"][site]
            if 0 < n < t:
                return f"a site has fewer than {t} complete rows."
    by_site = {name for one in result["interaction_tests"] for name in _with_site(one["term"])}
    for one in result["counts"]:
        if one["variable"] in by_site and 0 < one["n"] < t:
            return f"a level of {one['variable']} has fewer than {t} rows at a site."
    return ""


def _hide_sizes(result: dict[str, Any], t: int) -> None:
    """Small numbers of complete rows at a site, and one more if the total gave them back."""
    sites = list(result["n_by_site"])
    hidden = hidden_in_line(np.array([result["n_by_site"][site] for site in sites]), t)
    gone = set(sites) if hidden is None else {sites[k] for k in hidden}
    result["n_by_site"] |= dict.fromkeys(gone)
    for one in result["by_site"]:
        if one["site"] in gone:
            one["n"] = None


def _with_site(term: str) -> list[str]:
    return [term.removesuffix(":site")] if term.endswith(":site") else []


def _site_refusal(one: dict[str, Any], counts: list[dict[str, Any]], t: int) -> str:
    estimated = sum(1 for row in one["coefficients"] if row["estimate"] is not None)
    if 0 < one["n"] < t:
        return f"fewer than {t} complete rows"
    if estimated > MOST_COLUMNS * one["n"]:
        return f"too many coefficients for {one['n']} rows"
    for level in counts:
        if level["site"] == one["site"] and 0 < level["n"] < t:
            return f"a level of {level['variable']} has fewer than {t} rows there"
    return ""


def _note(suppressed: Suppressed, where: str, reason: str) -> None:
    entry = {"where": where, "reason": reason}
    if entry not in suppressed:
        suppressed.append(entry)


_GATES: dict[str, Callable[[dict[str, Any], int, Suppressed], dict[str, Any]]] = {
    "describe": _describe,
    "correlation": _correlation,
    "regression": _regression,
}
