"""Axes: where a value stands, in percent of the width, and which ticks to write."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.figures.svg import finite, label

# What people read easily on a ratio scale, per power of ten, from few to many.
RATIO_STEPS: tuple[tuple[float, ...], ...] = ((1,), (1, 5), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))
# The widest axis still drawn: exp(±20) is beyond any effect worth reading off a plot.
WIDEST = 20.0


def nice_step(span: float, wanted: int) -> float:
    """Returns the step of 1, 2 or 5 times a power of ten that gives about `wanted` ticks."""
    rough = span / max(wanted, 1)
    power = 10 ** math.floor(math.log10(rough))
    return next((m * power for m in (1, 2, 5) if m * power >= rough * 0.999), 10 * power)


def linear_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Returns round numbers between low and high, both included when they are round."""
    if not high > low:
        return [low]
    step = nice_step(high - low, wanted)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(i * step, digits) + 0.0 for i in range(first, last + 1)]


def ratio_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Returns readable ratios whose logarithms lie between low and high (natural logarithms)."""
    decades = range(math.floor(low / math.log(10)) - 1, math.ceil(high / math.log(10)) + 1)
    best: list[float] = []
    for steps in RATIO_STEPS:
        ticks = [m * 10.0**d for d in decades for m in steps]
        ticks = [float(f"{t:.6g}") for t in ticks if low - 1e-9 <= math.log(t) <= high + 1e-9]
        if len(best) < 3 or len(ticks) <= wanted + 1:
            best = ticks if len(ticks) > len(best) else best
    if len(best) < 2:
        values = linear_ticks(math.exp(low), math.exp(high), wanted)
        best = [v for v in values if v > 0] or [math.exp((low + high) / 2)]
    return best[:: math.ceil(len(best) / (wanted + 2))]


@dataclass(frozen=True)
class Axis:
    """A scale from low to high on the analysis scale: logarithms where the effect is a ratio."""

    low: float
    high: float
    ratio: bool = False

    def __call__(self, value: float) -> float:
        """Returns the place of a value in percent of the width, held between 0 and 100."""
        return min(100.0, max(0.0, (value - self.low) / (self.high - self.low) * 100))

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """The ticks: (value on the analysis scale, words)."""
        if self.ratio:
            return [(math.log(t), label(t)) for t in ratio_ticks(self.low, self.high)]
        return [(t, label(t)) for t in linear_ticks(self.low, self.high)]


def axis_over(
    estimates: Iterable[float | None],
    intervals: Iterable[Sequence[float | None] | None],
    ratio: bool,
) -> Axis:
    """Fits an axis to estimates and intervals, with no effect (0, or a ratio of 1) on it.

    One wild interval does not flatten the others: limits further out than three times the middle
    half of all of them are cut, and the plot shows an arrow there.
    """
    points = [value for value in estimates if finite(value)]
    limits = [limit for pair in intervals if pair for limit in pair if finite(limit)]
    inner = [0.0, *points]
    low, high = min(inner), max(inner)
    if limits:
        ordered = sorted(limits)
        q1, q3 = ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]
        reach = max(3 * (q3 - q1), high - low, 1e-9)
        low = min([low, *(v for v in limits if v >= q1 - reach)])
        high = max([high, *(v for v in limits if v <= q3 + reach)])
    if ratio:
        low, high = max(low, -WIDEST), min(high, WIDEST)
    span = high - low
    if not span > max(abs(low), abs(high), 1e-12) * 1e-9:
        half = 0.5 if ratio else max(abs(low), 1.0) * 0.5
        return Axis(low - half, high + half, ratio)
    return Axis(low - 0.05 * span, high + 0.05 * span, ratio)
