"""Whether a question is too close to what a dataset was asked before: to one, or to two combined.

Sums over A less those over B are sums over the rows that B lacks. A third answer about nearly those
rows gives the few it differs by, though it is far from either. So a set is looked at beside every
two earlier ones: together, and the one without the other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datasets.engine.guard.ledger import Comparison, are_subtracted
from datasets.engine.guard.row_sets import Outline, Reads, RowSet

MOST_COMBINED = 200
"""Of so many earlier sets, the newest, every two are combined."""

BUCKETS = 1024
"""Numbers in a sketch: few enough to multiply all by all, many enough to tell sets apart."""

REASONS = 5
"""So many are told to whoever decides; no more are looked for."""

RowsOf = Callable[[Sequence[int]], Mapping[int, np.ndarray]]
"""The rows of the earlier sets at these places."""


@dataclass(frozen=True)
class Close:
    """A question that differs from another by `people`, too few, or by 0 where that is as telling:
    `earlier` is the place of an earlier one, None where it is another part of the same answer.
    With `beside` it is those two together, or one without the other, that it differs from."""

    people: int
    earlier: int | None
    beside: int | None = None


class Closeness:
    """A question beside what came before it, which may be looked at as it comes."""

    def __init__(self, new: Sequence[RowSet], threshold: int, comparison: Comparison) -> None:
        self._new, self._beside = new, (threshold, comparison)
        self._ones = _close_among(new, *self._beside)
        self._twos: list[Close] = []

    def look(
        self,
        came: Iterable[tuple[Sequence[int], RowSet]],
        newest_first: Sequence[tuple[int, Outline | RowSet]],
        rows_of: RowsOf,
    ) -> None:
        """Compare with the earlier sets that `came` since, each with the places of all that are
        equal to it; and, where none is close, with every two of all."""
        self._ones += close_to_one(self._new, came, *self._beside)
        if not self._ones:
            self._twos = close_to_two(self._new, newest_first, rows_of, *self._beside)

    @property
    def found(self) -> list[Close]:
        """All that is close, the closest first; where nothing is, some that two combined are."""
        return sorted(self._ones, key=_closest_first) or self._twos


def _close_among(new: Sequence[RowSet], threshold: int, comparison: Comparison) -> list[Close]:
    """Whether two of these sets differ by so few, the closest."""
    pairs = ((one, other) for k, one in enumerate(new) for other in new[:k])
    found = [
        people
        for one, other in pairs
        if one.names != other.names
        and (people := _few_between(one, other, threshold, comparison)) is not None
    ]
    return [Close(min(found), None)] if found else []


def close_to_one(
    new: Sequence[RowSet],
    earlier: Iterable[tuple[Sequence[int], RowSet]],
    threshold: int,
    comparison: Comparison,
) -> list[Close]:
    """Each earlier question, by its place, that differs by so few from one of these; equal ones
    come once, with all their places. Those of another number of rows need not be among `earlier`.
    """
    found = []
    for places, other in earlier:
        of_each = (_few_between(one, other, threshold, comparison) for one in new)
        few = [people for people in of_each if people is not None]
        if few:
            found += [Close(min(few), place) for place in places]
    return found


def _few_between(one: RowSet, other: RowSet, threshold: int, comparison: Comparison) -> int | None:
    """By how many people the two differ, if that is too few."""
    # As many rows as one has more than the other came or went, however rows are told apart.
    if abs(one.count - other.count) >= threshold:
        return None
    people = comparison.differs_by(one, other)
    return people if people is not None and people < threshold else None


def _closest_first(one: Close) -> tuple[int, int]:
    return one.people, -1 if one.earlier is None else one.earlier


def close_to_two(
    new: Sequence[RowSet],
    newest_first: Sequence[tuple[int, Outline | RowSet]],
    rows_of: RowsOf,
    threshold: int,
    comparison: Comparison,
    most: int = MOST_COMBINED,
) -> list[Close]:
    """Some pairs of earlier sets that give one of the new ones but for 1 to `threshold` - 1 people;
    rows are asked for of those alone that are combined, the newest `most` of each."""
    found: list[Close] = []
    for one in new:
        counted = _distinct(one, newest_first, threshold, most)
        if len(counted) > 1:
            rows = rows_of([each.place for each in counted])
            found += _combined(one, [each.of(rows) for each in counted], threshold, comparison)
        if len(found) >= REASONS:
            break
    return found[:REASONS]


@dataclass(frozen=True, eq=False)
class _Counted:
    """Earlier questions of the same rows: the place of the newest, and every column they read."""

    place: int
    version: int
    columns: frozenset[str]

    def of(self, rows: Mapping[int, np.ndarray]) -> "_Summed":
        return _Summed(self.place, self.version, self.columns, rows[self.place])


@dataclass(frozen=True, eq=False)
class _Summed(_Counted):
    rows: np.ndarray


def _combined(
    new: RowSet, sets: Sequence[_Summed], threshold: int, comparison: Comparison
) -> list[Close]:
    found: list[Close] = []
    for chosen, vectors in _by_identity(new, sets, comparison):
        found += _nearly(new, chosen, vectors, threshold)
        if len(found) >= REASONS:
            break
    return sorted(dict.fromkeys(found), key=lambda one: one.people)[:REASONS]


def _distinct(
    new: RowSet, newest_first: Iterable[tuple[int, Outline | RowSet]], threshold: int, most: int
) -> list[_Counted]:
    """Those that can be added to the new one, the newest `most` first; of fewer rows than the
    threshold nothing was told."""
    found: dict[tuple[int, str], _Counted] = {}
    # Most are about what others are about, too.
    added: dict[tuple[Reads, bool], bool] = {}
    for place, one in newest_first:
        about = one.reads, one.subtractable
        if about not in added:
            added[about] = are_subtracted(new, one) and bool(new.columns & one.columns)
        if not added[about] or one.count < threshold:
            continue
        key = (one.version, one.key)
        known = found.get(key)
        if known is None and len(found) >= most:
            continue
        columns = one.columns | known.columns if known else one.columns
        found[key] = _Counted(known.place if known else place, one.version, columns)
    return list(found.values())


@dataclass(frozen=True, eq=False)
class _Vectors:
    """Sets as how often each row is in them, the new one first: rows are places, or what they
    hold, as whole numbers up to `size`. They are written out when they are looked at."""

    masks: Sequence[np.ndarray]
    codes: Sequence[np.ndarray] | None = None
    size: int = 0

    def written(self, k: int) -> np.ndarray:
        """The k-th."""
        if self.codes is None:
            return self.masks[k].astype(np.int32)
        return np.bincount(self.codes[k][self.masks[k]], minlength=self.size).astype(np.int32)

    def sketch(self, k: int) -> np.ndarray:
        """The same in few numbers, each the sum over many rows: as linear, and exact."""
        if self.codes is not None:
            of_rows = self.codes[k][self.masks[k]] % BUCKETS
            return np.bincount(of_rows, minlength=BUCKETS).astype(float)
        mask = self.masks[k]
        whole = len(mask) // BUCKETS * BUCKETS
        found = mask[:whole].reshape(-1, BUCKETS).sum(axis=0, dtype=float)
        found[: len(mask) - whole] += mask[whole:]
        return found


def _by_identity(
    new: RowSet, sets: Sequence[_Summed], comparison: Comparison
) -> Iterator[tuple[list[_Summed], _Vectors]]:
    """By each way to tell rows apart, the sets that it tells of.

    Of the new one's version that is by their places. Beside other versions it is by each column
    that tells most rows apart, or by all together where none does.
    """
    here = [one for one in sets if one.version == new.version]
    if len(here) > 1:
        yield here, _Vectors([new.rows, *(one.rows for one in here)])
    if len(here) == len(sets):
        return
    is_told = False
    for columns in (*((one,) for one in sorted(new.columns)), tuple(sorted(new.columns))):
        if is_told and len(columns) > 1:
            return
        chosen = [one for one in sets if one.columns.issuperset(columns)]
        versions = sorted({new.version, *(one.version for one in chosen)})
        if len(chosen) < 2 or len(versions) < 2:
            continue
        codes, size = comparison.placed_by(columns, versions)
        if 2 * size < max(len(one) for one in codes.values()) and len(columns) == 1:
            continue
        is_told = True
        of_each = [new.version, *(one.version for one in chosen)]
        masks = [new.rows, *(one.rows for one in chosen)]
        yield chosen, _Vectors(masks, [codes[one] for one in of_each], size)


def _nearly(new: RowSet, sets: Sequence[_Summed], vectors: _Vectors, threshold: int) -> list[Close]:
    """Which two sum to the first vector, or differ by it, but for few.

    The sketches of a near pair are near: they are compared all at once, in squares. The few pairs
    that are left are looked at row by row.
    """
    sketches = np.stack([vectors.sketch(k) for k in range(len(sets) + 1)])
    products = sketches @ sketches.T
    others, pairs = products[0, 1:], products[1:, 1:]
    squares = np.diag(pairs)
    far = products[0, 0] + squares[:, None] + squares[None, :]
    together = far - 2 * others[:, None] - 2 * others[None, :] + 2 * pairs
    without = far - 2 * others[:, None] + 2 * others[None, :] - 2 * pairs
    # Up to `threshold` - 1 rows stand on either side, at worst all of a side in one sum.
    limit = 2 * (threshold - 1) ** 2
    found = []
    for sign, near in (
        (1, np.argwhere(np.triu(together <= limit, 1))),
        (-1, np.argwhere(without <= limit)),
    ):
        for i, j in near:
            if i == j or not new.columns & sets[i].columns & sets[j].columns:
                continue
            rest = vectors.written(0) - vectors.written(i + 1) - sign * vectors.written(j + 1)
            people = max(int(rest[rest > 0].sum()), -int(rest[rest < 0].sum()))
            if 0 < people < threshold:
                places = (sets[i].place, sets[j].place)
                found.append(Close(people, *(sorted(places) if sign == 1 else places)))
                if len(found) >= REASONS:
                    return found
    return found
