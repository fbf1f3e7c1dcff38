"""Firth's penalised logistic regression as sums.

The penalty is half the log determinant of the information (Firth 1993); coefficients and standard
errors (expected information at the estimate) agree with `brglm2` (type "AS_mean").

The penalty's gradient needs the derivative of the information, which is a sum over rows as well
(`tensor`, p × p × p and symmetric), so a step is exact from one pass. The penalty's own curvature
is taken with the previous step's information: it steers how fast the maximum is reached, not
where it is.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar, Self

import numpy as np
from scipy.special import expit

from datasets.engine.results.records import Record, Sums

ENOUGH = 1e-18
"""Newton decrement at which a fit is done."""

LONGEST = 5.0
"""Longest step of a scaled coefficient, as in logistf."""

TENSOR_ROWS = 1024
"""Rows per matrix product of triple products, to keep their pairs in the processor's cache."""


@dataclass(frozen=True)
class FirthSums(Sums):
    """Rows, deviance, score (p,), information (p, p), its derivative and the penalty's curvature.

    `tensor` has each entry of the symmetric p × p × p derivative once.
    """

    kind: ClassVar[str] = "firth"

    n: int
    deviance: float
    score: np.ndarray
    information: np.ndarray
    tensor: np.ndarray
    curvature: np.ndarray

    @classmethod
    def of_quadratic(
        cls, n: int, deviance: float, score: np.ndarray, information: np.ndarray
    ) -> "FirthSums":
        """Those of a likelihood whose information is the same everywhere."""
        once, _place = _triples(len(score))
        return cls(n, deviance, score, information, np.zeros(len(once)), np.zeros_like(information))


@dataclass(frozen=True)
class Firth(Record):
    """A penalised fit; `columns` index the design, `inverse` is that of the information.

    `penalised` is the penalised log-likelihood at `beta`.
    """

    kind: ClassVar[str] = "firth"
    most_steps: ClassVar[int] = 60

    columns: tuple[int, ...]
    beta: np.ndarray
    inverse: np.ndarray
    steps: int = 0
    done: bool = False
    problem: str = ""
    n: int = 0
    deviance: float | None = None
    penalised: float | None = None
    previous: np.ndarray | None = None
    decrement: float | None = None

    @classmethod
    def start(cls, columns: tuple[int, ...], cross: np.ndarray) -> "Firth":
        """From 0, where the information is X'X/4. `columns` must be independent."""
        inverse = np.linalg.inv(cross[np.ix_(columns, columns)] / 4)
        return Firth(columns, np.zeros(len(columns)), inverse)

    @property
    def open(self) -> bool:
        """Whether the sites are to be asked again."""
        return not self.done

    @property
    def enough(self) -> float:
        """Newton decrement at which the fit is done."""
        return ENOUGH

    @property
    def free(self) -> tuple[int, ...]:
        """Places of the columns that are estimated: all."""
        return tuple(range(len(self.columns)))

    def sums_of(self, x: np.ndarray, y: np.ndarray) -> FirthSums:
        """What a site adds up over scaled rows x (n, all columns) and y (n,) of 0 and 1."""
        x = x[:, list(self.columns)]
        sign = 2 * y - 1
        eta = x @ self.beta
        mean = expit(eta)
        weight = mean * (1 - mean)
        spread = np.einsum("ij,jk,ik->i", x, self.inverse, x)
        return FirthSums(
            n=len(y),
            deviance=float(2 * np.logaddexp(0.0, -sign * eta).sum()),
            score=x.T @ (y - mean),
            information=(x * weight[:, None]).T @ x,
            tensor=_triple_products(x, weight * (1 - 2 * mean)),
            curvature=(x * (weight * (1 - 6 * weight) * spread)[:, None]).T @ x,
        )

    def advance(self, sums: FirthSums) -> Self:
        """One step of the modified score, on the surface the fit is bound to."""
        stepped = replace(self, steps=self.steps + 1, n=sums.n)
        slope = slope_of(sums)
        if slope is None:
            return replace(stepped, done=True, problem="no_information")
        if self.previous is not None and self._went_too_far(slope.penalised):
            return replace(stepped, beta=(self.beta + self.previous) / 2)
        step = self._step(slope)
        moved = replace(
            stepped,
            deviance=float(sums.deviance),
            penalised=slope.penalised,
            inverse=slope.inverse,
            decrement=float(step @ sums.information @ step),
        )
        if (moved.decrement or 0.0) <= self.enough:
            return replace(moved, done=True)
        if moved.steps >= self.most_steps:
            return replace(moved, done=True, problem="not_converged")
        beta = self.beta + step * min(1.0, LONGEST / float(np.abs(step).max()))
        return replace(moved, previous=self.beta, beta=beta)

    def _went_too_far(self, penalised: float) -> bool:
        """Whether the last step lost likelihood."""
        if self.penalised is None:
            return False
        return penalised < self.penalised - 1e-9 * (abs(self.penalised) + 1)

    def _step(self, slope: "Slope") -> np.ndarray:
        """Newton's step to the maximum."""
        return np.linalg.solve(slope.bend(np.eye(len(self.columns))), slope.score)


@dataclass(frozen=True)
class Slope:
    """The penalised log-likelihood at a fit with its gradient and (negative) curvature."""

    penalised: float
    score: np.ndarray
    curved: np.ndarray
    information: np.ndarray
    inverse: np.ndarray

    def bend(self, along: np.ndarray) -> np.ndarray:
        """The curvature along these directions, or the information where it is no summit's."""
        curved = along.T @ self.curved @ along
        return curved if is_positive(curved) else along.T @ self.information @ along


def slope_of(sums: FirthSums) -> Slope | None:
    """That of a fit with these sums; None where the information is singular."""
    information = sums.information
    sign, log_determinant = np.linalg.slogdet(information)
    if sign <= 0 or not np.isfinite(log_determinant):
        return None
    inverse = np.linalg.inv(information)
    tensor = sums.tensor[_triples(len(information))[1]]
    bent = np.einsum("ij,kjl->kil", inverse, tensor)
    return Slope(
        penalised=-float(sums.deviance) / 2 + float(log_determinant) / 2,
        score=sums.score + np.einsum("kii->k", bent) / 2,
        curved=information - (sums.curvature - np.einsum("kij,lji->kl", bent, bent)) / 2,
        information=information,
        inverse=inverse,
    )


def is_positive(matrix: np.ndarray) -> bool:
    """Whether a curvature is that of a summit."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _triple_products(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum over rows of weight · x ⊗ x ⊗ x: the entries of `_triples`, each once."""
    n, p = x.shape
    total = np.zeros((p, p * p))
    for start in range(0, n, TENSOR_ROWS):
        part = x[start : start + TENSOR_ROWS]
        pairs = (part[:, :, None] * part[:, None, :]).reshape(len(part), p * p)
        total += (part * weight[start : start + TENSOR_ROWS, None]).T @ pairs
    once, _place = _triples(p)
    return total.ravel()[once]


@cache
def _triples(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Of a symmetric (p, p, p) tensor: flat indexes of each entry once, and where each is then."""
    ordered = np.sort(np.indices((p, p, p)).reshape(3, -1), axis=0)
    codes = ordered[0] * p * p + ordered[1] * p + ordered[2]
    once, place = np.unique(codes, return_inverse=True)
    return once, place.reshape(p, p, p)
