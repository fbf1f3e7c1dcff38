"""One model on its way to its maximum: the state that passes between rounds, and its next step.

A `Fit` asks a site for sums at its coefficients (`sums_of`) and moves on with the sites' total
(`advance`). The same code fits the pool, where each step is a round, and a single site, where it
is a pass over rows. All coefficients here are of the scaled design.

Maximum likelihood by Newton's method. A logistic model whose outcome is separated has no maximum:
its deviance still converges, so convergence here asks Newton's step itself to vanish, which under
separation it never does (each step moves the linear predictor of separated rows by about one).
A fit in doubt proposes its step as the direction of separation (`probe`); the sites answer how
many rows it moves, leaves, or moves the wrong way. A direction that survives this and an exact
check splits off the rows whose outcome it settles; the rest (the `face`) has a maximum, which is
the limit of the likelihood: its deviance and its finite coefficients are what remains of ML.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
from scipy.special import expit

from datasets.engine.methods.regression.design import independent

MOST_STEPS = 25
ENOUGH = 1e-18
"""Newton decrement (twice the log-likelihood still to gain) at which a fit is done."""

TENSOR_ROWS = 1024
"""Rows per matrix product of triple products, to keep their pairs in the processor's cache."""

MOVED, STILL, EXACT = 0.5, 0.1, 1e-6
"""Bounds of a row's signed change along a direction: split off, unmoved, unmoved exactly."""


@dataclass
class Fit:
    """State of one model; `columns` index the design, `free` the columns still estimated.

    kind "ols": `beta` is final, the sites add up residuals. "ml": Newton. "firth": see firth.py,
    optionally on the surface that `contrast` and `goal` describe. `hc`: also add up the middle
    of the sandwich, "hc3" with leverages from `inverse`.
    """

    name: str
    kind: str
    columns: list[int]
    beta: np.ndarray
    free: list[int]
    inverse: np.ndarray | None = None
    hc: str = ""
    steps: int = 0
    done: bool = False
    problem: str = ""
    previous: np.ndarray | None = None
    deviance: float | None = None
    decrement: float | None = None
    doubt: bool = False
    certain: bool = False
    probe: np.ndarray | None = None
    face: np.ndarray | None = None
    infinite: np.ndarray | None = None
    null_space: np.ndarray | None = None
    meat: np.ndarray | None = None
    n: int = 0
    contrast: np.ndarray | None = None
    goal: str = ""
    target: float | None = None
    penalised: float | None = None

    def to_json(self) -> dict[str, Any]:
        saved = {field.name: getattr(self, field.name) for field in fields(self)}
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in saved.items()}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Fit":
        arrays = {
            name: np.asarray(saved[name], dtype=float)
            for name in (
                "beta",
                "inverse",
                "previous",
                "probe",
                "face",
                "infinite",
                "null_space",
                "meat",
                "contrast",
            )
            if saved[name] is not None
        }
        return cls(**(saved | arrays))


def start_ml(name: str, columns: list[int], cross: np.ndarray, score: np.ndarray) -> Fit:
    """A logistic fit after its first Newton step from 0, which needs X'X and X'(y - ½) alone."""
    kept = independent(cross[np.ix_(columns, columns)])
    columns = [columns[k] for k in kept]
    beta = np.linalg.solve(cross[np.ix_(columns, columns)] / 4, score[columns])
    return Fit(name, "ml", columns, beta, list(range(len(columns))), steps=1)


def solve_ols(name: str, columns: list[int], cross: np.ndarray, score: np.ndarray, hc: str) -> Fit:
    """Least squares from X'X and X'y; a pass over residuals follows."""
    kept = independent(cross[np.ix_(columns, columns)])
    columns = [columns[k] for k in kept]
    inverse = np.linalg.inv(cross[np.ix_(columns, columns)])
    beta = inverse @ score[columns]
    return Fit(name, "ols", columns, beta, list(range(len(columns))), inverse=inverse, hc=hc)


def sums_of(fit: Fit, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """What a site adds up for `fit` over scaled rows x (n, all columns), y (n,)."""
    x = x[:, fit.columns]
    if fit.kind == "ols":
        residual = y - x @ fit.beta
        total = {"n": len(y), "deviance": float(residual @ residual)}
        return total | _middle(fit, x, residual, np.ones(len(y)))
    sign = 2 * y - 1
    sums: dict[str, Any] = {}
    if fit.face is not None:
        along = sign * (x @ fit.face)
        on = np.abs(along) <= EXACT
        sums["moves"] = [int((along > MOVED / 2).sum()), int(on.sum())]
        sums["rows"] = len(y)
        x, y, sign = x[on], y[on], sign[on]
        sums["cross"] = x.T @ x
    if fit.probe is not None:
        along = sign * (x @ fit.probe)
        still = np.abs(along) <= STILL
        sums["moves"] = [int((along > MOVED).sum()), int(still.sum())]
        sums["rows"] = len(y)
        sums["cross"] = x[still].T @ x[still]
    eta = x @ fit.beta
    mean = expit(eta)
    weight = mean * (1 - mean)
    weighted = x * weight[:, None]
    sums |= {
        "n": len(y),
        "deviance": float(2 * np.logaddexp(0.0, -sign * eta).sum()),
        "score": x.T @ (y - mean),
        "information": weighted.T @ x,
    }
    if fit.kind == "firth" and fit.inverse is not None:
        slope = weight * (1 - 2 * mean)
        sums["tensor"] = _triple_products(x, slope)
        spread = np.einsum("ij,jk,ik->i", x, fit.inverse, x)
        sums["curvature"] = (x * (weight * (1 - 6 * weight) * spread)[:, None]).T @ x
    return sums | _middle(fit, x, y - mean, weight)


def advance(fit: Fit, sums: dict[str, Any]) -> None:
    """Move `fit` on by the total of its sums."""
    sums = {k: np.asarray(v) if isinstance(v, list) else v for k, v in sums.items()}
    if fit.hc:
        fit.meat = sums["meat"]
    if fit.kind == "ols" or (fit.hc and fit.done):
        fit.n, fit.deviance, fit.done, fit.hc = sums["n"], sums["deviance"], True, ""
        return
    fit.steps += 1
    if fit.probe is not None:
        _answer_probe(fit, sums)
    elif fit.face is not None and fit.infinite is None:
        _answer_face(fit, sums)
    else:
        _newton(fit, sums)


def _newton(fit: Fit, sums: dict[str, Any]) -> None:
    free = fit.free
    fit.n = sums["n"]
    deviance = float(sums["deviance"])
    if not free or not fit.n:
        fit.deviance, fit.done, fit.inverse = deviance, True, np.zeros((len(free), len(free)))
        return
    worse = fit.deviance is not None and deviance > fit.deviance + 1e-8 * (abs(fit.deviance) + 0.1)
    if worse and fit.previous is not None and fit.steps < MOST_STEPS:
        fit.beta = (fit.beta + fit.previous) / 2
        return
    information = sums["information"][np.ix_(free, free)]
    score = sums["score"][free]
    step = _solve(information, score)
    decrement = float(score @ step)
    slow = fit.decrement is not None and decrement > 0.05 * fit.decrement
    moved = fit.beta.copy()
    moved[free] += step
    fit.previous, fit.beta, fit.deviance, fit.decrement = fit.beta, moved, deviance, decrement
    if decrement <= ENOUGH:
        fit.done, fit.inverse = True, np.linalg.inv(information)
        return
    if fit.steps >= MOST_STEPS:
        fit.done, fit.problem = True, f"did not converge in {MOST_STEPS} steps"
        return
    if slow and fit.steps >= 7 and not fit.certain and fit.infinite is None:
        fit.doubt = True
        fit.probe = np.zeros(len(fit.beta))
        fit.probe[free] = step


def _answer_probe(fit: Fit, sums: dict[str, Any]) -> None:
    """Make the probed direction exact, or drop it and step on."""
    moved, still = (int(v) for v in sums["moves"])
    probe, fit.probe = fit.probe, None
    if probe is not None and moved and moved + still == sums["rows"]:
        null_space = _null_space(sums["cross"])
        exact = null_space @ (null_space.T @ probe)
        if np.linalg.norm(exact) > 0.5 * np.linalg.norm(probe):
            fit.face, fit.null_space = exact, null_space
            return
    _newton(fit, sums)


def _answer_face(fit: Fit, sums: dict[str, Any]) -> None:
    """Accept the exact direction if no row speaks against it; then estimate on the face."""
    ahead, on = (int(v) for v in sums["moves"])
    if not ahead or ahead + on != sums["rows"]:
        fit.face = fit.null_space = None
        return
    fit.infinite, fit.doubt = fit.face, False
    cross = sums["cross"]
    assert fit.null_space is not None
    loose = np.abs(fit.null_space).max(axis=1) > 1e-7
    finite_first = sorted(range(len(fit.beta)), key=lambda k: (loose[k], k))
    kept = independent(cross[np.ix_(finite_first, finite_first)])
    free = sorted(finite_first[k] for k in kept)
    rest = [k for k in range(len(fit.beta)) if k not in free]
    beta = np.zeros(len(fit.beta))
    if free:
        carried = np.linalg.solve(cross[np.ix_(free, free)], cross[np.ix_(free, rest)])
        beta[free] = fit.beta[free] + carried @ fit.beta[rest]
    fit.beta, fit.free = beta, free
    fit.deviance = fit.previous = fit.decrement = None


def _middle(fit: Fit, x: np.ndarray, residual: np.ndarray, weight: np.ndarray) -> dict[str, Any]:
    """Sum of squared (for HC3 leave-one-out) residuals times x x', White's meat."""
    if not fit.hc:
        return {}
    if fit.hc == "hc3" and fit.inverse is not None:
        leverage = weight * np.einsum("ij,jk,ik->i", x, fit.inverse, x)
        residual = residual / np.maximum(1 - leverage, 1e-12)
    return {"meat": (x * (residual**2)[:, None]).T @ x}


def _triple_products(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Sum over rows of weight · x ⊗ x ⊗ x: the entries of `triples`, each once."""
    n, p = x.shape
    total = np.zeros((p, p * p))
    for start in range(0, n, TENSOR_ROWS):
        part = x[start : start + TENSOR_ROWS]
        pairs = (part[:, :, None] * part[:, None, :]).reshape(len(part), p * p)
        total += (part * weight[start : start + TENSOR_ROWS, None]).T @ pairs
    once, _place = triples(p)
    return total.ravel()[once]


@cache
def triples(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Of a symmetric (p, p, p) tensor: flat indexes of each entry once, and where each is then."""
    ordered = np.sort(np.indices((p, p, p)).reshape(3, -1), axis=0)
    codes = ordered[0] * p * p + ordered[1] * p + ordered[2]
    once, place = np.unique(codes, return_inverse=True)
    return once, place.reshape(p, p, p)


def _solve(information: np.ndarray, score: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(information, score)
    except np.linalg.LinAlgError:
        return np.linalg.pinv(information, hermitian=True) @ score


def _null_space(cross: np.ndarray) -> np.ndarray:
    """Orthonormal directions (columns) that leave every row of X where it is, given X'X."""
    values, vectors = np.linalg.eigh(cross)
    return vectors[:, values <= 1e-10 * max(1.0, float(values[-1]))]
