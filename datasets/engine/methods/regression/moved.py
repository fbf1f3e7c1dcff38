"""How far single people move what is told of a site's own model: no rounding may be finer.

An estimate that rests on a level of fifteen rows is moved by one of them as if there were fifteen
in all, whatever the site has besides. Of a yes or no and a column of few values the estimate is a
table of counts, and is told no finer than counts are: half a threshold of people to either side.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.methods.regression.design import Block
from datasets.engine.methods.regression.exchanged import Exchanged
from datasets.engine.methods.regression.fits import LeastSquares, Newton
from datasets.engine.methods.regression.margins import Margins

NOTHING = 1e-9
"""A side whose pull is such a share of the other's is what arithmetic left."""

Blocks = Iterable[Block]


@dataclass(frozen=True)
class OfSum:
    """Of a sum of coefficients how many `times` a spread its error is, as the terms alone have it;
    and what told tables change, as of a coefficient."""

    times: float = 1.0
    exchanged: float = 0.0
    by_tables: float = 0.0
    of_error: float = 1.0


@dataclass(frozen=True)
class Moved:
    """By design column: how far rows move an estimate, in its errors, and both factors of an error,
    as shares of themselves; and by two columns how far they move the correlation of their
    coefficients.

    Told tables change an estimate by what is `exchanged`, which has a standard deviation
    `by_tables`, and its error to `of_errors` times that; and the deviance by `of_deviance`.

    An error is so many `times` a spread, as the terms alone have it, and `sums` has what is known
    of sums of coefficients. `of_rows` is what the numbers of rows make of that by themselves, where
    they are counts, and `told` the same by what is told of them; both are 1 elsewhere. Shares of
    `times` are of the terms alone as well: no outcome moves its steps.
    """

    estimates: np.ndarray
    times: np.ndarray
    of_rows: np.ndarray
    told: np.ndarray
    of_times: np.ndarray
    of_spreads: np.ndarray
    correlations: np.ndarray
    exchanged: np.ndarray
    by_tables: np.ndarray
    of_errors: np.ndarray
    sums: tuple[OfSum, ...] = ()
    of_deviance: float = 0.0


def unmoved(columns: int) -> Moved:
    """Where nothing is known of single rows."""
    estimates, of_times, of_spreads, exchanged, by_tables = np.zeros((5, columns))
    times, of_rows, told, of_errors = np.ones((4, columns))
    return Moved(
        estimates,
        times,
        of_rows,
        told,
        of_times,
        of_spreads,
        np.zeros((columns, columns)),
        exchanged,
        by_tables,
        of_errors,
    )


@dataclass(frozen=True)
class Spread:
    """Of the scaled columns (p,) of some rows how far from the mean they go, in standard
    deviations, and whether they have few values, as their outcome may have; and how far apart its
    two values are, 0 where it has more."""

    n: int
    far: np.ndarray
    few: np.ndarray
    few_outcomes: bool
    two_outcomes: float


def spread_of(blocks: Blocks) -> Spread:
    """In two passes over at least one row."""
    n, total = 0, np.zeros(1)
    low, high = np.full(1, np.inf), np.full(1, -np.inf)
    values: list[np.ndarray] = []
    for x, y in blocks:
        if not len(x):
            continue
        n, total = n + len(x), total + x.sum(axis=0)
        low, high = np.minimum(low, x.min(axis=0)), np.maximum(high, x.max(axis=0))
        values = values or [np.empty(0)] * (x.shape[1] + 1)
        values = [
            known if len(known) > FEW_VALUED else np.union1d(known, column)
            for known, column in zip(values, (*x.T, y), strict=True)
        ]
    mean, squares = total / n, np.zeros(len(total))
    for x, _y in blocks:
        squares = squares + ((x - mean) ** 2).sum(axis=0)
    sd = np.sqrt(squares / n)
    return Spread(
        n=n,
        far=np.maximum(high - mean, mean - low) / np.where(sd > 0, sd, np.inf),
        few=np.array([len(one) <= FEW_VALUED for one in values[:-1]]),
        few_outcomes=len(values[-1]) <= FEW_VALUED,
        two_outcomes=float(np.ptp(values[-1])) if len(values[-1]) <= 2 else 0.0,
    )


class _Largest:
    """Sums of squares by column, and the largest square of a row in them."""

    def __init__(self, columns: int) -> None:
        self.total, self.largest = np.zeros(columns), np.zeros(columns)

    def add(self, squares: np.ndarray) -> None:
        """Those of further rows (rows, columns)."""
        self.total += squares.sum(axis=0)
        np.maximum(self.largest, squares.max(axis=0, initial=0.0), out=self.largest)

    @property
    def share(self) -> np.ndarray:
        """What one row is of all at most."""
        return np.asarray(self.largest / self.total)


class _Sides:
    """How many rows coefficients rest on, those that raise them and those that lower them: of a
    level against the others these are its rows and the others'."""

    def __init__(self, columns: int) -> None:
        self._sums, self._squares = np.zeros((2, columns)), np.zeros((2, columns))

    def add(self, influence: np.ndarray) -> None:
        """That of further rows (rows, columns)."""
        for side, of_side in enumerate((influence, -influence)):
            pull = np.maximum(of_side, 0.0)
            self._sums[side] += pull.sum(axis=0)
            self._squares[side] += (pull**2).sum(axis=0)

    @property
    def rows(self) -> np.ndarray:
        """How many, the smaller side (columns,) and the larger; infinitely many where none are."""
        some = self._sums > NOTHING * self._sums.max(axis=0)
        rows = np.where(some, self._sums**2 / np.where(some, self._squares, 1.0), np.inf)
        return np.sort(rows, axis=0)

    def told(self, rules: Rules, shares: np.ndarray, share: float) -> np.ndarray:
        """The same as counts are told: of a smaller side `shares` times its rows, of which the
        larger takes what is left of `share` times both."""

        def count(rows: float) -> float:
            return rules.rounded(round(rows)) or rules.least_shown if rows < np.inf else rows

        few = [count(one) for one in self.rows[0] * shares]
        both = self.rows.sum(axis=0) * share
        rest = [max(count(all_of_it) - n, n) for all_of_it, n in zip(both, few, strict=True)]
        return np.array([few, rest])


def _by_one(shares: np.ndarray) -> np.ndarray:
    """How far one row moves an estimate, in its errors, of which each row of a side has such a
    share (2, columns)."""
    return np.asarray(shares.max(axis=0) / np.sqrt(shares.sum(axis=0)))


def _as_told(
    by_a_row: np.ndarray, exactly: np.ndarray, by_told: np.ndarray, fine: np.ndarray
) -> np.ndarray:
    """How far a row moves estimates, in so `fine` parts of a doubling: as many times what told
    counts alone make of that as it is times what exact ones do.

    An error has no part in it. As parts of errors of many sizes, those of many outcomes, steps told
    how many have a level, and how far off somebody is.
    """
    times = by_a_row / exactly
    some = times > 0
    parts = np.ceil(fine * np.log2(np.where(some, times, 1.0)) - NOTHING)
    return np.where(some, 2.0 ** (parts / fine) * by_told, 0.0)


def moved(
    blocks: Blocks,
    fit: LeastSquares | Newton,
    columns: tuple[int, ...],
    back: np.ndarray,
    of_terms: np.ndarray,
    spread: Spread,
    margins: Margins,
    tables: Exchanged,
    rules: Rules,
) -> Moved:
    """Of the coefficients `back` @ those of a finished fit, which are those of design `columns`;
    `of_terms` is (X'X)⁻¹, that of the terms alone.

    A row may have the other of two outcomes, else one two standard deviations away.
    """
    assert fit.inverse is not None
    to_all, by_terms = fit.inverse @ back.T, of_terms @ back.T
    of_rows, alone, sides = _Largest(len(columns)), _Largest(len(columns)), _Sides(len(columns))
    variance, sandwich = _Largest(len(columns)), _Largest(len(columns))
    for x, y in blocks:
        x = x[:, list(fit.columns)]
        found = x @ fit.beta
        weight = np.ones(len(y))
        if isinstance(fit, Newton):
            found = expit(found)
            weight = found * (1 - found)
        influence = (x @ to_all) ** 2
        of_rows.add(influence)
        variance.add(influence * weight[:, None])
        sandwich.add(influence * ((y - found) ** 2)[:, None])
        sides.add(x @ by_terms)
        alone.add((x @ by_terms) ** 2)
    away = 1.0
    if isinstance(fit, LeastSquares):
        sigma = math.sqrt((fit.deviance or 0.0) / max(1, fit.n - len(fit.columns)))
        away = max(2 * sigma, spread.two_outcomes) / sigma
    people = np.where(spread.few[list(columns)], rules.threshold / 2, 0.0)
    several = people if spread.few_outcomes else np.zeros(len(columns))
    error, times = np.sqrt(variance.total), np.sqrt(alone.total)
    # How many have a level is told of all rows less those left out, and no error nor any step tells
    # more of it.
    shares = 1 / sides.told(rules, margins.shares(columns, back), margins.share)
    of_rows_told = np.sqrt(shares.sum(axis=0))
    by_one = _by_one(shares)
    by_people = several * by_one * error / times
    by_a_row = _as_told(
        np.sqrt(of_rows.largest) / error,
        np.where(people, _by_one(1 / sides.rows), 1.0),
        np.where(people, by_one, 1.0),
        np.where(people, 8, 4),
    )
    of_estimates = np.maximum(by_a_row, by_people)
    # Of what told tables tell nobody is to be hidden but in what else there is.
    is_told = (np.abs(back) @ ~tables.is_told == 0) & (by_people > by_a_row)
    of_estimates[is_told] /= np.maximum(several[is_told], 1.0)
    of_times = np.maximum(alone.share, 2 * people * by_one**2)
    of_spreads = np.maximum(variance.share, 2 * several * by_one**2)
    if fit.sandwich is not None:
        of_spreads = np.maximum(of_spreads, sandwich.share)
    by_exchange = tables.of_sums(back, robust=fit.sandwich is not None)
    own, of_all = list(columns), unmoved(len(spread.far))
    for found_of, of_own in (
        (of_all.estimates, away * of_estimates),
        (of_all.times, times),
        (of_all.of_rows, np.where(people, np.sqrt((1 / sides.rows).sum(axis=0)), 1.0)),
        (of_all.told, np.where(people, of_rows_told, 1.0)),
        (of_all.of_times, of_times / 2),
        (of_all.of_spreads, of_spreads / 2),
        (of_all.exchanged, by_exchange[0]),
        (of_all.by_tables, by_exchange[1]),
        (of_all.of_errors, by_exchange[2]),
    ):
        found_of[own] = of_own
    both = np.where(np.outer(spread.few, spread.few), rules.threshold / 2, 1)
    return replace(
        of_all,
        correlations=both * np.outer(spread.far, spread.far) / spread.n,
        of_deviance=tables.of_deviance,
    )
