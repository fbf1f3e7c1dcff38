"""Firth's penalised logistic regression as sums, with profile intervals and tests.

The penalty is half the log determinant of the information (Firth 1993); coefficients, standard
errors (expected information at the estimate) agree with `brglm2` (type "AS_mean"), intervals and
tests (profile penalised likelihood, Venzon and Moolgavkar 1988) with `logistf`.

The penalty's gradient needs the derivative of the information, which is a sum over rows as well
(`tensor`, p × p × p and symmetric), so a step is exact from one pass. The penalty's own curvature
is taken with the previous step's information: it steers how fast the maximum is reached, not
where it is.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar, Literal, Self

import numpy as np
from scipy.special import expit

from datasets.engine.methods.shared.tails import chi2_quantile
from datasets.engine.results.records import Record, Sums

MOST_STEPS = 60
ENOUGH = 1e-18
LONGEST = 5.0
"""Longest step of a scaled coefficient, as in logistf."""

HALF_CHI2 = chi2_quantile(0.95, 1) / 2

TENSOR_ROWS = 1024
"""Rows per matrix product of triple products, to keep their pairs in the processor's cache."""

Goal = Literal["lower", "upper", "zero"]
"""The ends of the 95 % profile interval, or the best fit with the contrast held at 0."""


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


@dataclass(frozen=True)
class Firth(Record):
    """A penalised fit; `columns` index the design, `inverse` is that of the information.

    `penalised` is the penalised log-likelihood at `beta`.
    """

    kind: ClassVar[str] = "firth"

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
        information = sums.information
        sign, log_determinant = np.linalg.slogdet(information)
        if sign <= 0:
            return replace(stepped, done=True, problem="no_information")
        inverse = np.linalg.inv(information)
        penalised = -float(sums.deviance) / 2 + float(log_determinant) / 2
        if self.previous is not None and self._went_too_far(penalised):
            return replace(stepped, beta=(self.beta + self.previous) / 2)
        tensor = sums.tensor[_triples(len(self.columns))[1]]
        bent = np.einsum("ij,kjl->kil", inverse, tensor)
        score = sums.score + np.einsum("kii->k", bent) / 2
        curved = information - (sums.curvature - np.einsum("kij,lji->kl", bent, bent)) / 2
        shape = np.linalg.inv(curved) if _positive(curved) else inverse
        step = shape @ (score + self._pull(shape, score, penalised))
        moved = replace(
            stepped,
            deviance=float(sums.deviance),
            penalised=penalised,
            inverse=inverse,
            decrement=float(step @ information @ step),
        )
        if (moved.decrement or 0.0) <= ENOUGH:
            return replace(moved, done=True)
        if moved.steps >= MOST_STEPS:
            return replace(moved, done=True, problem="not_converged")
        beta = self.beta + step * min(1.0, LONGEST / float(np.abs(step).max()))
        return replace(moved, previous=self.beta, beta=beta)

    def _went_too_far(self, penalised: float) -> bool:
        """Whether the last step lost likelihood."""
        if self.penalised is None:
            return False
        return penalised < self.penalised - 1e-9 * (abs(self.penalised) + 1)

    def _pull(self, inverse: np.ndarray, score: np.ndarray, penalised: float) -> np.ndarray:
        """What keeps a step on the fit's surface: nothing for a free fit."""
        return np.zeros_like(score)


@dataclass(frozen=True)
class Profile(Firth):
    """A penalised fit towards a `goal` of the coefficient that design column `column` has.

    `contrast` gives the raw coefficient from the scaled ones, `target` is the penalised
    log-likelihood at the ends of the interval.
    """

    kind: ClassVar[str] = "profile"

    column: int = 0
    goal: Goal = "zero"
    contrast: np.ndarray | None = None
    target: float = 0.0

    @classmethod
    def towards(cls, fit: Firth, column: int, contrast: np.ndarray, goal: Goal) -> "Profile":
        """From a finished fit towards a goal of its coefficients' `contrast`."""
        assert fit.penalised is not None
        side = {"lower": -1.0, "upper": 1.0, "zero": 0.0}[goal]
        reach = fit.inverse @ contrast
        length = np.sqrt(2 * HALF_CHI2 / (contrast @ reach))
        return cls(
            columns=fit.columns,
            beta=fit.beta + side * np.clip(length * reach, -LONGEST, LONGEST),
            inverse=fit.inverse,
            column=column,
            goal=goal,
            contrast=contrast,
            target=fit.penalised - HALF_CHI2,
        )

    def _went_too_far(self, penalised: float) -> bool:
        return False

    def _pull(self, inverse: np.ndarray, score: np.ndarray, penalised: float) -> np.ndarray:
        assert self.contrast is not None
        across = float(self.contrast @ inverse @ self.contrast)
        if self.goal == "zero":
            ahead = float(self.contrast @ (self.beta + inverse @ score))
            return -ahead / across * self.contrast
        above = 2 * (penalised - self.target + 0.5 * float(score @ inverse @ score))
        length = np.sqrt(max(0.0, above) / across)
        return (length if self.goal == "upper" else -length) * self.contrast


def _positive(matrix: np.ndarray) -> bool:
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
