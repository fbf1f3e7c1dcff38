"""Logistic maximum likelihood by Newton's method, and what remains of it under separation.

A logistic model whose outcome is separated has no maximum: its deviance still converges, so
convergence here asks Newton's step itself to vanish, which under separation it never does (each
step moves the linear predictor of separated rows by about one). A fit in doubt proposes its step
as the direction of separation (`probe`); the sites answer how many rows it moves, leaves, or
moves the wrong way. A direction that survives this and an exact check splits off the rows whose
outcome it settles; the rest (the `face`) has a maximum, which is the limit of the likelihood: its
deviance and its finite coefficients are what remains of ML.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from scipy.special import expit

from datasets.engine.methods.regression.design import independent
from datasets.engine.methods.regression.fits.sandwich import Robust, sandwich_of
from datasets.engine.results.records import Record, Sums

MOST_STEPS = 25
ENOUGH = 1e-18
"""Newton decrement (twice the log-likelihood still to gain) at which a fit is done."""

MOVED, STILL, EXACT = 0.5, 0.1, 1e-6
"""Bounds of a row's signed change along a direction: split off, unmoved, unmoved exactly."""


@dataclass(frozen=True)
class NewtonSums(Sums):
    """Rows used, deviance, score (p,) and information (p, p) at a fit's coefficients.

    While a direction is examined also all `rows`, how many it `moves` and leaves (2,), and the
    cross-products of those it leaves.
    """

    kind: ClassVar[str] = "newton"

    n: int
    deviance: float
    score: np.ndarray
    information: np.ndarray
    sandwich: np.ndarray | None = None
    alone: np.ndarray | None = None
    rows: int | None = None
    moves: np.ndarray | None = None
    cross: np.ndarray | None = None


@dataclass(frozen=True)
class Newton(Record):
    """A logistic model; `columns` index the design, `free` the places still estimated.

    `inverse` is that of the information at the maximum. `infinite` is the direction without a
    finite maximum and `null_space` all that leave the face's rows where they are.
    """

    kind: ClassVar[str] = "newton"

    columns: tuple[int, ...]
    beta: np.ndarray
    free: tuple[int, ...]
    steps: int = 0
    done: bool = False
    problem: str = ""
    n: int = 0
    deviance: float | None = None
    inverse: np.ndarray | None = None
    previous: np.ndarray | None = None
    decrement: float | None = None
    doubt: bool = False
    certain: bool = False
    probe: np.ndarray | None = None
    face: np.ndarray | None = None
    infinite: np.ndarray | None = None
    null_space: np.ndarray | None = None
    robust: Robust = ""
    sandwich: np.ndarray | None = None
    alone: np.ndarray | None = None

    @classmethod
    def start(cls, columns: Sequence[int], cross: np.ndarray, score: np.ndarray) -> "Newton":
        """After the first step from 0, which needs X'X and X'(y - ½) alone."""
        kept = independent(cross[np.ix_(columns, columns)])
        columns = [columns[k] for k in kept]
        beta = np.linalg.solve(cross[np.ix_(columns, columns)] / 4, score[columns])
        return cls(tuple(columns), beta, tuple(range(len(columns))), steps=1)

    @property
    def open(self) -> bool:
        """Whether the sites are to be asked again."""
        return not self.done or bool(self.robust)

    def sums_of(self, x: np.ndarray, y: np.ndarray) -> NewtonSums:
        """What a site adds up over scaled rows x (n, all columns) and y (n,) of 0 and 1."""
        x = x[:, list(self.columns)]
        sign = 2 * y - 1
        rows = moves = cross = None
        if self.face is not None:
            along = sign * (x @ self.face)
            on = np.abs(along) <= EXACT
            rows, moves = len(y), np.array([(along > MOVED / 2).sum(), on.sum()])
            x, y, sign = x[on], y[on], sign[on]
            cross = x.T @ x
        if self.probe is not None:
            along = sign * (x @ self.probe)
            still = np.abs(along) <= STILL
            rows, moves = len(y), np.array([(along > MOVED).sum(), still.sum()])
            cross = x[still].T @ x[still]
        eta = x @ self.beta
        mean = expit(eta)
        weight = mean * (1 - mean)
        free = x[:, list(self.free)]
        sandwich, alone = sandwich_of(self.robust, self.inverse, free, y - mean, weight)
        return NewtonSums(
            n=len(y),
            deviance=float(2 * np.logaddexp(0.0, -sign * eta).sum()),
            score=x.T @ (y - mean),
            information=(x * weight[:, None]).T @ x,
            sandwich=sandwich,
            alone=alone,
            rows=rows,
            moves=moves,
            cross=cross,
        )

    def advance(self, sums: NewtonSums) -> "Newton":
        """The fit one step on, by the total of its sums."""
        if self.robust:
            self = replace(self, sandwich=sums.sandwich, alone=sums.alone)
            if self.done:
                return replace(self, n=sums.n, deviance=sums.deviance, robust="")
        stepped = replace(self, steps=self.steps + 1)
        if stepped.probe is not None:
            return stepped._answer_probe(sums)
        if stepped.face is not None and stepped.infinite is None:
            return stepped._answer_face(sums)
        return stepped._step(sums)

    def _step(self, sums: NewtonSums) -> "Newton":
        free, deviance = list(self.free), float(sums.deviance)
        if not free or not sums.n:
            inverse = np.zeros((len(free), len(free)))
            return replace(self, n=sums.n, deviance=deviance, done=True, inverse=inverse)
        before = self.deviance
        worse = before is not None and deviance > before + 1e-8 * (abs(before) + 0.1)
        if worse and self.previous is not None and self.steps < MOST_STEPS:
            return replace(self, n=sums.n, beta=(self.beta + self.previous) / 2)
        information = sums.information[np.ix_(free, free)]
        score = sums.score[free]
        step = _solve(information, score)
        decrement = float(score @ step)
        slow = self.decrement is not None and decrement > 0.05 * self.decrement
        beta = self.beta.copy()
        beta[free] += step
        moved = replace(
            self,
            n=sums.n,
            previous=self.beta,
            beta=beta,
            deviance=deviance,
            decrement=decrement,
        )
        if decrement <= ENOUGH:
            return replace(moved, done=True, inverse=np.linalg.inv(information))
        if self.steps >= MOST_STEPS:
            return replace(moved, done=True, problem="not_converged")
        if slow and self.steps >= 7 and not self.certain and self.infinite is None:
            probe = np.zeros(len(beta))
            probe[free] = step
            return replace(moved, doubt=True, probe=probe)
        return moved

    def _answer_probe(self, sums: NewtonSums) -> "Newton":
        """Make the probed direction exact, or drop it and step on."""
        probe, asked = self.probe, replace(self, probe=None)
        ahead, still, cross = _answered(sums)
        if probe is not None and ahead and ahead + still == sums.rows:
            null_space = _null_space(cross)
            exact = null_space @ (null_space.T @ probe)
            if np.linalg.norm(exact) > 0.5 * np.linalg.norm(probe):
                return replace(asked, face=exact, null_space=null_space)
        return asked._step(sums)

    def _answer_face(self, sums: NewtonSums) -> "Newton":
        """Accept the exact direction if no row speaks against it; then estimate on the face."""
        ahead, on, cross = _answered(sums)
        if not ahead or ahead + on != sums.rows or self.null_space is None:
            return replace(self, face=None, null_space=None)
        loose = np.abs(self.null_space).max(axis=1) > 1e-7
        finite_first = sorted(range(len(self.beta)), key=lambda k: (loose[k], k))
        kept = independent(cross[np.ix_(finite_first, finite_first)])
        free = sorted(finite_first[k] for k in kept)
        rest = [k for k in range(len(self.beta)) if k not in free]
        beta = np.zeros(len(self.beta))
        if free:
            carried = np.linalg.solve(cross[np.ix_(free, free)], cross[np.ix_(free, rest)])
            beta[free] = self.beta[free] + carried @ self.beta[rest]
        return replace(
            self,
            infinite=self.face,
            doubt=False,
            beta=beta,
            free=tuple(free),
            deviance=None,
            previous=None,
            decrement=None,
        )


def _answered(sums: NewtonSums) -> tuple[int, int, np.ndarray]:
    """Rows moved ahead, rows left, and the cross-products of these."""
    assert sums.moves is not None
    assert sums.cross is not None
    return int(sums.moves[0]), int(sums.moves[1]), sums.cross


def _solve(information: np.ndarray, score: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(information, score)
    except np.linalg.LinAlgError:
        return np.linalg.pinv(information, hermitian=True) @ score


def _null_space(cross: np.ndarray) -> np.ndarray:
    """Orthonormal directions (columns) that leave every row of X where it is, given X'X."""
    values, vectors = np.linalg.eigh(cross)
    return vectors[:, values <= 1e-10 * max(0.0, float(values[-1]))]
