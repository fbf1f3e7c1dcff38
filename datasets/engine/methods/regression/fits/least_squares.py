"""Least squares: settled by cross-products, then one pass over residuals."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from datasets.engine.methods.regression.design import independent
from datasets.engine.methods.regression.fits.sandwich import Robust, middle
from datasets.engine.results.records import Record, Sums


@dataclass(frozen=True)
class LeastSquaresSums(Sums):
    """Rows, sum of squared residuals, and the sandwich's middle where it is asked for."""

    kind: ClassVar[str] = "least_squares"

    n: int
    deviance: float
    meat: np.ndarray | None


@dataclass(frozen=True)
class LeastSquares(Record):
    """A linear model; `columns` index the design, `inverse` is (X'X)⁻¹.

    `robust` asks for the middle of the sandwich as well, "hc3" with leverages.
    """

    kind: ClassVar[str] = "least_squares"

    columns: tuple[int, ...]
    beta: np.ndarray
    inverse: np.ndarray
    robust: Robust = ""
    done: bool = False
    n: int = 0
    deviance: float | None = None
    meat: np.ndarray | None = None
    problem: str = ""

    @classmethod
    def solve(
        cls, columns: list[int], cross: np.ndarray, score: np.ndarray, robust: Robust
    ) -> "LeastSquares":
        """From X'X and X'y; a column that earlier ones add up to is left out."""
        kept = independent(cross[np.ix_(columns, columns)])
        columns = [columns[k] for k in kept]
        inverse = np.linalg.inv(cross[np.ix_(columns, columns)])
        return cls(tuple(columns), inverse @ score[columns], inverse, robust)

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
        meat = middle(self.robust, self.inverse, x, residual, np.ones(len(y)))
        return LeastSquaresSums(len(y), float(residual @ residual), meat)

    def advance(self, sums: LeastSquaresSums) -> "LeastSquares":
        """The finished fit."""
        return replace(self, n=sums.n, deviance=sums.deviance, meat=sums.meat, done=True)
