"""Counts of values per group and variable: what a site's rows come to for a description.

A guarded site lets them go in a coarser form of the same shape; see `guard`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from datasets.engine.methods.describe.parameters import Parameters
from datasets.engine.methods.shared.value_counts import ValueCounts
from datasets.engine.results.records import OMIT, Record
from datasets.engine.rows.frame import Domain, Frame, InputInfo, Rows


@dataclass(frozen=True)
class Spec(Record):
    """One round is enough: counts of values are sums."""

    parameters: Parameters
    inputs: tuple[InputInfo, ...]
    round: int = 1


@dataclass(frozen=True)
class LevelCounts(Record):
    """How often each level of a category occurs, and how many rows have none.

    The level None holds rows of rare levels, whose names do not leave a guarded site. Declared
    levels that no row has are there with 0.
    """

    kind: ClassVar[str] = "levels"

    levels: tuple[tuple[str | None, int], ...]
    missing: int

    @property
    def n(self) -> int:
        """Rows that have a level."""
        return sum(n for _, n in self.levels)

    def __add__(self, other: "LevelCounts") -> "LevelCounts":
        levels = dict(self.levels)
        for level, n in other.levels:
            levels[level] = levels.get(level, 0) + n
        return LevelCounts(tuple(levels.items()), self.missing + other.missing)


@dataclass(frozen=True)
class WithheldCounts(Record):
    """A variable of which a site shows nothing: whatever it is added to stays as it is."""

    kind: ClassVar[str] = "withheld"

    is_category: bool

    @property
    def n(self) -> int:
        """Rows that have a value: none that may be counted."""
        return 0


Counts = ValueCounts | LevelCounts | WithheldCounts


@dataclass(frozen=True)
class Group(Record):
    """Rows of one level of `by` (None: without a value there), and what each variable holds.

    With `rounded` a guarded site's rows are among them.
    """

    level: str | None
    rows: int
    counts: tuple[Counts, ...]
    rounded: bool = field(default=False, metadata=OMIT)

    def __add__(self, other: "Group") -> "Group":
        return Group(
            self.level,
            self.rows + other.rows,
            tuple(added(a, b) for a, b in zip(self.counts, other.counts, strict=True)),
            self.rounded or other.rounded,
        )


@dataclass(frozen=True)
class Statistics(Record):
    """One site's groups, or those of several added by level."""

    groups: tuple[Group, ...] = ()

    def __add__(self, other: "Statistics") -> "Statistics":
        return Statistics(_merged([*self.groups, *other.groups]))


def summarise(rows: Rows, spec: Spec) -> Statistics:
    """Value counts per group and variable of one site's rows."""
    names, by = spec.parameters.variables, spec.parameters.by
    found = [
        Group(level, int(place.sum()), tuple(_counted(frame, name, place) for name in names))
        for frame in rows
        for level, place in _split(frame, by)
    ]
    return Statistics(_merged(found))


def added(first: Counts, second: Counts) -> Counts:
    """Counts of equal values added; a column one input lacks comes as numbers, all missing."""
    if isinstance(first, WithheldCounts):
        return second
    if isinstance(second, WithheldCounts):
        return first
    if isinstance(first, ValueCounts) and isinstance(second, ValueCounts):
        return first + second
    return as_levels(first) + as_levels(second)


def as_levels(counts: Counts) -> LevelCounts:
    """The counts of a category, of which an input without the column knows rows alone."""
    if isinstance(counts, LevelCounts):
        return counts
    return LevelCounts((), counts.missing if isinstance(counts, ValueCounts) else 0)


def _merged(groups: Sequence[Group]) -> tuple[Group, ...]:
    merged: dict[str | None, Group] = {}
    for one in groups:
        merged[one.level] = merged[one.level] + one if one.level in merged else one
    return tuple(merged.values())


def _split(frame: Frame, by: str | None) -> Iterator[tuple[str | None, np.ndarray]]:
    """Each level of `by` with its rows: booleans by their value, rows without one as None."""
    column = None if by is None else frame.columns.get(by)
    if column is None:
        yield None, np.ones(frame.n, dtype=bool)
        return
    if column.dtype == object:
        present = np.array([value is not None for value in column], dtype=bool)
        levels, codes = np.unique(column[present].astype(str), return_inverse=True)
        texts = [str(level) for level in levels]
    else:
        present = ~np.isnan(column)
        levels, codes = np.unique(column[present], return_inverse=True)
        texts = [f"{level:g}" for level in levels]
    places = np.full(frame.n, -1)
    places[present] = codes
    for k, text in enumerate(texts):
        yield text, places == k
    if not present.all():
        yield None, ~present


def _counted(frame: Frame, name: str, place: np.ndarray) -> Counts:
    column = frame.columns.get(name)
    if column is None:
        column = np.full(frame.n, np.nan)
    if column.dtype != object:
        return ValueCounts.of(column[place])
    values = [value for value in column[place] if value is not None]
    declared = frame.domains.get(name, Domain()).levels or ()
    found = dict.fromkeys(declared, 0) | Counter(map(str, values))
    return LevelCounts(tuple(sorted(found.items())), int(place.sum()) - len(values))
