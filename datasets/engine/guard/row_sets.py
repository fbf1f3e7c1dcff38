"""The rows behind a question, as a ledger keeps and compares them."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datasets.engine.mapping.rules import Rule, map_rule
from datasets.engine.rows.complete import has_value
from datasets.engine.rows.frame import RESERVED_COLUMNS, Rows, VariableInfo

Reads = tuple[tuple[str, tuple[str, ...]], ...]
"""The variables of a figure, each with the columns of the table that its rule reads."""

RowGroup = tuple[tuple[str, ...], tuple[str, ...]]
"""The variables that a figure is about, and those that all rows behind it have."""


@dataclass(frozen=True, eq=False)
class Figure:
    """What a figure of one version is about, whoever is in it.

    `subtractable` says that it is of a model, or of what left before anything was rounded; two of
    those may be subtracted wherever they share a column, or two columns hold the same. Tables and
    means that were rounded at the site may be where they are the same figures, of one version at
    least (`ledger.are_compared`).
    """

    version: int
    reads: Reads
    subtractable: bool

    @cached_property
    def names(self) -> frozenset[str]:
        """The variables it is about."""
        return frozenset(name for name, _ in self.reads)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns read for it."""
        return frozenset(column for _, columns in self.reads for column in columns)


@dataclass(frozen=True, eq=False)
class Outline(Figure):
    """A row set without its rows: what says whether they have to be read at all."""

    count: int
    key: str
    is_beside: bool = False


@dataclass(frozen=True, eq=False)
class RowSet(Figure):
    """The rows behind one figure: `rows` has a yes or no for each of the version's table.

    `rules` has the variables' rules as texts: two are equal or are compared. `lacking` names
    variables of which nobody in the set has some declared level: so few have it that they are left
    out, or nobody does. `is_beside` says that no figure is of these rows: they are a figure's, and
    of those that few lack.
    """

    rows: np.ndarray
    rules: tuple[tuple[str, str], ...] = ()
    lacking: tuple[str, ...] = ()
    is_beside: bool = False

    @cached_property
    def count(self) -> int:
        """How many rows it has."""
        return int(np.count_nonzero(self.rows))

    @cached_property
    def key(self) -> str:
        """The same for the same rows of a version, and for no others."""
        return hashlib.sha256(self._bits).hexdigest()

    def to_bytes(self) -> bytes:
        """The bitmap, compressed: most figures are of nearly all rows."""
        return zlib.compress(self._bits)

    @property
    def _bits(self) -> bytes:
        return np.packbits(self.rows).tobytes()


def rows_of(bitmap: bytes, table_rows: int) -> np.ndarray:
    """The `rows` of a set that `to_bytes` gave, of a table of so many."""
    bits = np.frombuffer(zlib.decompress(bitmap), dtype=np.uint8)
    return np.unpackbits(bits, count=table_rows).astype(bool)


def behind(
    rows: Rows,
    groups: Sequence[RowGroup],
    subtractable: bool,
    threshold: int,
    version: int,
    read: Reads,
    rules: Mapping[str, str] | None = None,
) -> list[RowSet]:
    """The row sets of a question with figures of these groups of rows; `read` says what the
    version's rules read for each variable, and `rules` has these as texts.

    Groups of no row are left out, and those of the same rows behind a model are one. Beside rows
    that have several variables of which fewer than `threshold` lack each stand those that have one
    of these: whether such few are enough together would tell how many they are.
    """
    wanted = dict.fromkeys(name for _, complete in groups for name in complete)
    present: dict[str, list[np.ndarray]] = {
        name: [] for name in wanted if name not in RESERVED_COLUMNS
    }
    for frame in rows:
        for name, found in present.items():
            found.append(has_value(frame, name))
    levels = _declared(rows, present)
    there = {
        name: np.concatenate(found) if found else np.empty(0, dtype=bool)
        for name, found in present.items()
    }
    sets: dict[tuple[object, ...], tuple[dict[str, None], np.ndarray, tuple[str, ...], bool]] = {}
    masks: dict[bytes, np.ndarray] = {}
    for about, complete in groups:
        names = [name for name in about if name in there]
        if not names:
            continue
        having = {name: there[name] for name in complete if name in there}
        apart = having if subtractable else [name for name in having if name not in about]
        own = np.logical_and.reduce([*having.values()])
        for mask in (own, *_few(having, apart, threshold)):
            is_beside = mask is not own
            lacking = tuple(one for one in names if one in levels and _lacks(*levels[one], mask))
            if mask.any():
                same = np.packbits(mask).tobytes()
                mask = masks.setdefault(same, mask)
                key = (same, is_beside, *(lacking if subtractable else names))
                kept = sets.setdefault(key, ({}, mask, lacking, is_beside))
                kept[0].update(dict.fromkeys(names))
    return [
        RowSet(
            version,
            tuple(one for one in read if one[0] in names),
            subtractable,
            mask,
            tuple((name, rule) for name, rule in (rules or {}).items() if name in names),
            lacking,
            is_beside,
        )
        for names, mask, lacking, is_beside in sets.values()
    ]


def _few(
    having: Mapping[str, np.ndarray], apart: Iterable[str], threshold: int
) -> list[np.ndarray]:
    """Of several variables `apart` that few rows lack the rows that have each, and all others."""
    few = [name for name in apart if 0 < np.count_nonzero(~having[name]) < threshold]
    if len(few) < 2:
        return []
    others = [mask for name, mask in having.items() if name not in few]
    return [np.logical_and.reduce([having[name], *others]) for name in few]


def _declared(rows: Rows, names: Iterable[str]) -> dict[str, tuple[int, np.ndarray]]:
    """Of each variable with declared levels how many these are, and of each row the place of its
    level among them, -1 without one."""
    found: dict[str, tuple[int, list[np.ndarray]]] = {}
    for frame in rows:
        for name in names:
            domain = frame.domains.get(name)
            if domain is None or domain.levels is None:
                continue
            place = {level: k for k, level in enumerate(domain.levels)}
            column = frame.columns.get(name, np.full(frame.n, None))
            codes = np.array([place.get(one, -1) for one in column.tolist()], dtype=np.int32)
            found.setdefault(name, (len(place), []))[1].append(codes)
    return {name: (size, np.concatenate(codes)) for name, (size, codes) in found.items()}


def _lacks(size: int, codes: np.ndarray, mask: np.ndarray) -> bool:
    return len(np.unique(codes[mask & (codes >= 0)])) < size


def reads_of(
    rules: Mapping[str, Rule], types: Mapping[str, str], variables: Sequence[VariableInfo]
) -> Reads:
    """For each variable with a rule the columns that it reads; `types` has those of the table."""
    return tuple(
        (one.name, map_rule(rules[one.name], types, one).columns)
        for one in variables
        if one.name in rules
    )
