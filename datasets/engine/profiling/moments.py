"""Means, spreads and quantiles of values with counts, also at the ends of what a float holds.

Squares of 1e200, the distance from -1e308 to 1e308 and the deviations of 1e-320 are beyond numbers:
such values are divided by a power of 2 before anything is computed of them, which loses nothing.
"""

import math
import sys

import numpy as np

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
FAR = 1e100
"""Sums of squares of this size over all rows there can be are still numbers."""


def exponent_of(low: float, high: float) -> int:
    """By which power of 2 values between the two are divided; 0 for nearly all there are."""
    size = max(abs(float(low)), abs(float(high)))
    return 0 if size == 0 or 1 / FAR < size < FAR else math.frexp(size)[1]


def in_reach(values: np.ndarray, exponent: int) -> np.ndarray:
    """The values, divided by that power of 2."""
    return np.ldexp(values, -exponent) if exponent else values


def in_reach_sql(value: str, exponent: int) -> str:
    """The same in SQL, in two steps: a power of 2 that divides 1e-320 to 1 is no float itself."""
    if not exponent:
        return value
    half = exponent // 2
    return f"(({value}) * {math.ldexp(1.0, -half)!r} * {math.ldexp(1.0, half - exponent)!r})"


def back(value: float, exponent: int) -> float:
    """What was computed of divided values, for the values themselves; at most the largest float."""
    if not exponent:
        return value
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.copysign(sys.float_info.max, value)


def spread_back(spread: float, exponent: int) -> float | None:
    """A standard deviation in the same way; none where it is larger than any float."""
    found = back(spread, exponent)
    return None if exponent and found == sys.float_info.max else found


def mean_of(values: np.ndarray, counts: np.ndarray) -> float:
    """The mean of sorted distinct values, each as often as its count says."""
    if len(values) > 1000:
        return float(values.astype(float) @ counts) / int(counts.sum())
    sums = (float(value) * int(count) for value, count in zip(values, counts, strict=True))
    return math.fsum(sums) / int(counts.sum())


def spread_of(values: np.ndarray, counts: np.ndarray, mean: float) -> float:
    """Their standard deviation, of two values at least."""
    deviation = values.astype(float) - mean
    return math.sqrt(float((deviation * deviation) @ counts) / (int(counts.sum()) - 1))


def weighted_quantiles(values: np.ndarray, counts: np.ndarray) -> list[float]:
    """Quantiles at PROBABILITIES by linear interpolation, as R's default (type 7).

    `values` are sorted and distinct, `counts` say how often each occurs.
    """
    reached = np.cumsum(counts)
    places = (reached[-1] - 1) * np.array(PROBABILITIES)
    below = np.floor(places)
    low = values[np.searchsorted(reached, below, side="right")].astype(float)
    high = values[np.searchsorted(reached, np.ceil(places), side="right")].astype(float)
    return [float(q) for q in low + (places - below) * (high - low)]
