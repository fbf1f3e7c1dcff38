"""The first round: who has what. Counts and plain sums per site, from which the design is built."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from datasets.engine.methods.contract import ParameterError, Spec, Warning, site_order, warning
from datasets.engine.methods.missing_codes import MissingCodes, suspicious
from datasets.engine.methods.regression.design import Design, complete_rows
from datasets.engine.rows.frame import RESERVED_COLUMNS, Frame, Rows

MANY = "many"
"""Stands in a number's counts for its rows where it has more than two values: none may leave."""


def count_rows(rows: Rows, spec: Spec) -> dict[str, Any]:
    """Rows, complete rows, values present, and over complete rows sums and level counts."""
    parameters = spec["parameters"]
    outcome, terms = parameters["outcome"], parameters["terms"]
    wanted = [outcome, *(t for t in terms if t not in RESERVED_COLUMNS)]
    site: str | None = None
    part: dict[str, Any] = {
        "rows": 0,
        "complete": 0,
        "present": dict.fromkeys(wanted, 0),
        "sums": {},
        "levels": {},
        "notes": [],
    }
    missing_codes = MissingCodes()
    for frame in rows:
        if not frame.n:
            continue
        site = str(frame.columns["site"][0])
        complete = complete_rows(frame, wanted)
        part["rows"] += frame.n
        part["complete"] += int(complete.sum())
        for name in dict.fromkeys([*wanted, *terms]):
            _count_column(part, frame, name, complete, missing_codes)
        for pair in parameters["interactions"]:
            if "site" not in pair and complete.any():
                _count_pair(part["levels"], frame, pair, complete)
    part["notes"] = missing_codes.notes()
    for name in part["sums"]:
        levels = part["levels"][name]
        if MANY in levels or len(levels) > 2:
            part["levels"][name] = {MANY: sum(levels.values())}
    for pair in parameters["interactions"]:
        if any(MANY in part["levels"].get(name, {}) for name in pair):
            part["levels"][":".join(pair)] = {MANY: part["complete"]}
    return {"sites": {} if site is None else {site: part}}


def _count_column(
    part: dict[str, Any],
    frame: Frame,
    name: str,
    complete: np.ndarray,
    missing_codes: MissingCodes,
) -> None:
    column = frame.columns.get(name)
    if column is None:
        return
    if name in part["present"]:
        part["present"][name] += int(complete_rows(frame, [name]).sum())
    used = column[complete]
    if column.dtype != object:
        missing_codes.watch(name, column)
        total, squares = part["sums"].get(name, [0.0, 0.0])
        part["sums"][name] = [total + float(used.sum()), squares + float(used @ used)]
    _tally(part["levels"].setdefault(name, {}), _keys(used), len(used))


def _count_pair(
    levels: dict[str, dict[str, int]], frame: Frame, pair: Sequence[str], complete: np.ndarray
) -> None:
    """Counts of two categories or yes-no numbers together: disclosure control asks for them."""
    first, second = (_keys(frame.columns[name][complete]) for name in pair)
    found = levels.setdefault(":".join(pair), {})
    if first is None or second is None:
        _tally(found, None, int(complete.sum()))
    else:
        _tally(found, np.array([f"{a}:{b}" for a, b in zip(first, second, strict=True)]))


def _keys(column: np.ndarray) -> np.ndarray | None:
    """Values as text; None for a number with more than two of them."""
    if column.dtype == object:
        return column.astype(str)
    values, place = np.unique(column, return_inverse=True)
    return np.array([f"{v:.17g}" for v in values], dtype=str)[place] if len(values) <= 2 else None


def _tally(levels: dict[str, int], keys: np.ndarray | None, n: int = 0) -> None:
    """Add one block's values to a variable's counts, in place."""
    if keys is None:
        levels[MANY] = levels.get(MANY, 0) + n
        return
    for key, count in zip(*np.unique(keys, return_counts=True), strict=True):
        levels[str(key)] = levels.get(str(key), 0) + int(count)


def design_of(statistics: dict[str, Any], spec: Spec) -> Design:
    """The pooled design. Raises ParameterError when no model can be fitted at all."""
    parameters = spec["parameters"]
    outcome, sites = parameters["outcome"], statistics.get("sites", {})
    used = [site for site in site_order(spec) if site in sites and sites[site]["complete"]]
    n = sum(sites[site]["complete"] for site in used)
    if not n:
        absent = [
            name
            for name in [outcome, *parameters["terms"]]
            if name not in RESERVED_COLUMNS
            and not any(part["present"][name] for part in sites.values())
        ]
        why = f"{', '.join(absent)} has no value in any row" if absent else "none is complete"
        raise ParameterError({"terms": f"no row has a value in every variable: {why}."})
    categories = {
        name: sorted({level for site in used for level in sites[site]["levels"].get(name, {})})
        for name in parameters["terms"]
        if not any(name in sites[site]["sums"] for site in used)
    }
    if parameters["site_effects"]:
        categories["site"] = used
    numbers = [t for t in parameters["terms"] if t not in categories]
    scaling = {name: _scale([sites[site]["sums"][name] for site in used], n) for name in numbers}
    mean = 0.0
    if parameters["family"] == "gaussian":
        mean = sum(sites[site]["sums"][outcome][0] for site in used) / n
    else:
        values = {value for site in used for value in sites[site]["levels"][outcome]}
        if not values <= {"0", "1"}:
            message = "must be 0 or 1 in every row for a binomial regression."
            raise ParameterError({"outcome": message})
        if len(values) < 2:
            message = "is the same in every complete row: there is nothing to explain."
            raise ParameterError({"outcome": message})
    return Design.build(
        outcome=outcome,
        outcome_mean=mean,
        terms=parameters["terms"],
        interactions=parameters["interactions"],
        site_effects=parameters["site_effects"],
        scaling=scaling,
        levels=categories,
    )


def _scale(sums: Sequence[Sequence[float]], n: int) -> tuple[float, float]:
    mean = sum(pair[0] for pair in sums) / n
    variance = sum(pair[1] for pair in sums) / n - mean**2
    if variance <= 1e-14 * mean**2:
        return mean, max(abs(mean), 1.0)
    return mean, float(np.sqrt(variance))


def level_counts(statistics: dict[str, Any]) -> list[dict[str, Any]]:
    """Complete rows at each level of every category and two-valued number, per site."""
    sites = statistics["sites"]
    seen: dict[str, set[str]] = {}
    for part in sites.values():
        for name, levels in part["levels"].items():
            seen.setdefault(name, set()).update(levels)
    numbers = {name for part in sites.values() for name in part["sums"]}
    few = [
        name
        for name, levels in seen.items()
        if MANY not in levels and (name not in numbers or len(levels) <= 2)
    ]
    return [
        {"site": site, "variable": name, "level": level, "n": n}
        for site, part in sites.items()
        for name in few
        for level, n in part["levels"].get(name, {}).items()
    ]


def first_warnings(statistics: dict[str, Any], spec: Spec) -> list[Warning]:
    """Sites left out because a variable was not collected there, and likely missing codes."""
    found = []
    sites = statistics["sites"]
    for site in site_order(spec):
        if site not in sites:
            found.append(warning("no_rows", f"{site} has no rows and is left out."))
            continue
        part = sites[site]
        for name, n in part["present"].items():
            if part["rows"] and not n:
                message = (
                    f"{name} was not collected at {site} (every value is missing there), "
                    f"so {site} is left out of this regression."
                )
                found.append(warning("not_collected", message))
        if not part["complete"] and all(part["present"].values()):
            message = f"{site} has no row with a value in every variable and is left out."
            found.append(warning("no_complete_rows", message))
        found.extend(
            suspicious(note["variable"], note["value"], note["n"], site) for note in part["notes"]
        )
    return found
