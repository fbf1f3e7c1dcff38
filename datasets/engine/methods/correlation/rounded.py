"""A correlation no finer than its error: in steps of Fisher's z."""

import math

import numpy as np

from datasets.engine.guard.claims import CLOSEST
from datasets.engine.guard.tables import in_steps, step_of


def step_of_z(n: int, share: float = 0.0) -> float:
    """The step of the z of a correlation of `n` rows, of whose squares one row is `share`."""
    error = 1 / math.sqrt(max(n - 3, 1))
    return step_of(error, n, error * math.sqrt(share))


def in_steps_of_z(r: float, step: float) -> tuple[float, float]:
    """A correlation of which z is a multiple of `step`, and what that adds to its z's variance."""
    return math.tanh(in_steps(float(z_of(r)), step)), step**2 / 12


def z_of(r: np.ndarray | float) -> np.ndarray:
    """Fisher's z, which has an end here."""
    return np.arctanh(np.clip(r, -CLOSEST, CLOSEST))


def moves_of_z(pairs: np.ndarray) -> np.ndarray:
    """By how much Fisher's z of two columns (rows, 2) moves when each row is left out."""
    gaps = pairs - pairs.mean(axis=0)
    n = len(gaps)
    cross = gaps.T @ gaps
    left = n / (n - 1)
    first, second = (cross[k, k] - left * gaps[:, k] ** 2 for k in (0, 1))
    size = np.sqrt(np.maximum(first * second, 1e-300))
    without = (cross[0, 1] - left * gaps[:, 0] * gaps[:, 1]) / size
    whole = cross[0, 1] / math.sqrt(cross[0, 0] * cross[1, 1])
    return np.asarray(np.abs(z_of(without) - z_of(whole)))
