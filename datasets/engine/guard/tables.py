"""Counts and numbers of one input as they may leave it: rounded, and without the small ones.

Small counts are told apart from 0 by nothing: the largest count of a line takes what the rounded
total leaves for it, so that total and other counts do not give a small one back.
"""

import math
from collections.abc import Sequence

import numpy as np

from datasets.engine.guard.rules import Rules


def released_line(counts: Sequence[int], rules: Rules, total: int | None = None) -> list[int]:
    """A line of counts whose total is known, with every count 0 or at least the threshold.

    Small counts become 0. The largest one takes them in, as it takes in what rounding the others
    leaves over from `total` (of the line, rounded).
    """
    shown = [rules.rounded(n) for n in counts]
    if not any(shown):
        return shown
    largest = max(range(len(counts)), key=lambda k: counts[k])
    whole = rules.rounded(sum(counts)) if total is None else total
    left = whole - (sum(shown) - shown[largest])
    # Of very many counts the roundings add up; one of them must not carry them all.
    if abs(left - counts[largest]) <= 2 * rules.threshold + max(10, counts[largest] // 10):
        shown[largest] = max(left, rules.least_shown)
    return shown


def has_spread(counts: Sequence[int], rules: Rules) -> bool:
    """Whether at least the threshold of rows has another value than the most frequent one."""
    return sum(counts) - max(counts, default=0) >= rules.threshold


def dominated(values: np.ndarray, counts: np.ndarray, mean: float, rules: Rules) -> bool:
    """Whether few rows make up most of the sum, or of the sum of squares about the mean."""
    for size in (np.abs(values), (values - mean) ** 2):
        total = float(size @ counts)
        order = np.argsort(size)[::-1]
        left, top = rules.dominance_rows, 0.0
        for k in order:
            taken = min(left, int(counts[k]))
            top += taken * float(size[k])
            left -= taken
            if not left:
                break
        if total > 0 and top > rules.dominance_share * total:
            return True
    return False


def coarse(value: float, error: float) -> float:
    """`value` no finer than its standard error: a multiple of the largest 1, 2 or 5 · 10^k in it.

    The steps depend on the error's size alone, and half a step rounds to even.
    """
    if not error > 0 or not math.isfinite(error):
        return value
    magnitude = 10.0 ** math.floor(math.log10(error))
    step = max(m * magnitude for m in (1, 2, 5) if m * magnitude <= error * 1.000001)
    return float(np.round(np.round(value / step) * step, 12 - math.floor(math.log10(step))))


def bins_of(values: np.ndarray, counts: np.ndarray, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Points that stand for bins of a number, ascending, and the bins' rows.

    Bins have round edges, about two to the distance between the quartiles, and hold at least the
    threshold or a twentieth of the rows. An outer bin stands at its inner end, so that nothing
    tells how far the extremes are.
    """
    step = _round_step(values, counts)
    place = np.floor(values / step).astype(np.int64)
    cells, where = np.unique(place, return_inverse=True)
    rows = np.bincount(where, weights=counts).astype(np.int64)
    least = max(rules.threshold, -(-int(counts.sum()) // 20))
    bins = _grouped(rows.tolist(), least)
    points = []
    for k, (first, last) in enumerate(bins):
        low, high = int(cells[first]), int(cells[last])
        if len(bins) > 1 and k == 0:
            low = high
        elif len(bins) > 1 and k == len(bins) - 1:
            high = low
        points.append((low + high + 1) / 2 * step)
    sizes = [int(rows[first : last + 1].sum()) for first, last in bins]
    return np.array(points), np.array(sizes, dtype=np.int64)


def merged_values(
    values: np.ndarray, counts: np.ndarray, rules: Rules
) -> tuple[np.ndarray, np.ndarray]:
    """Few values with their rows; a rare one goes to its neighbour and is not among them."""
    bins = _grouped(counts.tolist(), rules.threshold)
    kept = [first + int(np.argmax(counts[first : last + 1])) for first, last in bins]
    sizes = [int(counts[first : last + 1].sum()) for first, last in bins]
    return values[kept], np.array(sizes, dtype=np.int64)


def _grouped(rows: Sequence[int], least: int) -> list[tuple[int, int]]:
    """First and last cell of each bin: neighbours together until they hold enough rows."""
    found: list[tuple[int, int]] = []
    start, held = 0, 0
    for k, n in enumerate(rows):
        held += n
        if held >= least:
            found.append((start, k))
            start, held = k + 1, 0
    if start < len(rows):
        first = found.pop()[0] if found else 0
        found.append((first, len(rows) - 1))
    return found


def _round_step(values: np.ndarray, counts: np.ndarray) -> float:
    """Half the distance between the quartiles, taken down to 1, 2 or 5 · 10^k."""
    ends = np.cumsum(counts)
    low, high = values[np.searchsorted(ends, [ends[-1] * 0.25, ends[-1] * 0.75])]
    rough = float(high - low) / 2
    if rough <= 0:
        rough = float(np.sqrt(np.average((values - values.mean()) ** 2, weights=counts))) or 1.0
    magnitude = 10.0 ** math.floor(math.log10(rough))
    return max(m * magnitude for m in (1, 2, 5) if m * magnitude <= rough * 1.000001)
