"""Firth's penalised logistic regression as sums, with profile intervals and tests.

The penalty is half the log determinant of the information (Firth 1993); coefficients, standard
errors (expected information at the estimate) agree with `brglm2` (type "AS_mean"), intervals and
tests (profile penalised likelihood, Venzon and Moolgavkar 1988) with `logistf`.

The penalty's gradient needs the derivative of the information, which is a sum over rows as well
(`tensor`, p × p × p and symmetric), so a step is exact from one pass. The penalty's own curvature
is taken with the previous step's information: it steers how fast the maximum is reached, not
where it is.
"""

from typing import Any

import numpy as np

from datasets.engine.methods.regression.fits import Fit, triples
from datasets.engine.methods.tails import chi2_quantile

MOST_STEPS = 60
ENOUGH = 1e-18
LONGEST = 5.0
"""Longest step of a scaled coefficient, as in logistf."""

HALF_CHI2 = chi2_quantile(0.95, 1) / 2


def start(name: str, columns: list[int], cross: np.ndarray) -> Fit:
    """A Firth fit from 0, where the information is X'X/4. `columns` must be independent."""
    inverse = np.linalg.inv(cross[np.ix_(columns, columns)] / 4)
    p = len(columns)
    return Fit(name, "firth", columns, np.zeros(p), list(range(p)), inverse=inverse)


def start_profile(name: str, fit: Fit, contrast: np.ndarray, goal: str) -> Fit:
    """From a finished fit towards a `goal` of its coefficients' `contrast`.

    "lower" and "upper": the ends of the 95 % profile interval. "zero": the best fit with the
    contrast held at 0.
    """
    assert fit.penalised is not None
    assert fit.inverse is not None
    side = {"lower": -1.0, "upper": 1.0, "zero": 0.0}[goal]
    reach = fit.inverse @ contrast
    length = np.sqrt(2 * HALF_CHI2 / (contrast @ reach))
    return Fit(
        name,
        "firth",
        fit.columns,
        fit.beta + side * np.clip(length * reach, -LONGEST, LONGEST),
        list(fit.free),
        inverse=fit.inverse,
        contrast=contrast,
        goal=goal,
        target=fit.penalised - HALF_CHI2,
    )


def advance_firth(fit: Fit, sums: dict[str, Any]) -> None:
    """One step of the modified score, on the surface the fit is bound to."""
    fit.steps += 1
    fit.n = sums["n"]
    information, score = np.asarray(sums["information"]), np.asarray(sums["score"])
    sign, log_determinant = np.linalg.slogdet(information)
    if sign <= 0:
        fit.done, fit.problem = True, "has no usable information"
        return
    inverse = np.linalg.inv(information)
    deviance = float(sums["deviance"])
    penalised = -deviance / 2 + log_determinant / 2
    if _worse(fit, penalised):
        assert fit.previous is not None
        fit.beta = (fit.beta + fit.previous) / 2
        return
    tensor = np.asarray(sums["tensor"])[triples(len(fit.columns))[1]]
    bent = np.einsum("ij,kjl->kil", inverse, tensor)
    score = score + np.einsum("kii->k", bent) / 2
    curved = (
        information - (np.asarray(sums["curvature"]) - np.einsum("kij,lji->kl", bent, bent)) / 2
    )
    shape = np.linalg.inv(curved) if _positive(curved) else inverse
    fit.deviance, fit.penalised, fit.inverse = deviance, penalised, inverse
    step = shape @ (score + _pull(fit, shape, score))
    fit.decrement = float(step @ information @ step)
    if fit.decrement <= ENOUGH:
        fit.done = True
        return
    if fit.steps >= MOST_STEPS:
        fit.done, fit.problem = True, f"did not converge in {MOST_STEPS} steps"
        return
    fit.previous = fit.beta
    fit.beta = fit.beta + step * min(1.0, LONGEST / float(np.abs(step).max()))


def _worse(fit: Fit, penalised: float) -> bool:
    """Whether a free fit's last step went too far."""
    if fit.contrast is not None or fit.penalised is None or fit.previous is None:
        return False
    return penalised < fit.penalised - 1e-9 * (abs(fit.penalised) + 1)


def _positive(matrix: np.ndarray) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _pull(fit: Fit, inverse: np.ndarray, score: np.ndarray) -> np.ndarray:
    """The multiple of the contrast that keeps a step on the fit's surface."""
    if fit.contrast is None:
        return np.zeros_like(score)
    across = float(fit.contrast @ inverse @ fit.contrast)
    if fit.goal == "zero":
        ahead = float(fit.contrast @ (fit.beta + inverse @ score))
        return -ahead / across * fit.contrast
    assert fit.target is not None
    assert fit.penalised is not None
    above = 2 * (fit.penalised - fit.target + 0.5 * float(score @ inverse @ score))
    length = np.sqrt(max(0.0, above) / across)
    return (length if fit.goal == "upper" else -length) * fit.contrast
