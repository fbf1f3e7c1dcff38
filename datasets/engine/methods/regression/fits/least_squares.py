"""Least squares: settled by cross-products, then passes over residuals that give back their digits.

Cross-products square the condition of the design. What that costs comes back with the residuals:
X'r of a pass corrects the coefficients, and where the condition is bad Z'Z of the whitened rows Z
corrects (X'X)⁻¹ ("CholeskyQR2"), so that coefficients and errors have the digits of a QR.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from datasets.engine.methods.regression.design import independent
from datasets.engine.methods.regression.fits.sandwich import Robust, sandwich_of
from datasets.engine.results.records import Record, Sums

MOST_STEPS = 4
ENOUGH = 1e-10
"""Correction of a coefficient, by itself or its error, after which no other pass pays."""

BAD_CONDITION = 1e5
"""Condition of X'X from which on its inverse is corrected."""

PERFECT = 1e-14
"""Residuals of this size, by what they were computed from, are what rounding left."""


@dataclass(frozen=True)
class LeastSquaresSums(Sums):
    """Rows, sum of squared residuals, X'r, and what only some fits ask for: robust covariance
    with rows of leverage 1 apart, and the cross-products of whitened rows.
    """

    kind: ClassVar[str] = "least_squares"

    n: int
    deviance: float
    score: np.ndarray
    sandwich: np.ndarray | None
    alone: np.ndarray | None
    whitened: np.ndarray | None


@dataclass(frozen=True)
class LeastSquares(Record):
    """A linear model; `columns` index the design, `inverse` is (X'X)⁻¹.

    `robust` asks for robust covariance as well, "hc3" with leverages. `whitener` makes
    rows nearly orthonormal while the inverse is still to be corrected. In a perfect fit the
    deviance is 0; `outcome_mean` is what outcomes are centred by.
    """

    kind: ClassVar[str] = "least_squares"

    columns: tuple[int, ...]
    beta: np.ndarray
    inverse: np.ndarray
    robust: Robust = ""
    outcome_mean: float = 0.0
    whitener: np.ndarray | None = None
    steps: int = 0
    done: bool = False
    n: int = 0
    deviance: float | None = None
    sandwich: np.ndarray | None = None
    alone: np.ndarray | None = None
    problem: str = ""

    @classmethod
    def solve(
        cls,
        columns: Sequence[int],
        cross: np.ndarray,
        score: np.ndarray,
        robust: Robust,
        outcome_mean: float,
    ) -> "LeastSquares":
        """From X'X and X'y; a column that earlier ones add up to is left out."""
        kept = independent(cross[np.ix_(columns, columns)])
        columns = [columns[k] for k in kept]
        inside = cross[np.ix_(columns, columns)]
        size = np.sqrt(np.diag(inside))
        whitener = None
        if np.linalg.cond(inside / np.outer(size, size)) > BAD_CONDITION:
            whitener = np.linalg.inv(np.linalg.cholesky(inside)).T
        inverse = np.linalg.inv(inside) if whitener is None else whitener @ whitener.T
        beta = inverse @ score[columns]
        return cls(tuple(columns), beta, inverse, robust, outcome_mean, whitener)

    @property
    def open(self) -> bool:
        """Whether the sites are to be asked again."""
        return not self.done

    @property
    def free(self) -> tuple[int, ...]:
        """Places of the columns that are estimated: all."""
        return tuple(range(len(self.columns)))

    def sums_of(self, x: np.ndarray, y: np.ndarray) -> LeastSquaresSums:
        """What a site adds up over scaled rows x (n, all columns) and y (n,)."""
        x = x[:, list(self.columns)]
        residual = y - x @ self.beta
        sandwich, alone = sandwich_of(self.robust, self.inverse, x, residual, np.ones(len(y)))
        white = None if self.whitener is None else x @ self.whitener
        return LeastSquaresSums(
            n=len(y),
            deviance=float(residual @ residual),
            score=x.T @ residual,
            sandwich=sandwich,
            alone=alone,
            whitened=None if white is None else white.T @ white,
        )

    def advance(self, sums: LeastSquaresSums) -> "LeastSquares":
        """The corrected fit, finished unless the correction was worth another pass."""
        inverse, whitened = self.inverse, sums.whitened
        if self.whitener is not None and whitened is not None:
            inverse = self.whitener @ np.linalg.solve(whitened, self.whitener.T)
        step = inverse @ sums.score
        deviance = max(0.0, sums.deviance - float(sums.score @ step))
        error = np.sqrt(deviance / max(1, sums.n - len(step)) * np.diag(inverse))
        small = np.abs(step) <= ENOUGH * np.maximum(error, np.abs(self.beta))
        fit = replace(
            self,
            beta=self.beta + step,
            inverse=inverse,
            whitener=None,
            steps=self.steps + 1,
            n=sums.n,
            deviance=deviance,
            sandwich=sums.sandwich,
            alone=sums.alone,
            done=bool(small.all()) or self.steps + 1 >= MOST_STEPS,
        )
        size = self.outcome_mean**2 + float(fit.beta @ fit.beta)
        if not fit.done or deviance > PERFECT**2 * sums.n * size:
            return fit
        return replace(fit, deviance=0.0, sandwich=None)
