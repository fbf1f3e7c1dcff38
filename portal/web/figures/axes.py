"""Axes: where a value stands, in percent of the width, and which ticks to write."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from portal.web.figures.svg import finite, label

# What people read easily on a ratio scale: the most ticks that still stand apart.
MOST_TICKS = 7
# The widest axes still drawn: beyond exp(±20), or 10¹⁵, no effect is worth reading off a plot.
WIDEST_RATIO, WIDEST = 20.0, 1e15

Tick = tuple[float, str]
"""One with its value on the analysis scale, and in words."""

DIGIT, RAISED, POINT, GAP = 8.0, 5.0, 3.6, 3.0
"""How wide in pixels a label's characters are at most, and what stays free between two."""


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


def ratio_ticks(low: float, high: float) -> list[float]:
    """Returns readable ratios whose natural logarithms lie between low and high.

    Doublings read best; powers of ten where those are too many, every second or third of them on
    the widest axes, even steps where too few.
    """
    start, end = math.exp(low), math.exp(high)
    decades = range(math.floor(math.log10(start)), math.ceil(math.log10(end)) + 1)
    doublings = range(math.floor(math.log2(start)), math.ceil(math.log2(end)) + 1)
    tens = [10.0**d for d in decades]
    scales: list[list[float]] = [
        [2.0**d for d in doublings],
        sorted([*tens, *(3 * ten for ten in tens)]),
        tens,
        *([10.0**d for d in decades if d % apart == 0] for apart in (2, 3)),
        linear_ticks(start, end),
    ]
    inside = [
        [float(f"{t:.6g}") for t in scale if start * (1 - 1e-9) <= t <= end * (1 + 1e-9) and t > 0]
        for scale in scales
    ]
    fitting = [ticks for ticks in inside if 3 <= len(ticks) <= MOST_TICKS]
    best = fitting[0] if fitting else max(inside[2:], key=len) or [(start + end) / 2]
    return best[:: math.ceil(len(best) / MOST_TICKS)]


@dataclass(frozen=True)
class Axis:
    """A scale from low to high on the analysis scale: logarithms where the effect is a ratio."""

    low: float
    high: float
    ratio: bool = False

    def __call__(self, value: float) -> float:
        """Returns the place of a value in percent of the width, held between 0 and 100."""
        return min(100.0, max(0.0, (value - self.low) / (self.high - self.low) * 100))

    @staticmethod
    def anchor(place: float) -> str:
        """Returns how a label hangs on its tick; at the ends it stays within the drawing."""
        return "start" if place < 3 else "end" if place > 97 else "middle"

    def legible(self, width: float, among: Sequence[Tick] | None = None) -> Sequence[Tick]:
        """Returns the ticks whose labels stand apart where the axis is so many pixels wide.

        Of too many every second or third one stays, and that of no effect.
        """
        ticks = self.ticks if among is None else among
        middle = min(range(len(ticks)), key=lambda k: abs(ticks[k][0]))
        for apart in range(1, len(ticks)):
            kept = ticks[middle % apart :: apart]
            spans = [self._span(value, words, width) for value, words in kept]
            if all(right <= left for (_, right), (left, _) in pairwise(spans)):
                return kept
        return [ticks[middle]]

    def _span(self, value: float, words: str, width: float) -> tuple[float, float]:
        """Returns where a label begins and ends, in pixels."""
        place, room = self(value), room_for(words)
        before = {"start": 0.0, "middle": room / 2, "end": room}[self.anchor(place)]
        left = place * width / 100 - before
        return left, left + room

    @property
    def ticks(self) -> list[Tick]:
        """The ticks."""
        if self.ratio:
            return [(math.log(t), label(t)) for t in ratio_ticks(self.low, self.high)]
        return [(t, label(t)) for t in linear_ticks(self.low, self.high)]


def room_for(words: str) -> float:
    """Returns how wide a label is at most, with what stays free beside it."""
    widths = {**dict.fromkeys(".,\u00a0\u202f ", POINT), **dict.fromkeys("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", RAISED)}
    return GAP + sum(widths.get(one, DIGIT) for one in words)


def widest_effect(ratio: bool) -> float:
    """Returns how far from no effect a value may lie and still be drawn."""
    return WIDEST_RATIO if ratio else WIDEST


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
    widest = widest_effect(ratio)
    low, high = max(low, -widest), min(high, widest)
    span = high - low
    if not span > max(abs(low), abs(high), 1e-12) * 1e-9:
        half = 0.5 if ratio else max(abs(low), 1.0) * 0.5
        return Axis(low - half, high + half, ratio)
    return Axis(low - 0.05 * span, high + 0.05 * span, ratio)
