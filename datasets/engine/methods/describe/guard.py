"""What of a description leaves for whoever may not read the rows: frequencies decide.

A mean tells how many rows it is of as soon as its total is known, so means go where counts go;
the mean of a two-valued number is itself a count. What is left is told in fives.
"""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from datasets.engine.guard.disclosure import safe_bins, safe_quantiles
from datasets.engine.guard.rules import Rules, rules_of
from datasets.engine.guard.suppression import hidden_in_line, hidden_in_table
from datasets.engine.guard.withheld import Notes, Suppressed
from datasets.engine.methods.describe import rounded
from datasets.engine.methods.describe.checks import checked
from datasets.engine.methods.describe.few_missing import few_as_none
from datasets.engine.methods.describe.parameters import Parameters
from datasets.engine.methods.describe.result import (
    CategoryVariable,
    Description,
    GroupSize,
    Histogram,
    NumberSummary,
    NumberVariable,
    Summary,
    Variable,
)
from datasets.engine.methods.shared.words import level_of
from datasets.engine.sentences import Sentence

Part = TypeVar("Part", bound=Summary)


def guard(
    result: Description, parameters: Parameters, threshold: int
) -> tuple[Description, Suppressed]:
    """The description without counts under the threshold and what would give them back, in fives.

    What whoever asks reads in another way, the rows of a version among it, is in fives, too.
    """
    t, notes, rules = threshold, Notes(), rules_of("standard", threshold)
    result = replace(result, variables=tuple(few_as_none(one, t) for one in result.variables))
    sizes = np.array([one.n or 0 for one in result.groups] or [result.rows or 0])
    hidden_rows = hidden_in_line(sizes, t)
    if hidden_rows is None:
        notes.of_place(Sentence("all groups"), _small_group(t))
        refused = Sentence(
            "Fewer than %(threshold)s rows in a group can't be hidden in the others.", threshold=t
        )
        return Description(result.by, None, (), (), refused=refused), notes.suppressed
    groups = list(result.groups)
    for k in sorted(hidden_rows):
        if groups:
            groups[k] = GroupSize(groups[k].level, None)
            where = Sentence("group %(level)s", level=level_of(result.by, str(groups[k].level)))
            notes.of_place(where, _small_group(t))
    variables = tuple(_variable(one, t, hidden_rows, notes) for one in result.variables)
    shown = replace(
        result,
        rows=result.rows and rules.rounded(result.rows),
        groups=tuple(
            replace(one, n=one.n and rules.rounded(one.n), approximate=True) for one in groups
        ),
        variables=tuple(
            _rounded(one, exact, rules)
            for one, exact in zip(variables, result.variables, strict=True)
        ),
        approximate=True,
    )
    return checked(shown), notes.suppressed


def _rounded(variable: Variable, exact: Variable, rules: Rules) -> Variable:
    overall: Any = rounded.summary(variable.overall, exact.overall, rules)
    pairs: Any = zip(variable.groups, exact.groups, strict=True)
    groups: Any = tuple(rounded.summary(part, whole, rules) for part, whole in pairs)
    return replace(variable, overall=overall, groups=groups)


def _small_group(t: int) -> Sentence:
    return Sentence("a group has fewer than %(threshold)s rows", threshold=t)


@dataclass(frozen=True)
class _Hidden:
    """Of one variable: which cells of each part go, of the overall, and whose moments."""

    cells: np.ndarray
    overall_cells: set[int]
    moments: np.ndarray
    overall_moments: bool


def _variable(variable: Variable, t: int, hidden_rows: set[int], notes: Notes) -> Variable:
    hidden = _hidden(variable, t, hidden_rows)
    if hidden.cells.any():
        reason = Sentence(
            "counts under %(threshold)s, and those that would give them back", threshold=t
        )
        notes.of_variable(variable.name, reason)
    if hidden.moments.any() and isinstance(variable, NumberVariable):
        reason = Sentence(
            "means of fewer than %(threshold)s rows, and those that give them back", threshold=t
        )
        notes.of_variable(variable.name, reason)
    overall = hidden.overall_cells, hidden.overall_moments
    if not variable.groups:
        overall = _places(hidden.cells[0]), bool(hidden.moments[0])
    if isinstance(variable, NumberVariable):
        return NumberVariable(
            variable.name,
            _without(variable.overall, t, *overall),
            tuple(
                _without(part, t, _places(hidden.cells[k]), bool(hidden.moments[k]))
                for k, part in enumerate(variable.groups)
            ),
        )
    return CategoryVariable(
        variable.name,
        _without(variable.overall, t, *overall),
        tuple(
            _without(part, t, _places(hidden.cells[k]), bool(hidden.moments[k]))
            for k, part in enumerate(variable.groups)
        ),
    )


def _hidden(variable: Variable, t: int, hidden_rows: set[int]) -> _Hidden:
    overall = variable.overall
    parts: tuple[Summary, ...] = variable.groups or (overall,)
    table = np.array([_cells(part) for part in parts])
    answer = hidden_in_table(table, t, hidden_rows)
    if answer is None:
        cells, columns = np.ones(table.shape, dtype=bool), set(range(table.shape[1]))
    else:
        cells, columns = answer
    without_mean = hidden_in_line(np.array([part.n or 0 for part in parts]), t)
    every = without_mean is None or (overall.n or 0) < t
    two_valued = isinstance(variable, NumberVariable) and overall.counts is not None
    moments = np.array(
        [
            every
            or k in hidden_rows
            or k in (without_mean or ())
            or (two_valued and bool(cells[k, :-1].any()))
            for k in range(len(parts))
        ]
    )
    # The overall mean with the groups' means would tell how many rows each mean is of.
    return _Hidden(cells, columns, moments, every or bool(cells.any()))


def _cells(part: Summary) -> list[int]:
    """Counts of every level, or of rows with a value, and of missing values."""
    present = [part.n] if part.counts is None else [one.n for one in part.counts]
    return [n or 0 for n in (*present, part.missing)]


def _places(hidden: np.ndarray) -> set[int]:
    return {int(k) for k in np.flatnonzero(hidden)}


def _without(part: Part, t: int, cells: set[int], moments: bool) -> Part:
    """A summary without these cells and, where asked, its mean and all that follows from it."""
    n, missing = part.n or 0, part.missing or 0
    missing_place = len(_cells(part)) - 1
    shown = part
    if part.counts is not None:
        kept = tuple(
            replace(one, n=None) if k in cells else one for k, one in enumerate(part.counts)
        )
        shown = replace(shown, counts=kept)
    if missing_place in cells or (part.counts is None and 0 in cells):
        shown = replace(shown, n=None, missing=None)
    if not isinstance(shown, NumberSummary):
        return shown
    shown = replace(shown, min=None, max=None)
    if moments:
        return replace(shown, mean=None, sd=None, quantiles=None, histogram=None)
    bins = None
    if shown.histogram is not None:
        known = None if shown.n is not None else n + missing
        bins = safe_bins(shown.histogram.edges, shown.histogram.counts, t, known)
    return replace(
        shown,
        quantiles=safe_quantiles(shown.quantiles, n, t),
        histogram=bins and Histogram(*bins),
    )
