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
from datasets.engine.methods.regression.design import Block, Design
from datasets.engine.methods.regression.few_values import FewValues
from datasets.engine.methods.regression.fits import LeastSquares, Newton
from datasets.engine.methods.regression.margins import values_in

MOST_STEPS, STILL = 25, 1e-12


@dataclass(frozen=True)
class Exchanged:
    """What told tables change of a fit's coefficients (p,), the covariance of that (p, p), which of
    them such tables tell (p,), but for what other columns make of them; and what they change of the
    deviance."""

    change: np.ndarray
    covariance: np.ndarray
    is_told: np.ndarray
    of_deviance: float = 0.0

    def of_sum(self, weights: np.ndarray) -> tuple[float, float]:
        """What they change of a sum of coefficients, and the standard deviation of that."""
        return float(weights @ self.change), math.sqrt(float(weights @ self.covariance @ weights))


@dataclass(frozen=True)
class _Sums:
    """Sums of the outcome over columns at these places of a fit: how much more the told table has
    of them than the rows' (p,), and by what one row more in each cell changes them (cells, p).

    Cells add up to margins, so that their errors go together: as much as if each cell that is free
    had those of all.
    """

    places: list[int]
    more: np.ndarray
    by_cell: np.ndarray


def exchanged(
    counted: FewValues,
    blocks: Iterable[Block],
    design: Design,
    fit: LeastSquares | Newton,
    rules: Rules,
) -> Exchanged:
    """Those of a guarded site's finished fit, whose first column is the intercept."""
    p = len(fit.columns)
    found = Exchanged(np.zeros(p), np.zeros((p, p)), np.zeros(p, dtype=bool))
    if not counted.few_outcomes:
        return found
    sums = list(_sums(counted, design, fit.columns))
    more, by_cell = np.zeros(p), []
    for one in sums:
        more[one.places] += one.more
        by_cell.append(np.zeros((len(one.by_cell), p)))
        by_cell[-1][:, one.places] = one.by_cell
    own = sorted({place for one in sums for place in one.places})
    solved = _solved(blocks, fit, own, more[own])
    if solved is None:
        return found
    found.change[own], inverse = solved
    moved = np.vstack(by_cell)[:, own] @ inverse * rules.rounding
    # Of a part of the rows those left out are rounded as well.
    counts = 2 if counted.leaves_out else 1
    found.covariance[np.ix_(own, own)] = moved.T @ moved * counts / 12
    found.is_told[own] = True
    before, after = (_explained(blocks, fit, beta) for beta in (fit.beta, fit.beta + found.change))
    of_outcomes = _squares(counted, design) if isinstance(fit, LeastSquares) else 0.0
    return replace(found, of_deviance=of_outcomes + before - after)


def _sums(counted: FewValues, design: Design, columns: Sequence[int]) -> Iterator[_Sums]:
    """Those over each variable's columns about their means, and last those of all outcomes."""
    outcomes, part, told = map(np.array, counted.line(design.outcome))
    places, means = [0], [np.ones(1)]
    for name in counted.names:
        own = [k for k, i in enumerate(columns) if design.columns[i].term == (name,)]
        tables = counted.table(name) if own else None
        if tables is None:
            continue
        values, _, _ = counted.line(name)
        x = values_in(design, [design.columns[columns[k]] for k in own], name, values)
        of_rows, of_told = (_Slopes(table, x, outcomes) for table in tables)
        if of_told.are_known:
            yield _Sums(own, *of_told.in_place_of(of_rows))
            places, means = places + own, [*means, of_rows.means]
    mean = np.average(outcomes, weights=told)
    more = counted.n * (mean - np.average(outcomes, weights=part))
    by_cell = (outcomes - mean)[told > 0] * counted.n / told.sum()
    by_cell *= math.sqrt(len(by_cell) / (len(by_cell) - 1))
    of_columns = np.concatenate(means)
    yield _Sums(places, more * of_columns, np.outer(by_cell, of_columns))


def _squares(counted: FewValues, design: Design) -> float:
    """How much more squares of all outcomes are by what is told of them than by the rows."""
    outcomes, part, told = map(np.array, counted.line(design.outcome))
    squares = (outcomes - design.outcome_mean) ** 2
    return float(squares @ (told * (counted.n / told.sum()) - part))


def _explained(blocks: Iterable[Block], fit: LeastSquares | Newton, beta: np.ndarray) -> float:
    """What a fit with these coefficients takes of the deviance, if they are its best."""
    found = 0.0
    for x, _y in blocks:
        linear = x[:, list(fit.columns)] @ beta
        if isinstance(fit, Newton):
            found += 2 * float(expit(linear) @ linear - np.logaddexp(0.0, linear).sum())
        else:
            found += float(linear @ linear)
    return found


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
    blocks: Iterable[Block], fit: LeastSquares | Newton, own: Sequence[int], more: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """By how much the coefficients at these places change where their sums of the outcome have so
    much `more`, the others as they are; and the inverse of their information."""
    beta, of_own = fit.beta.copy(), list(own)
    for _ in range(MOST_STEPS):
        score, information = more.copy(), np.zeros((len(own), len(own)))
        for x, y in blocks:
            x = x[:, list(fit.columns)]
            mean, weight = x @ beta, np.ones(len(y))
            if isinstance(fit, Newton):
                mean = expit(mean)
                weight = mean * (1 - mean)
            x = x[:, of_own]
            score += x.T @ (y - mean)
            information += (x * weight[:, np.newaxis]).T @ x
        try:
            inverse = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            return None
        step = inverse @ score
        beta[of_own] += step
        if isinstance(fit, LeastSquares) or float(score @ step) <= STILL:
            return (beta - fit.beta)[of_own], inverse
    return None
