"""Numbers as value → count: exact up to 200,000 distinct, then cut to fewer digits; mergeable."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from datasets.engine.profiling.suspicion import suspicious_numbers

MOST_DISTINCT = 200_000
PRECISIONS = (53, 24, 18, 14, 11)
"""Significant bits kept of a value: 53 is exact, 14 errs by at most 0.012 %."""

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)

Grain = Literal["exact", "table", "bins", "sums"]
"""What `values` are: all that occur · some that occur · points of bins · one point, for the sums.

Added up, the coarsest counts.
"""
GRAINS: tuple[Grain, ...] = get_args(Grain)


@dataclass(frozen=True)
class ValueCounts:
    """Distinct `values` in ascending order, how often each occurs, and exact first moments.

    `mean` and `m2` (sum of squares about it) are of the whole values, so they stay exact
    whatever `bits` has come to. Adding in any order gives the same values and counts.
    """

    kind: ClassVar[str] = "numbers"

    values: np.ndarray
    counts: np.ndarray
    missing: int
    mean: float
    m2: float
    bits: int
    grain: Grain = "exact"

    @property
    def n(self) -> int:
        """Rows that have a value."""
        return int(self.counts.sum())

    @property
    def sd(self) -> float | None:
        """The standard deviation of a sample; None below two values."""
        return math.sqrt(self.m2 / (self.n - 1)) if self.n > 1 else None

    @classmethod
    def of(cls, column: np.ndarray) -> "ValueCounts":
        """Count a float64 column; NaN and infinities are missing."""
        present = column[np.isfinite(column)]
        values, counts = np.unique(present + 0.0, return_counts=True)
        mean = float(values @ counts / max(1, present.size))
        m2 = float((values - mean) ** 2 @ counts)
        whole = cls(values, counts, int(column.size - present.size), mean, m2, PRECISIONS[0])
        return whole._bounded()

    def __add__(self, other: "ValueCounts") -> "ValueCounts":
        bits = min(self.bits, other.bits)
        first, second = self._cut(bits), other._cut(bits)
        values, counts = _merged(
            np.concatenate([first.values, second.values]),
            np.concatenate([first.counts, second.counts]),
        )
        n = self.n + other.n
        gap = other.mean - self.mean
        mean = self.mean + gap * other.n / n if n else 0.0
        m2 = self.m2 + other.m2 + (gap**2 * self.n * other.n / n if n else 0.0)
        grain = max(self.grain, other.grain, key=GRAINS.index)
        added = ValueCounts(values, counts, self.missing + other.missing, mean, m2, bits, grain)
        return added._bounded()

    def quantile(self, p: float) -> float | None:
        """R's type 7 quantile; exact while values are."""
        if not self.n:
            return None
        position = (self.n - 1) * p
        low = math.floor(position)
        ends = np.cumsum(self.counts)
        below, above = self.values[
            np.searchsorted(ends, [low, min(low + 1, self.n - 1)], side="right")
        ]
        return float(below + (above - below) * (position - low))

    def histogram(self, edges: np.ndarray) -> list[int]:
        """Counts per bin; bins are closed on the left, the last on both sides."""
        return [int(c) for c in np.histogram(self.values, bins=edges, weights=self.counts)[0]]

    def suspicious(self) -> list[tuple[float, int]]:
        """Values that are probably codes for missing, with how often each occurs.

        A column of nothing but 0 and 1 has none: it is a yes-no question. Points of bins have none.
        """
        if self.grain != "exact" or self.values.size == 0 or np.isin(self.values, (0.0, 1.0)).all():
            return []
        return [(one["value"], one["n"]) for one in suspicious_numbers(self.values, self.counts)]

    def to_json(self) -> dict[str, Any]:
        """Every field, with the kind by which a reader tells it from counts of levels."""
        return {
            "kind": self.kind,
            "values": self.values.tolist(),
            "counts": self.counts.tolist(),
            "missing": self.missing,
            "mean": self.mean,
            "m2": self.m2,
            "bits": self.bits,
            "grain": self.grain,
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "ValueCounts":
        """What `to_json` gave."""
        return cls(
            np.asarray(saved["values"], dtype=float),
            np.asarray(saved["counts"], dtype=np.int64),
            saved["missing"],
            saved["mean"],
            saved["m2"],
            saved["bits"],
            saved.get("grain", "exact"),
        )

    def _cut(self, bits: int) -> "ValueCounts":
        if bits >= self.bits:
            return self
        # Cut, not rounded: cutting twice is cutting once, so the way here does not matter.
        fraction, exponent = np.frexp(self.values)
        cut = np.ldexp(np.trunc(fraction * 2.0**bits) / 2.0**bits, exponent)
        values, counts = _merged(cut, self.counts)
        return ValueCounts(values, counts, self.missing, self.mean, self.m2, bits, self.grain)

    def _bounded(self) -> "ValueCounts":
        bounded = self
        for bits in PRECISIONS[1:]:
            if bounded.values.size <= MOST_DISTINCT:
                break
            if bits < bounded.bits:
                bounded = bounded._cut(bits)
        return bounded


def nice_edges(low: float, high: float, bins: int = 20) -> np.ndarray:
    """About `bins` equal bins on round numbers covering [low, high]: edges never tell the range."""
    if high - low <= max(1e-12 * max(abs(low), abs(high)), 1e-290):
        reach = abs(low) * 0.05 if abs(low) > 1e-290 else 0.5
        low, high = low - reach, high + reach
    rough = (high - low) / bins
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return np.round(np.arange(first, last + 1) * step, 12 - math.floor(math.log10(step)))


def _merged(values: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distinct, place = np.unique(values, return_inverse=True)
    return distinct, np.bincount(place, weights=counts, minlength=distinct.size).astype(np.int64)
