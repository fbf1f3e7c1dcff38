"""Correlations as a reader would write them."""

from collections.abc import Sequence
from math import ceil, log10

from datasets.engine.sentences import Number, Sentence

MOST_DECIMALS = 6


def decimals(r: float, interval: Sequence[float] | None = None) -> int:
    """At least two, and as many as tell `r` from 1 and from the ends of its interval."""
    most = [2]
    for distance in (1 - abs(r), *(abs(end - r) for end in interval or ())):
        if distance > 0:
            most.append(ceil(-log10(distance)))
    return min(max(most), MOST_DECIMALS)


def coefficient(r: float, digits: int | None = None) -> Number:
    """A correlation; 0.9996 is never 1, and 0 has no sign."""
    # Adding zero takes the sign from what was rounded to a negative one.
    digits = decimals(r) if digits is None else digits
    return Number(f"{round(r, digits) + 0.0:.{digits}f}")


def span(r: float, interval: Sequence[float]) -> Sentence:
    """The two ends of an interval, with the decimals of the correlation."""
    digits = decimals(r, interval)
    low, high = (coefficient(end, digits) for end in interval)
    return Sentence("%(low)s to %(high)s", low=low, high=high)
