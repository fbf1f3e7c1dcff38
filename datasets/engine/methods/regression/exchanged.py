"""Estimates of columns of few values as told tables of the outcome and each variable have them.

Such an estimate of an outcome of few values is a table of counts. In steps it is rounded anew in
each part of the rows, and over many columns that some people lack its average tells how many have
both. So the rows' own table is exchanged for the one that is told of them, whose cells are a part
of all rows' and add up to what is told of each variable by itself. What other columns make of an
estimate stays as it is, and so do their own.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import expit

from datasets.engine.guard.rules import Rules
from datasets.engine.methods.regression.crossed_counts import CrossedCounts
from datasets.engine.methods.regression.design import Block, Design
from datasets.engine.methods.regression.fits import LeastSquares, Newton
from datasets.engine.methods.regression.margins import values_in

MOST_STEPS, STILL = 25, 1e-12

MOST_TIMES = 4.0
"""More a variance does not change by told tables, nor to less than a part of so many."""


@dataclass(frozen=True)
class Exchanged:
    """A site's fit and that by told tables, the covariance of what these change of coefficients
    (p, p), and which of them such tables tell (p,), but for what other columns make of them."""

    of_rows: LeastSquares | Newton
    told: LeastSquares | Newton
    covariance: np.ndarray
    is_told: np.ndarray

    @property
    def of_deviance(self) -> float:
        """What they change of the deviance."""
        return (self.told.deviance or 0.0) - (self.of_rows.deviance or 0.0)

    def of_sums(
        self, sums: np.ndarray, *, robust: bool
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What they change of `sums` (k, p) of coefficients, the standard deviations of that, and
        how many times their errors are then told; with its own errors a linear model's are so many
        times its residuals', and as many as before."""
        changes = sums @ (self.told.beta - self.of_rows.beta)
        times = np.ones(len(sums))
        if robust or isinstance(self.of_rows, Newton):
            before, after = (
                _along(sums, one.sandwich if robust else one.inverse)
                for one in (self.of_rows, self.told)
            )
            times = np.sqrt(np.clip(after / before, 1 / MOST_TIMES, MOST_TIMES))
        return changes, np.sqrt(_along(sums, self.covariance)), times


@dataclass(frozen=True)
class _Sums:
    """Sums of the outcome over columns at these places of a fit: how much more the told table has
    of them than the rows' (p,), by what one row more in each cell changes them (cells, p), and by
    what one step more of all that odd rows add (steps, p).

    Cells add up to margins, so that their errors go together: as much as if each cell that is free
    had those of all.
    """

    places: list[int]
    more: np.ndarray
    by_cell: np.ndarray
    by_step: np.ndarray


def exchanged(
    counted: CrossedCounts,
    blocks: Iterable[Block],
    design: Design,
    fit: LeastSquares | Newton,
    rules: Rules,
) -> Exchanged:
    """Those of a guarded site's finished fit, whose first column is the intercept."""
    p = len(fit.columns)
    covariance, is_told = np.zeros((p, p)), np.zeros(p, dtype=bool)
    as_it_is = Exchanged(fit, fit, covariance, is_told)
    if not counted.few_outcomes:
        return as_it_is
    # Of a part of the rows those left out are rounded as well.
    roundings = 2 if counted.lines.leaves_out else 1
    more, moved = np.zeros(p), []
    for one in _sums(counted, design, fit.columns):
        more[one.places] += one.more
        is_told[one.places] = True
        by_rounding = math.sqrt(roundings) * rules.rounding * one.by_cell
        by_rounding = np.vstack([by_rounding, one.by_step])
        moved.append(np.zeros((len(by_rounding), p)))
        moved[-1][:, one.places] = by_rounding
    solved = _solved(blocks, fit, is_told, more[is_told])
    if solved is None:
        return replace(as_it_is, is_told=np.zeros(p, dtype=bool))
    beta, inverse = solved
    by_rounding = np.vstack(moved)[:, is_told] @ inverse
    covariance[np.ix_(is_told, is_told)] = by_rounding.T @ by_rounding / 12
    of_pairs = is_told & ~_is_mixed(design, fit.columns)
    told = (
        _linear(counted, blocks, design, fit, beta, is_told)
        if isinstance(fit, LeastSquares)
        else _logistic(blocks, fit, beta)
    )
    return replace(as_it_is, told=told, is_told=of_pairs)


def _of_counts(
    counted: CrossedCounts,
    design: Design,
    columns: Sequence[int],
    beta: np.ndarray,
    is_told: np.ndarray,
) -> Iterator[float]:
    """How much more of the outcome's squares each variable explains, by these coefficients, where
    as many rows have its values as are told: what is left would tell the exact counts."""
    for name in counted.names:
        own = [k for k, i in enumerate(columns) if design.columns[i].term == (name,)]
        if not own or not is_told[own].all():
            continue
        line = counted.lines.of[name]
        kept = [design.columns[columns[k]] for k in own]
        along = values_in(design, kept, name, line.values) @ beta[own]
        for sign, counts in ((-1.0, line.exact), (1.0, line.told)):
            mean = np.average(along, weights=counts)
            yield sign * counted.lines.n * float(np.average((along - mean) ** 2, weights=counts))


def _is_mixed(design: Design, columns: Sequence[int]) -> np.ndarray:
    """Which columns have coefficients at one level of others, of which interactions tell."""
    terms = [design.columns[i].term for i in columns]
    mixed = {name for term in terms if len(term) > 1 for name in term}
    return np.array([bool(mixed & {*term} if term else mixed) for term in terms])


def _linear(
    counted: CrossedCounts,
    blocks: Iterable[Block],
    design: Design,
    fit: LeastSquares,
    beta: np.ndarray,
    is_told: np.ndarray,
) -> LeastSquares:
    """The fit with these coefficients, and what it then leaves.

    Robust errors stay those of the rows: squares about the table's slopes would tell by the exact
    counts of each value.
    """
    assert fit.deviance is not None
    line = counted.lines.of[design.outcome]
    told = line.told * (counted.lines.n / line.told.sum())
    left = fit.deviance + float(
        (np.array(line.values) - design.outcome_mean) ** 2 @ (told - line.exact)
    )
    for x, _y in blocks:
        before, after = (x[:, list(fit.columns)] @ one for one in (fit.beta, beta))
        left += float(before @ before - after @ after)
    left -= sum(_of_counts(counted, design, fit.columns, beta, is_told))
    return replace(fit, beta=beta, deviance=max(left, fit.deviance / 2))


def _logistic(blocks: Iterable[Block], fit: Newton, beta: np.ndarray) -> Newton:
    """The fit with these coefficients: its deviance and its covariances."""
    assert fit.deviance is not None
    assert fit.inverse is not None
    deviance = fit.deviance
    information, more = np.zeros((2, len(beta), len(beta)))
    for sign, of_fit in ((-1.0, fit.beta), (1.0, beta)):
        for x, _y in blocks:
            x = x[:, list(fit.columns)]
            linear = x @ of_fit
            mean = expit(linear)
            deviance -= sign * 2 * float(mean @ linear - np.logaddexp(0.0, linear).sum())
            squares = (x * (mean * (1 - mean))[:, np.newaxis]).T @ x
            more += sign * squares
            information += squares if sign > 0 else 0.0
    inverse = np.linalg.inv(information)
    told = replace(fit, beta=beta, deviance=max(deviance, fit.deviance / 2), inverse=inverse)
    if fit.sandwich is None:
        return told
    # A row's square is what its mean is from both outcomes, on average over such rows.
    bend = np.linalg.inv(fit.inverse)
    middle = bend @ fit.sandwich @ bend + more
    return replace(told, sandwich=inverse @ middle @ inverse)


def _sums(counted: CrossedCounts, design: Design, columns: Sequence[int]) -> Iterator[_Sums]:
    """Those over each variable's columns about their means, and last those of all outcomes."""
    of_outcome = counted.lines.of[design.outcome]
    outcomes, told = np.array(of_outcome.values), of_outcome.told
    mean = np.average(outcomes, weights=told)
    places, means = [0], [np.ones(1)]
    for name in counted.names:
        own = [k for k, i in enumerate(columns) if design.columns[i].term == (name,)]
        table = counted.table(name) if own else None
        if table is None:
            continue
        line, kept = counted.lines.of[name], [design.columns[columns[k]] for k in own]
        x = values_in(design, kept, name, line.values)
        of_rows, of_told = (_Slopes(one, x, outcomes) for one in (table.part, table.told))
        if of_told.are_known and of_rows.are_known:
            about = np.average(x, axis=0, weights=line.told)
            own_x, as_x = (values_in(design, kept, name, one) - about for one in table.odd.values)
            of_odd, steps = table.odd.added(own_x, as_x, mean, counted.rules)
            more, by_cell = of_told.in_place_of(of_rows)
            yield _Sums(own, more + of_odd, by_cell, np.diag(steps))
            places, means = places + own, [*means, of_rows.means]
    n, odd = counted.lines.n, counted.odd_outcomes
    is_enough = of_outcome.exact >= counted.rules.threshold
    more = n * (mean - np.average(outcomes, weights=of_outcome.exact * is_enough))
    each = np.ones((len(odd.n), 1))
    of_odd, steps = odd.added(each, each, mean, counted.rules)
    by_cell = (outcomes - mean)[told > 0] * n / told.sum()
    by_cell *= math.sqrt(len(by_cell) / (len(by_cell) - 1))
    of_columns = np.concatenate(means)
    by_one = np.outer(by_cell, of_columns), np.outer(steps, of_columns)
    yield _Sums(places, (more + of_odd) * of_columns, *by_one)


class _Slopes:
    """Those of outcomes over columns `x` (values, p) by a table of counts (values, outcomes)."""

    def __init__(self, table: np.ndarray, x: np.ndarray, outcomes: np.ndarray) -> None:
        rows = table.sum(axis=1)
        self._table = table
        self.means = np.average(x, axis=0, weights=rows)
        self._x = x - self.means
        self._squares = (self._x.T * rows) @ self._x
        self._apart = outcomes - np.average(outcomes, weights=table.sum(axis=0))
        self.are_known = np.linalg.matrix_rank(self._squares) == x.shape[1]
        self._by_value = self._x @ np.linalg.pinv(self._squares, hermitian=True)
        self._slopes = self._by_value.T @ table @ self._apart

    def in_place_of(self, other: Self) -> tuple[np.ndarray, np.ndarray]:
        """How much larger sums of outcomes over the columns are by these slopes than by another
        table's, over its rows; and by what one row more in each cell changes them, which no count
        but those of margins tells."""
        is_told = self._table > 0
        by_cell = (self._apart[:, np.newaxis] * self._by_value[:, np.newaxis])[is_told]
        free = (is_told.any(axis=0).sum() - 1) * (is_told.any(axis=1).sum() - 1)
        by_cell *= math.sqrt(len(by_cell) / free)
        return other._squares @ (self._slopes - other._slopes), by_cell @ other._squares


def _solved(
    blocks: Iterable[Block], fit: LeastSquares | Newton, own: np.ndarray, more: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """All coefficients where sums of the outcome over `own` columns (p,) are so much `more`, with
    others as they are, and the inverse of the information of these; None where there are none."""
    beta = fit.beta.copy()
    for _ in range(MOST_STEPS):
        score, information = more.copy(), np.zeros((len(more), len(more)))
        for x, y in blocks:
            x = x[:, list(fit.columns)]
            mean, weight = x @ beta, np.ones(len(y))
            if isinstance(fit, Newton):
                mean = expit(mean)
                weight = mean * (1 - mean)
            x = x[:, own]
            score += x.T @ (y - mean)
            information += (x * weight[:, np.newaxis]).T @ x
        try:
            inverse = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            return None
        step = inverse @ score
        beta[own] += step
        if isinstance(fit, LeastSquares) or float(score @ step) <= STILL:
            # Sums that no outcomes can have lead to where rows tell next to nothing.
            assert fit.inverse is not None
            times = np.diag(inverse) / np.diag(fit.inverse)[own]
            is_near = (times > 0) & (times <= MOST_TIMES**2)
            return (beta, inverse) if is_near.all() else None
    return None


def _along(sums: np.ndarray, covariance: np.ndarray | None) -> np.ndarray:
    assert covariance is not None
    return np.einsum("ij,jk,ik->i", sums, covariance, sums)
