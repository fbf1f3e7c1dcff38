"""Counts and numbers of one input as they may leave it: rounded, and without the small ones.

Small counts are told apart from 0 by nothing: the largest count of a line takes what the rounded
total leaves for it, so that total and other counts do not give a small one back.
"""

import math
from collections.abc import Mapping, Sequence

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
    if abs(left - counts[largest]) <= room_of(counts[largest], rules):
        shown[largest] = max(left, rules.least_shown)
    return shown


def released_rows(rows: int, of_all: int, rules: Rules) -> int:
    """How many of all rows are told to be in a part: what is told of all less those left out,
    rounded like any count. Parts that lack a few others round no number of people anew."""
    if rows < rules.threshold:
        return 0
    return max(rules.rounded(of_all) - rules.rounded(of_all - rows), rules.least_shown)


def released_part(
    counts: Sequence[int], of_all: Sequence[int], rules: Rules, total: int
) -> list[int]:
    """A line of the counts of a part of the rows, of which `total` are told: what is told of all
    less what is left out, rounded like any count.

    `of_all` may end with a count of which no row is in the part.
    """
    if not any(n >= rules.threshold for n in counts):
        return [0] * len(counts)
    whole = released_line(of_all, rules)
    told = [
        max(all_of_it - rules.rounded(there - n), rules.least_shown) if n >= rules.threshold else 0
        for n, there, all_of_it in zip(counts, of_all, whole, strict=False)
    ]
    largest = max(range(len(counts)), key=lambda k: counts[k])
    left = total - (sum(told) - told[largest])
    if abs(left - counts[largest]) <= room_of(counts[largest], rules):
        told[largest] = max(left, rules.least_shown)
    return told


def room_of(count: int, rules: Rules) -> int:
    """How far from a count it may be told, so that a table adds up."""
    return 2 * rules.threshold + max(10, count // 10)


def released_counts(
    n: int | None,
    missing: int | None,
    counts: Sequence[int | None],
    filled: int,
    rules: Rules,
) -> tuple[int | None, int | None, list[int | None]]:
    """Rows with a value, those without, and their counts by value, rounded so that they add up to
    their rounded number; what is None is withheld. `filled` is how many have a value, told or not.
    """
    if n is not None and missing is not None:
        whole, missing = rules.rounded(n + missing), rules.rounded(missing)
        n = max(whole - missing, 0)
    known = [one for one in counts if one is not None]
    *line, _rest = released_line([*known, max(filled - sum(known), 0)], rules, n)
    rest = iter(line)
    return n, missing, [None if one is None else next(rest) for one in counts]


def moments_of(values: np.ndarray, counts: np.ndarray) -> tuple[float, float] | None:
    """Mean and spread of a number of few values, made of their counts; None of fewer than two."""
    n = int(counts.sum())
    if n < 2:
        return None
    mean = float(np.average(values, weights=counts))
    return mean, math.sqrt(float(counts @ (values - mean) ** 2) / (n - 1))


def has_spread(counts: Sequence[int], rules: Rules) -> bool:
    """Whether at least the threshold of rows has another value than the most frequent one."""
    return sum(counts) - max(counts, default=0) >= rules.threshold


def share_of_few(values: np.ndarray, counts: np.ndarray, mean: float, rules: Rules) -> float:
    """The share that the largest rows make up of the sum, or of the sum of squares about the mean
    where that is more."""
    largest = 0.0
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
        if total > 0:
            largest = max(largest, top / total)
    return largest


def error_of_spread(sd: float, n: int, farthest: float) -> float:
    """How well a standard deviation is known: its own error, or what the row farthest from the
    mean moves it by where that is more."""
    if n < 3:
        return sd
    squares = sd**2 * (n - 1)
    without = max(squares - farthest**2 * n / (n - 1), 0.0)
    return max(sd / math.sqrt(2 * n), sd - math.sqrt(without / (n - 2)))


def coarse(value: float, error: float) -> float:
    """`value` no finer than its standard error: a multiple of the largest 1, 2 or 5 · 10^k in it.

    The steps depend on the error's size alone, and half a step rounds to even.
    """
    if not error > 0 or not math.isfinite(error):
        return value
    return in_steps(value, round_below(error))


def step_of(error: float, n: int, moved: float = 0.0) -> float:
    """The step that an estimate of `n` rows with this standard error is told in.

    The largest 1, 2 or 5 · 10^k in half the error, so that rounding adds little to it. One row
    moves an estimate by about 1/√n of its error, and the step is at least twice that; nor is it
    finer than a row far from all others moves it, where that is known to be about `moved`.
    """
    step = max(round_below(error / 2), round_above(2 * error / math.sqrt(n)))
    return max(step, round_below(moved)) if moved > step else step


def coarse_mean(mean: float, error: float, n: int, farthest: float) -> float:
    """A mean of `n` rows in its step; `farthest` is how far from it a row is at most."""
    return in_steps(mean, step_of(error, n, farthest / n)) if error > 0 else mean


def coarse_moments(mean: float, sd: float, n: int, farthest: float) -> tuple[float, float]:
    """Mean and standard deviation of `n` rows, both no finer than their errors."""
    error = error_of_spread(sd, n, farthest)
    return coarse_mean(mean, sd / math.sqrt(n), n, farthest), coarse(sd, error)


def coarse_quantiles(
    quantiles: Mapping[str, float | None],
    error: float,
    bins: tuple[Sequence[float], Sequence[int]] | None,
    rules: Rules,
) -> dict[str, float | None]:
    """Quantiles by probability, none finer than the error of a mean, nor than the values about it
    lie apart of as many rows as a bin holds, as `bins` (edges and counts) tell: else one far out
    is somebody's own value."""
    places = sorted((p for p, value in quantiles.items() if value is not None), key=float)
    told = []
    for p in places:
        value = float(quantiles[p] or 0.0)
        told.append(coarse(value, max(error, _apart(value, *bins, rules) if bins else 0.0)))
    # Steps grow outwards, and may not take one past its neighbour.
    middle = len(told) // 2
    for k in range(middle + 1, len(told)):
        told[k] = max(told[k], told[k - 1])
    for k in reversed(range(middle)):
        told[k] = min(told[k], told[k + 1])
    return dict.fromkeys(quantiles) | dict(zip(places, told, strict=True))


def _apart(value: float, edges: Sequence[float], counts: Sequence[int], rules: Rules) -> float:
    """How far apart the values of as many rows about a value are as a bin holds."""
    least = least_in_bin(sum(counts), rules)
    place = int(np.searchsorted(edges, value, side="right")) - 1
    first = last = min(max(place, 0), len(counts) - 1)
    rows = counts[first]
    while rows < least and (first > 0 or last < len(counts) - 1):
        first, last = max(first - 1, 0), min(last + 1, len(counts) - 1)
        rows = sum(counts[first : last + 1])
    return (edges[last + 1] - edges[first]) * min(least / max(rows, 1), 1.0)


def in_steps(value: float, step: float) -> float:
    """The multiple of `step`, 1, 2 or 5 · 10^k, that is nearest to `value`; half of one to even."""
    # Adding zero takes the sign from what was rounded to a negative one.
    return float(np.round(np.round(value / step) * step, 12 - math.floor(math.log10(step)))) + 0.0


def round_below(size: float) -> float:
    """The largest 1, 2 or 5 · 10^k that is not more, but for rounding."""
    magnitude = 10.0 ** math.floor(math.log10(size))
    return max(m * magnitude for m in (1, 2, 5) if m * magnitude <= size * 1.000001)


def round_above(size: float) -> float:
    """The smallest 1, 2 or 5 · 10^k that is not less, but for rounding."""
    magnitude = 10.0 ** math.floor(math.log10(size))
    return min(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= size * 0.999999)


MOST_POINTS = 20
"""Points in a bin: more would draw no other picture."""

SHARE_ON_GRID = 0.6
"""So many of the values have to be multiples of one number to be taken for such."""

FINEST_GRAIN = 50
"""Values are half a grain off the middle of a bin: of so many in it that is next to nothing."""


def bins_of(
    values: np.ndarray, counts: np.ndarray, rules: Rules, edges: Sequence[float] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of bins of a number (bins, 2), ascending, and the bins' rows.

    Between declared `edges` they are those bins, neighbours together until they hold the
    threshold; what lies outside is in the first or the last.

    Else bins have round edges, about two to the distance between the quartiles, and hold at least
    the threshold or a twentieth of the rows: no single value moves them. Each begins where the one
    before ended, since a gap would end at somebody's value. An outer bin stands as its inner end
    alone, so that nothing tells how far the extremes are.
    """
    if edges:
        return _declared_bins(values, counts, rules, np.array(edges))
    step = _round_step(values, counts)
    place = np.floor(values / step).astype(np.int64)
    cells, where = np.unique(place, return_inverse=True)
    rows = np.bincount(where, weights=counts).astype(np.int64)
    least = least_in_bin(int(counts.sum()), rules)
    bins = _grouped(rows.tolist(), least)
    ends, reached = [], int(cells[0])
    for k, (_, last) in enumerate(bins):
        low, high = reached, int(cells[last])
        reached = high + 1
        if len(bins) > 1 and k == 0:
            low = high
        elif len(bins) > 1 and k == len(bins) - 1:
            high = low
        ends.append((low * step, (high + 1) * step))
    sizes = [int(rows[first : last + 1].sum()) for first, last in bins]
    return np.array(ends), np.array(sizes, dtype=np.int64)


def least_in_bin(n: int, rules: Rules) -> int:
    """Rows that a bin of `n` holds at least: no single value moves it."""
    return max(rules.threshold, -(-n // 20))


def grain_of(values: np.ndarray, counts: np.ndarray, bins: np.ndarray) -> float:
    """The largest 1, 2 or 5 · 10^k, at most the narrowest bin wide, that most values are multiples
    of; 0 where it would be too small beside bins to matter, or there is none."""
    width = float((bins[:, 1] - bins[:, 0]).min())
    grain = round_below(width)
    while grain >= width / FINEST_GRAIN:
        steps = values / grain
        # Of values far from 0 no more than arithmetic leaves, or all were multiples of anything.
        off = np.maximum(8 * np.finfo(float).eps * np.abs(steps), 1e-9)
        on_grid = np.abs(steps - np.round(steps)) <= off
        if counts[on_grid].sum() >= SHARE_ON_GRID * counts.sum():
            return grain
        grain = round_below(grain * 0.6)
    return 0.0


def spread_over(
    bins: np.ndarray, counts: Sequence[int], rules: Rules, grain: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Points that stand for bins: as many in each, at equal distances, as its rows are enough for.

    One point each would make a comb of a histogram and jumps of quantiles; these tell no more, for
    they follow from the bins. Of multiples of a `grain` a bin has its lower end and not its upper
    one: whole numbers from 50 to below 60 lie about 54.5, and are ten points at most.
    """
    points, rows = [], []
    for (low, high), n in zip(bins.tolist(), counts, strict=True):
        k = min(n // rules.least_shown, MOST_POINTS) or 1
        first, last = (math.ceil(round(end / grain, 6)) if grain else 0 for end in (low, high))
        if first < last:
            low, high = (first - 0.5) * grain, (last - 0.5) * grain
            k = min(k, last - first)
        places = low + (np.arange(k) + 0.5) / k * (high - low)
        points.append(places)
        ends = np.arange(k + 1) * (n // rules.rounding) // k * rules.rounding
        ends[-1] = n
        rows.append(np.diff(ends))
    return np.concatenate(points), np.concatenate(rows).astype(np.int64)


def _declared_bins(
    values: np.ndarray, counts: np.ndarray, rules: Rules, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, edges.size - 2)
    rows = np.bincount(place, weights=counts, minlength=edges.size - 1).astype(np.int64)
    bins = _grouped(rows.tolist(), rules.threshold)
    ends = [(edges[first], edges[last + 1]) for first, last in bins]
    sizes = [int(rows[first : last + 1].sum()) for first, last in bins]
    return np.array(ends), np.array(sizes, dtype=np.int64)


def merged_values(
    values: np.ndarray, counts: np.ndarray, rules: Rules
) -> tuple[np.ndarray, np.ndarray]:
    """Few values, one at least with enough rows; a rare one goes to the nearest of those."""
    kept = values[counts >= rules.threshold]
    nearest = np.abs(values[:, None] - kept).argmin(axis=1)
    return kept, np.bincount(nearest, weights=counts, minlength=kept.size).astype(np.int64)


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
    return round_below(rough)
