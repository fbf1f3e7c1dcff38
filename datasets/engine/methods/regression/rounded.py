"""A guarded site's figures no finer than their errors carry, and its counts by fives.

The site's own model is rounded at its gate, so that nothing anybody adds moves a rounding's edge,
and stands in a model over all sites for its rows (`stand_in`). Counts, degrees of freedom and
deviances follow from one rounded number of rows, and p-values and intervals from the rounded
estimates, so that none of them gives another back.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from datasets.engine.guard.crossed import within_margins
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import (
    coarse,
    in_steps,
    released_line,
    released_part,
    released_rows,
    round_above,
    step_of,
)
from datasets.engine.methods.regression.moved import Moved, OfSum, unmoved
from datasets.engine.methods.regression.statistics import (
    Counts,
    Estimates,
    SiteCounts,
    Study,
    Tally,
    Totals,
)
from datasets.engine.methods.shared.answer import OpenEnds

NOTHING = 1e-9
"""Share of an error that is arithmetic's."""

LEAST_SHARE = 0.02
"""Smallest eigenvalue of rounded correlations: less is within what rounding adds to a variance."""


def site_counts(
    one: SiteCounts, alone: SiteCounts, rules: Rules, numbers: Mapping[str, tuple[float, float]]
) -> SiteCounts:
    """A site's counts about a rounded number of complete rows, a part of those that each variable
    has `alone`; where its numbers are is told as roughly as a scale needs it."""
    complete = released_rows(one.complete, one.rows, rules)
    tallies: dict[tuple[str, ...], Tally] = {}
    for tally in one.tallies:
        if tally.cells is None:
            tallies[tally.variables] = tally
        elif len(tally.variables) == 1:
            line = _line(tally, alone, rules, complete)
            tallies[tally.variables] = _told(tally, line)
    for tally in one.tallies:
        if tally.variables in tallies:
            continue
        cells = _crossed(tally, tallies, alone, rules)
        if cells is not None:
            tallies[tally.variables] = _told(tally, cells)
    return replace(
        one,
        rows=rules.rounded(one.rows),
        complete=complete,
        present=tuple(replace(present, n=complete) for present in one.present),
        totals=tuple(
            Totals(name, mean * complete, (spread**2 + mean**2) * complete)
            for name, (mean, spread) in numbers.items()
        ),
        tallies=tuple(tallies.values()),
        suspicions=(),
        rounded=True,
    )


def each_alone(each: SiteCounts, rules: Rules) -> SiteCounts:
    """The counts of each variable by itself, as answers about it alone tell them."""
    present = tuple(replace(one, n=released_rows(one.n, each.rows, rules)) for one in each.present)
    told = {one.variable: one.n for one in present}
    return replace(
        each,
        rows=rules.rounded(each.rows),
        complete=released_rows(each.complete, each.rows, rules),
        present=present,
        tallies=tuple(
            one
            if one.cells is None
            else _told(one, _line(one, each, rules, told[one.variables[0]]))
            for one in each.tallies
        ),
    )


def _line(tally: Tally, alone: SiteCounts, rules: Rules, complete: int) -> list[int]:
    """The complete rows by a variable's values, a part of all that have them."""
    counts = [n for _, n in tally.cells or ()]
    of_all = alone.tally_of(*tally.variables)
    if of_all is None or of_all.cells is None:
        return released_line(counts, rules, complete)
    known = dict(tally.cells or ())
    levels = [levels for levels, _ in of_all.cells]
    there = [n for _, n in of_all.cells]
    part = released_part(
        [known.get(level, 0) for level in levels],
        [*there, alone.rows - sum(there)],
        rules,
        complete,
    )
    told = dict(zip(levels, part, strict=True))
    return [told[level] for level, _ in tally.cells or ()]


def _told(tally: Tally, line: Sequence[int]) -> Tally:
    cells = zip(tally.cells or (), line, strict=True)
    return replace(tally, cells=tuple((levels, n) for (levels, _), n in cells if n))


def _crossed(
    tally: Tally, told_of: Mapping[tuple[str, ...], Tally], alone: SiteCounts, rules: Rules
) -> list[int] | None:
    """The cells of an interaction, a part of those that its variables have `alone`, adding up to
    what is told of each of them; None where they can't."""
    levels, margins = [], []
    for k, name in enumerate(tally.variables):
        known = {level: n for (level,), n in told_of[(name,)].cells or ()}
        levels.append(sorted({of_cell[k] for of_cell, _ in tally.cells or ()}))
        margins.append(np.array([known.get(level, 0) for level in levels[k]]))
    cells = np.zeros([len(one) for one in levels], dtype=np.int64)
    places = [
        tuple(of_variable.index(level) for of_variable, level in zip(levels, of_cell, strict=True))
        for of_cell, _ in tally.cells or ()
    ]
    for place, (_, n) in zip(places, tally.cells or (), strict=True):
        cells[place] = n
    found = alone.tally_of(*tally.variables)
    there = dict((found and found.cells) or ())
    of_all = cells.copy()
    for place, (of_cell, _) in zip(places, tally.cells or (), strict=True):
        of_all[place] = there.get(of_cell, cells[place])
    told = within_margins(cells, margins[0], margins[1], rules, of_all)
    return None if told is None else [int(told[place]) for place in places]


def where(values: np.ndarray) -> tuple[float, float]:
    """About where a number is and how far it spreads, as a scale needs it."""
    spread = float(values.std())
    return coarse(float(values.mean()), spread / 4), coarse(spread, spread / 4)


@dataclass(frozen=True)
class Residual:
    """A linear model's residual standard deviation, and as it is told."""

    exact: float
    told: float

    @classmethod
    def of(
        cls, exact: float | None, df: int | None, told: float | None, about: int | None
    ) -> Self | None:
        """By deviances and degrees of freedom, exact ones and those that are told."""
        if not exact or not df or not told or not about:
            return None
        return cls(math.sqrt(exact / df), math.sqrt(told / about))


def study(one: Study, rules: Rules, largest: float, moved: Moved, *, linear: bool) -> Study:
    """A site's own model, of whose squares one row is `largest` at most; with `linear` its errors
    are in proportion to its residuals'."""
    n = released_rows(one.n, one.n + one.n_excluded, rules)
    df = None if one.df_residual is None else one.df_residual + n - one.n
    deviance = deviance_of(one.deviance, df, largest, moved.of_deviance)
    residual = Residual.of(one.deviance, one.df_residual, deviance, df) if linear else None
    return replace(
        one,
        n=n,
        n_excluded=rules.rounded(one.n_excluded),
        deviance=deviance,
        df_residual=df,
        condition=_magnitude(one.condition),
        ml=one.ml and estimates(one.ml, n, share(largest, one.deviance), moved, residual),
        firth=one.firth and estimates(one.firth, n, 0.0, moved),
        rounded=True,
    )


def estimates(
    found: Estimates,
    n: int,
    largest: float,
    moved: Moved | None = None,
    residual: Residual | None = None,
) -> Estimates:
    """Estimates in steps of their errors, errors by theirs and with what rounding adds to them, and
    their correlations in steps of theirs; those without an error to two digits.

    One row is `largest` of the squares that errors are made of, as a share. Nothing is finer than
    rows move it, where that is known.
    """
    moved = moved or unmoved(1 + max(found.columns, default=0))
    by_rows = moved.estimates, moved.of_times, moved.of_spreads
    at_most, of_times, of_spread = (float(one.max(initial=0.0)) for one in by_rows)
    # Where that is not known of sums either, their errors are rounded as a whole.
    of_sums = moved.sums or (OfSum(),) * len(found.sums)
    of_all = _Errors(n, largest, residual, 1.0, 1.0, 1.0, at_most, of_times, of_spread, 0.0)
    sums = zip(found.sums, of_sums, strict=True)
    found = replace(found, sums=tuple(one and _sum(one, about, of_all) for one, about in sums))
    if not found.columns:
        return found
    columns = list(found.columns)
    covariance = np.asarray(found.covariance)
    exact = np.sqrt(np.where(np.diag(covariance) > 0, np.diag(covariance), 0.0))
    told = [
        _Errors(n, largest, residual, *map(float, of_column)).told(error)
        for error, *of_column in zip(
            exact * moved.of_errors[columns],
            moved.times[columns],
            moved.of_rows[columns],
            moved.told[columns],
            moved.estimates[columns],
            moved.of_times[columns],
            moved.of_spreads[columns],
            moved.by_tables[columns],
            strict=True,
        )
    ]
    errors, steps, more = zip(*told, strict=True)
    some = np.where(exact > 0, exact, 1.0)
    finest = np.maximum(moved.correlations[np.ix_(columns, columns)], 1 / (2 * math.sqrt(n)))
    finest = np.vectorize(round_above)(finest)
    # Towards 0, and none is stronger than it is.
    shared = np.trunc(covariance / np.outer(some, some) / finest) * finest
    np.fill_diagonal(shared, 1.0)
    of_rounding = np.diag(more)
    return replace(
        found,
        estimates=tuple(
            in_steps(b + change, step) if step else float(f"{b:.2g}")
            for b, change, step in zip(
                found.estimates, moved.exchanged[columns].tolist(), steps, strict=True
            )
        ),
        covariance=tuple(map(tuple, (shared * np.outer(errors, errors) + of_rounding).tolist())),
        ci=found.ci
        and tuple(ends and _around(ends, step) for ends, step in zip(found.ci, steps, strict=True)),
        p_values=found.p_values and tuple(_two_digits(one) for one in found.p_values),
    )


@dataclass(frozen=True)
class _Errors:
    """In which steps an error is told, as a share of it, and an estimate, in errors at least.

    An error is so many `times` a spread: the one is of the terms alone, the other of the outcome,
    a linear model's residual with its own errors. Each is rounded by itself: rounded as a whole an
    error has its steps elsewhere for each outcome, and many outcomes tell of the terms together.
    """

    n: int
    largest: float
    residual: Residual | None
    times: float
    of_rows: float
    told_rows: float
    moved: float
    of_times: float
    of_spread: float
    by_tables: float

    def told(self, error: float) -> tuple[float, float, float]:
        """The error, the step of its estimate, and what that and tables add to its square; 0
        without an error."""
        if not error > 0:
            return 0.0, 0.0, 0.0
        # One row that is `largest` of all squares moves an estimate by about the root of that share
        # of its error, and the error by half of it.
        moves = max(self.moved, math.sqrt(self.largest))
        if self.residual is None:
            times, of_times = self.times, self.of_times
            spread = self._rough(error / times, max(self.of_spread, self.largest / 2))
        else:
            times = error / self.residual.exact
            of_times, spread = max(self.of_times, self.largest / 2), self.residual.told
        finest = self._rough(times / self.of_rows, of_times) * self.told_rows * spread
        step = step_of(finest, self.n)
        step = max(step, round_above(finest * moves)) if moves else step
        by_tables = self.by_tables
        if by_tables:
            part = max(self.of_times, self.of_spread)
            by_tables = self._rough(by_tables / finest, part) * finest
        return finest, step, step**2 / 12 + by_tables**2

    def _rough(self, value: float, part: float) -> float:
        """No finer than its own error, nor than this share of it."""
        if part <= 1 / math.sqrt(2 * self.n):
            return coarse(value, value / math.sqrt(2 * self.n))
        step = round_above(value * part)
        return max(in_steps(value, step), step)


def settled(found: Estimates) -> Estimates:
    """With 0 for what arithmetic leaves of estimates that rounding made 0."""
    return replace(
        found,
        estimates=tuple(
            0.0 if b**2 <= NOTHING**2 * row[k] else b
            for k, (b, row) in enumerate(zip(found.estimates, found.covariance, strict=True))
        ),
    )


def condition(found: float | None, counts: Counts) -> float | None:
    """The condition number over all rows, where a guarded site's are among them."""
    return _magnitude(found) if is_guarded(counts) else found


def is_guarded(counts: Counts) -> bool:
    """Whether a guarded site's rows are among them, and so numbers of people are rounded."""
    return any(one.rounded for one in counts.sites)


def is_of_guarded(site: str, counts: Counts) -> bool:
    """Whether what a site tells of itself is rounded."""
    one = counts.of(site)
    return one is not None and one.rounded


def deviance_of(
    deviance: float | None, df: int | None, largest: float, change: float
) -> float | None:
    """By the error that a variance of so many degrees of freedom has, or to two digits, with what
    told tables `change` of it; and no finer than one row moves it."""
    if deviance is None or not df:
        return _two_digits(deviance)
    deviance = max(deviance + change, deviance / 2)
    return coarse(deviance, max(deviance * math.sqrt(2 / df), min(largest, deviance)))


def share(largest: float, deviance: float | None) -> float:
    """What one row is at most of the squares that a linear model leaves."""
    return min(largest / deviance, 1.0) if deviance else 0.0


def _sum(one: tuple[float, float], about: OfSum, errors: _Errors) -> tuple[float, float]:
    """A sum of coefficients with its variance."""
    errors = replace(errors, times=about.times, by_tables=about.by_tables)
    error, step, more = errors.told(math.sqrt(one[1]) * about.of_error)
    return in_steps(one[0] + about.exchanged, step), error**2 + more


def positive(covariance: np.ndarray) -> np.ndarray:
    """The covariance of rounded correlations, as one that there can be."""
    size = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(size, size))
    kept = (vectors * np.maximum(values, LEAST_SHARE)) @ vectors.T
    return np.asarray(kept * np.outer(size, size))


def _around(ends: tuple[float | None, float | None], step: float) -> OpenEnds:
    """An interval of whole steps that the exact one lies in."""
    low, high = ends
    if not step:
        return ends
    return (
        None if low is None else in_steps(math.floor(low / step) * step, step),
        None if high is None else in_steps(math.ceil(high / step) * step, step),
    )


def _magnitude(value: float | None) -> float | None:
    """Its order of magnitude, which is all that a condition number has to tell."""
    return value if not value else 10.0 ** round(math.log10(value))


def _two_digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.2g}")
