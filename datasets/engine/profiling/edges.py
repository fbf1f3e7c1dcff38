"""Where a histogram's bins begin: over all values for whoever reads them, else on a fixed grid."""

import math

import numpy as np


def histogram_edges(low: float, high: float, distinct: int, *, whole: bool) -> list[float]:
    """Edges of equal bins, at most 30; for whole numbers bins of whole width around them."""
    low, high = float(low), float(high)
    if whole:
        width = max(1, math.ceil((high - low + 1) / 30))
        bins = math.ceil((high - low + 1) / width)
        return [low - 0.5 + width * i for i in range(bins + 1)]
    if low == high:
        half = max(0.5, math.ulp(low))
        return [low - half, high + half]
    bins = min(30, max(5, math.ceil(math.log2(distinct) + 1) * 2))
    edges = [low + (high - low) * i / bins for i in range(bins)]
    return [*edges, high]


def grid_edges(low: float, high: float, *, whole: bool) -> list[float]:
    """Edges of equal bins around two quartiles, on multiples of 1, 2 or 5 · 10^k: the step is at
    most half their distance, and the ends are open. None where the quartiles are one value, or so
    far apart or so close that there are no such numbers."""
    low, high = float(low), float(high)
    spread = high - low
    if not 1e-300 < spread < 1e300 or max(abs(low), abs(high)) > 1e300:
        return []
    magnitude = 10.0 ** math.floor(math.log10(spread / 2))
    step = max(m * magnitude for m in (1, 2, 5) if m * magnitude <= spread / 2 * 1.000001)
    step = max(step, 1.0) if whole else step
    first = math.floor((low - 2 * spread) / step)
    last = math.ceil((high + 2 * spread) / step)
    digits = 12 - math.floor(math.log10(step))
    return [round(k * step, digits) for k in range(first, last + 1)]


def binned(values: np.ndarray, counts: np.ndarray, edges: list[float]) -> np.ndarray:
    """Rows in each bin, closed on the left; the ends take what lies outside."""
    place = np.searchsorted(np.array(edges), values.astype(float), side="right") - 1
    place = np.clip(place, 0, len(edges) - 2)
    return np.rint(np.bincount(place, weights=counts, minlength=len(edges) - 1)).astype(np.int64)
