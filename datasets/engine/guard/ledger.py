"""Which rows stood behind what a dataset released, and by how many of them two releases differ.

Two answers about sets of rows that differ by one person are, subtracted, that person's values,
however safe each of them is. So the rows behind every release are kept, as a bitmap over the
version's table, and a further release that differs from an earlier one by fewer people than the
threshold is held for whoever keeps the data.

Within a version rows are told apart by their place. Between versions they are what they hold in
the columns that both releases read, equal rows as often as they occur: nothing else of a row can
be subtracted, and a version that changes other columns of everybody hides nobody.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datasets.engine.mapping.rules import Rule, map_rule
from datasets.engine.rows.frame import RESERVED_COLUMNS, Frame, Rows, VariableInfo

Reads = tuple[tuple[str, tuple[str, ...]], ...]
"""The variables of a release, each with the columns of the table that its rule reads."""

Contents = Callable[[int, tuple[str, ...]], np.ndarray]
"""What each row of a version holds in these columns, as a number: `contents_of` its table."""


@dataclass(frozen=True, eq=False)
class RowSet:
    """The rows of one version behind one release: `rows` has a yes or no for each of the table.

    `exact` says that sums over them left unrounded, as for a model; two of those can be subtracted
    wherever they share a column. Figures that were rounded at the site can be where they are the
    same figures.
    """

    version: int
    reads: Reads
    exact: bool
    rows: np.ndarray

    @cached_property
    def count(self) -> int:
        """How many rows it has."""
        return int(np.count_nonzero(self.rows))

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns read for it."""
        return frozenset(column for _, columns in self.reads for column in columns)

    def to_bytes(self) -> bytes:
        """The bitmap, compressed: most releases are of nearly all rows."""
        return zlib.compress(np.packbits(self.rows).tobytes())


def rows_of(bitmap: bytes, table_rows: int) -> np.ndarray:
    """The `rows` of a set that `to_bytes` gave, of a table of so many."""
    bits = np.frombuffer(zlib.decompress(bitmap), dtype=np.uint8)
    return np.unpackbits(bits, count=table_rows).astype(bool)


class Comparison:
    """Row sets of one dataset against one another; what versions hold is read once."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._codes: dict[tuple[object, ...], tuple[np.ndarray, np.ndarray, int]] = {}
        # Many figures have the same rows behind them. The arrays are kept for their ids' sake.
        self._places: dict[tuple[int, int], tuple[int, np.ndarray, np.ndarray]] = {}

    def differs_by(self, new: RowSet, old: RowSet) -> int:
        """By how many people the two differ at least, where one may be subtracted from the other.

        Of rows that went and rows that came the larger number counts: a changed row is one of
        either, and one person.
        """
        if not (new.exact and old.exact) and new.columns != old.columns:
            return 0
        if new.version == old.version:
            return self._within(new.rows, old.rows) if new.columns & old.columns else 0
        found = [self._between(new, old, pairs) for pairs in self._identities(new, old)]
        return min((max(one) for one in found if any(one)), default=0)

    def _within(self, new: np.ndarray, old: np.ndarray) -> int:
        key = (id(new), id(old))
        if key not in self._places:
            come, went = (int(np.count_nonzero(a & ~b)) for a, b in ((new, old), (old, new)))
            self._places[key] = (max(come, went), new, old)
        return self._places[key][0]

    def moved(self, new: RowSet, old: RowSet) -> list[tuple[int, int]]:
        """How many rows came and went between two versions, by each way to tell rows apart."""
        return [self._between(new, old, pairs) for pairs in self._identities(new, old)]

    def _identities(self, new: RowSet, old: RowSet) -> Iterable[tuple[tuple[str, str], ...]]:
        """The columns by which rows of two versions are the same: all that both read, by the
        columns' names or by the variables', and each alone that tells most rows apart."""
        by_column = tuple((one, one) for one in sorted(new.columns & old.columns))
        others = dict(old.reads)
        by_variable = tuple(
            pair
            for name, columns in new.reads
            if len(columns) == len(others.get(name, ()))
            for pair in zip(columns, others[name], strict=True)
        )
        found = dict.fromkeys(one for one in (by_column, tuple(sorted(by_variable))) if one)
        for pair in dict.fromkeys((*by_column, *by_variable)):
            ours, theirs, size = self._coded(new.version, old.version, (pair,))
            if 2 * size >= max(len(ours), len(theirs)):
                found[(pair,)] = None
        return found

    def _between(
        self, new: RowSet, old: RowSet, pairs: tuple[tuple[str, str], ...]
    ) -> tuple[int, int]:
        """How many rows came, and how many went."""
        ours, theirs, size = self._coded(new.version, old.version, pairs)
        change = np.bincount(ours[new.rows], minlength=size)
        change -= np.bincount(theirs[old.rows], minlength=size)
        come = int(change[change > 0].sum())
        return come, come - (new.count - old.count)

    def _coded(
        self, new: int, old: int, pairs: tuple[tuple[str, str], ...]
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Both tables' rows as whole numbers from 0, equal where they hold the same."""
        key = (new, old, pairs)
        if key not in self._codes:
            ours = self._contents(new, tuple(one for one, _ in pairs))
            theirs = self._contents(old, tuple(one for _, one in pairs))
            distinct, codes = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
            self._codes[key] = (codes[: len(ours)], codes[len(ours) :], len(distinct))
        return self._codes[key]


@dataclass(frozen=True)
class Close:
    """A release that differs from another by `people`, too few: `earlier` is its place among those
    before, None where it is another part of the same answer."""

    people: int
    earlier: int | None


def too_close(
    new: Sequence[RowSet], earlier: Sequence[RowSet], threshold: int, comparison: Comparison
) -> list[Close]:
    """Every earlier release that one of these row sets differs from by 1 to `threshold` - 1 people,
    the closest first, and whether these sets differ so among themselves."""
    found: dict[int | None, int] = {}

    def look(one: RowSet, other: RowSet, place: int | None) -> None:
        # As many rows as one has more than the other came or went, however rows are told apart.
        if abs(one.count - other.count) >= threshold:
            return
        people = comparison.differs_by(one, other)
        if 0 < people < threshold:
            found[place] = min(people, found.get(place, people))

    same_figures: dict[frozenset[str], list[int]] = {}
    for place, other in enumerate(earlier):
        same_figures.setdefault(other.columns, []).append(place)
    sums = [place for place, other in enumerate(earlier) if other.exact]
    for k, one in enumerate(new):
        for other in new[:k] if one.exact else ():
            look(one, other, None)
        for place in dict.fromkeys(
            (*same_figures.get(one.columns, ()), *(sums if one.exact else ()))
        ):
            look(one, earlier[place], place)
    return sorted((Close(people, place) for place, people in found.items()), key=_closest_first)


def shows_enough_new(moved: Sequence[tuple[int, int]], threshold: int) -> bool:
    """Whether the profiles of two versions can both be seen: the same rows are behind them, or
    at least `threshold` came and as many went or changed. Then no count of one less that of the
    other is about few people."""
    return all(come == gone == 0 or min(come, gone) >= threshold for come, gone in moved)


def _closest_first(one: Close) -> tuple[int, int]:
    return one.people, -1 if one.earlier is None else one.earlier


def behind(
    rows: Rows, groups: Sequence[tuple[str, ...]], exact: bool, version: int, read: Reads
) -> list[RowSet]:
    """The row sets of a release whose figures are about the complete rows of these groups of
    variables; `read` says what the version's rules read for each. Groups of no row are left out,
    and those of the same rows behind exact sums are one.
    """
    wanted = dict.fromkeys(name for group in groups for name in group)
    present: dict[str, list[np.ndarray]] = {
        name: [] for name in wanted if name not in RESERVED_COLUMNS
    }
    for frame in rows:
        for name, found in present.items():
            found.append(has_value(frame, name))
    there = {
        name: np.concatenate(found) if found else np.empty(0, dtype=bool)
        for name, found in present.items()
    }
    sets: dict[tuple[object, ...], tuple[dict[str, None], np.ndarray]] = {}
    masks: dict[bytes, np.ndarray] = {}
    for group in groups:
        names = [name for name in group if name in there]
        if not names:
            continue
        mask = np.logical_and.reduce([there[name] for name in names])
        if mask.any():
            same = np.packbits(mask).tobytes()
            mask = masks.setdefault(same, mask)
            key: tuple[object, ...] = (same,) if exact else (same, *names)
            sets.setdefault(key, ({}, mask))[0].update(dict.fromkeys(names))
    return [
        RowSet(version, tuple(one for one in read if one[0] in names), exact, mask)
        for names, mask in sets.values()
    ]


def has_value(frame: Frame, name: str) -> np.ndarray:
    """Which rows of a block have a value of this variable."""
    column = frame.columns.get(name)
    if column is None:
        return np.zeros(frame.n, dtype=bool)
    if column.dtype == object:
        return np.array([value is not None for value in column], dtype=bool)
    return np.isfinite(column)


def columns_read(
    rules: Mapping[str, Rule], types: Mapping[str, str], variables: Sequence[VariableInfo]
) -> Reads:
    """For each variable with a rule the columns that it reads; `types` has those of the table."""
    return tuple(
        (one.name, map_rule(rules[one.name], types, one).columns)
        for one in variables
        if one.name in rules
    )
