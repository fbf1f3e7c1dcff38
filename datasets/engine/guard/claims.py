"""What a model would claim of every row: that terms give the outcome, or settle it.

Asked of one input's rows by a model of their own, in passes over their design.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from datasets.engine.guard import reasons
from datasets.engine.guard.withheld import Reason

Design = tuple[np.ndarray, np.ndarray]
"""Some rows' design (rows, columns), the intercept first, and their outcome."""

CLOSEST = 0.995
"""Of a guarded site no stronger correlation is told: a perfect one is about every row."""

SINGULAR = 1e-9
"""An eigenvalue of the correlations of columns that is as good as 0."""

LITTLE = 1e-6
"""What rounding may leave of an outcome that is predicted exactly."""

MOST_STEPS, ENOUGH = 12, 1e-9
"""Newton steps within which a model of a yes-no outcome has less than this to gain per row, if it
has a maximum that is not far out."""


@dataclass(frozen=True)
class Fitted:
    """The linear model of a design: its columns' means and spreads, inverse and coefficients."""

    n: int
    mean: np.ndarray
    scale: np.ndarray
    inverse: np.ndarray
    beta: np.ndarray
    mean_outcome: float
    explained: float
    """The share of the outcome's squares that the terms explain."""
    is_two_valued: bool
    is_singular: bool

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Rows with every column but the intercept centred, and of spread 1."""
        return np.asarray((x - self.mean) / self.scale)

    def predicted(self, z: np.ndarray) -> np.ndarray:
        """The outcome of such rows."""
        return np.asarray(self.mean_outcome + z @ self.beta)


def fitted(designs: Iterable[Design]) -> Fitted:
    """Least squares over all rows."""
    n, total, values = 0, 0.0, np.empty(0)
    mean = square = np.zeros(1)
    for x, y in designs:
        n, total = n + len(y), total + float(y.sum())
        mean, square = mean + x.sum(axis=0), square + (x * x).sum(axis=0)
        if len(values) <= 2:
            values = np.union1d(values, y)
    mean, outcome = mean / n, total / n
    scale = np.sqrt(np.maximum(square / n - mean**2, 0.0))
    mean[0], scale[0] = 0.0, 1.0
    scale[scale <= 0] = 1.0
    cross, score, squares = np.zeros((len(mean), len(mean))), np.zeros(len(mean)), 0.0
    for x, y in designs:
        z = (x - mean) / scale
        cross += z.T @ z
        score += z.T @ (y - outcome)
        squares += float((y - outcome) @ (y - outcome))
    inverse = np.linalg.pinv(cross, rcond=1e-12, hermitian=True)
    beta = inverse @ score
    explained = float(score @ beta) / squares if squares != 0 else 1.0
    singular = not np.linalg.eigvalsh(cross / n)[0] >= SINGULAR
    return Fitted(n, mean, scale, inverse, beta, outcome, explained, len(values) <= 2, singular)


def why_certain(designs: Iterable[Design], fit: Fitted) -> Reason | None:
    """Why whoever knows the terms of a row would know its outcome."""
    if not fit.explained <= CLOSEST**2:
        return reasons.gives_outcome(fit.explained, CLOSEST**2)
    if fit.is_two_valued and not _overlap(designs, fit) and not _converges(designs, fit):
        return reasons.settles_outcome()
    return None


def _overlap(designs: Iterable[Design], fit: Fitted) -> bool:
    """Whether no terms split the two outcomes, as far as the linear model tells.

    What it leaves of the rows adds up to nothing along every column. Where all that is left points
    to each row's own outcome, the rows of either outcome lie among those of the other.
    """
    for x, y in designs:
        left = y - fit.predicted(fit.scaled(x))
        if (np.where(y > fit.mean_outcome, left, -left) <= LITTLE).any():
            return False
    return True


def _converges(designs: Iterable[Design], fit: Fitted) -> bool:
    """Whether the logistic model of a yes-no outcome has a maximum within reach."""
    beta = np.zeros(len(fit.beta))
    for _ in range(MOST_STEPS):
        information, score = np.zeros_like(fit.inverse), np.zeros_like(beta)
        for x, y in designs:
            z = fit.scaled(x)
            chance = expit(z @ beta)
            information += (z * (chance * (1 - chance))[:, None]).T @ z
            score += z.T @ ((y > fit.mean_outcome) - chance)
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            return False
        if float(score @ step) <= ENOUGH * fit.n:
            return True
        beta = beta + step
    return False
