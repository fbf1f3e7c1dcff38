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
