"""How far single people move what is told of a site's own model: no rounding may be finer.

An estimate that rests on a level of fifteen rows is moved by one of them as if there were fifteen
in all, whatever the site has besides. Of a yes or no and a column of few values the estimate is a
table of counts, and is told no finer than counts are: half a threshold of people to either side.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.methods.regression.design import Block
from datasets.engine.methods.regression.fits import LeastSquares, Newton

Blocks = Iterable[Block]


@dataclass(frozen=True)
class Moved:
    """By design column: how far rows move an estimate, in its errors, and an error, as a share of
    itself; and by two columns how far they move the correlation of their coefficients."""

    estimates: np.ndarray
    errors: np.ndarray
    correlations: np.ndarray


def unmoved(columns: int) -> Moved:
    """Where nothing is known of single rows."""
    return Moved(np.zeros(columns), np.zeros(columns), np.zeros((columns, columns)))


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
    """Sums of squares by column, the largest square of a row in them, and that of the rows that
    they are made of: where a level's rows all have the same, and others little, it is theirs."""

    def __init__(self, columns: int) -> None:
        self.total, self.largest = np.zeros(columns), np.zeros(columns)
        self._of_squares = np.zeros(columns)

    def add(self, squares: np.ndarray) -> None:
        """Those of further rows (rows, columns)."""
        self.total += squares.sum(axis=0)
        self._of_squares += (squares**2).sum(axis=0)
        np.maximum(self.largest, squares.max(axis=0, initial=0.0), out=self.largest)

    @property
    def typical(self) -> np.ndarray:
        """The mean square of a row, each counted by its square."""
        return np.asarray(self._of_squares / self.total)


def moved(
    blocks: Blocks,
    fit: LeastSquares | Newton,
    columns: tuple[int, ...],
    back: np.ndarray,
    spread: Spread,
    rules: Rules,
) -> Moved:
    """Of the coefficients `back` @ those of a finished fit, which are those of design `columns`.

    A row may have the other of two outcomes, else one two standard deviations away.
    """
    assert fit.inverse is not None
    to_all = fit.inverse @ back.T
    of_rows = _Largest(len(columns))
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
    away = 1.0
    if isinstance(fit, LeastSquares):
        sigma = math.sqrt((fit.deviance or 0.0) / max(1, fit.n - len(fit.columns)))
        away = max(2 * sigma, spread.two_outcomes) / sigma
    few = spread.few[list(columns)]
    people = np.where(few, rules.threshold / 2, 0.0)
    error = np.sqrt(variance.total)
    several = people if spread.few_outcomes else np.zeros(len(columns))
    one = np.maximum(np.sqrt(of_rows.largest), several * np.sqrt(of_rows.typical))
    of_estimates = away * one / error
    # How many have a level is told in fives, and its error follows from that.
    share = np.maximum(variance.largest, 2 * people * variance.typical) / variance.total
    if fit.sandwich is not None:
        share = np.maximum(share, sandwich.largest / sandwich.total)
    p = len(spread.far)
    estimates, errors = np.zeros(p), np.zeros(p)
    estimates[list(columns)], errors[list(columns)] = of_estimates, share / 2
    both = np.where(np.outer(spread.few, spread.few), rules.threshold / 2, 1)
    return Moved(estimates, errors, both * np.outer(spread.far, spread.far) / spread.n)
