"""From variables to a design matrix: treatment coding, interactions, centred and scaled columns.

Columns are products of parts. A numeric part is (x - mean)/sd with the pooled mean and sd, so that
cross-products of any site can be added without loss; a level's part is 0 or 1. `to_raw` maps back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np

from datasets.engine.results.records import Record
from datasets.engine.rows.complete import complete_rows
from datasets.engine.rows.frame import RESERVED_COLUMNS, Frame, Rows
from datasets.engine.sentences import Called

SITE = "site"
"""The engine's own column for where rows were collected; no variable may be called so."""

KEEP_IN_MEMORY = 8_000_000
"""Most numbers of a site's design kept between passes (64 MB); beyond that rows are read again."""

LITTLE, ROUNDING = 1e-4, 2e-14
"""Share of a column that may be rounding, and an eigenvalue that is."""

Part = tuple[str, str | None]
"""A variable, and its level where it is a category."""

Term = tuple[str, ...]
"""The variables whose product a term is: none for the intercept, two for an interaction."""

Block = tuple[np.ndarray, np.ndarray]
"""Scaled design (rows, columns) and outcome (rows,) of some complete rows."""


@dataclass(frozen=True)
class Column(Record):
    """One coefficient: the parts whose product its column is; none for the intercept."""

    parts: tuple[Part, ...]

    @property
    def term(self) -> Term:
        """The variables whose product the column belongs to."""
        return tuple(variable for variable, _ in self.parts)

    @property
    def is_intercept(self) -> bool:
        """Whether the column is 1 in every row."""
        return not self.parts


@dataclass(frozen=True)
class Design(Record):
    """All columns of the largest model, and how its variables are scaled.

    `levels` has the categories (site among them) with their levels, reference first; `scaling`
    the numeric terms with mean and sd; `variables` what a complete row must have.
    """

    outcome: str
    outcome_mean: float
    variables: tuple[str, ...]
    columns: tuple[Column, ...]
    scaling: tuple[tuple[str, float, float], ...]
    levels: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def build(
        cls,
        *,
        outcome: str,
        outcome_mean: float,
        terms: Sequence[str],
        interactions: Sequence[Term],
        site_effects: bool,
        scaling: dict[str, tuple[float, float]],
        levels: dict[str, tuple[str, ...]],
    ) -> "Design":
        """Columns in R's order: intercept, terms, site, interactions."""
        wanted: list[Term] = [(term,) for term in terms]
        if site_effects:
            wanted.append((SITE,))
        columns = [Column(())]
        for term in [*wanted, *interactions]:
            columns.extend(_columns(term, levels))
        return cls(
            outcome,
            outcome_mean,
            (outcome, *(name for name in terms if name not in RESERVED_COLUMNS)),
            tuple(columns),
            tuple((name, mean, sd) for name, (mean, sd) in scaling.items()),
            tuple(levels.items()),
        )

    @cached_property
    def scale(self) -> dict[str, tuple[float, float]]:
        """Mean and sd of each numeric term."""
        return {name: (mean, sd) for name, mean, sd in self.scaling}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Each column's name for readers, numbered where another one is called alike."""
        return _distinct([name_of(column.parts) for column in self.columns])

    def called(self, index: int) -> Called:
        """A column's coefficient, for a sentence."""
        return Called(self.names[index], self.columns[index].parts)

    @cached_property
    def term_names(self) -> dict[Term, str]:
        """Each term's name for readers, numbered in the same way."""
        names = [name_of([(variable, None) for variable in term]) for term in self.terms]
        return dict(zip(self.terms, _distinct(names), strict=True))

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms in order, without the intercept."""
        return tuple(dict.fromkeys(c.term for c in self.columns if not c.is_intercept))

    def of_terms(self, terms: Sequence[Term]) -> list[int]:
        """Indexes of the intercept's and these terms' columns."""
        return [i for i, c in enumerate(self.columns) if c.is_intercept or c.term in terms]

    def of_site(self) -> list[int]:
        """Indexes of the columns that can vary within one site."""
        return [
            i
            for i, c in enumerate(self.columns)
            if not any(variable in RESERVED_COLUMNS for variable in c.term)
        ]

    def to_raw(self, indexes: Sequence[int]) -> np.ndarray:
        """Matrix B with raw coefficients = B @ scaled ones, for a model of these columns.

        A raw product column is expanded into scaled products of its parts and the lower-order
        columns that the means bring in; those not in the model are left out (they are aliased).
        """
        place = {self.columns[i].parts: k for k, i in enumerate(indexes)}
        expand = np.zeros((len(indexes), len(indexes)))
        for k, i in enumerate(indexes):
            for size, parts in self._expanded(self.columns[i].parts):
                if parts in place:
                    expand[place[parts], k] += size
        return np.linalg.inv(expand)

    def _expanded(self, parts: tuple[Part, ...]) -> Iterator[tuple[float, tuple[Part, ...]]]:
        numeric = [part for part in parts if part[1] is None]
        for kept in (c for r in range(len(numeric) + 1) for c in combinations(numeric, r)):
            size = 1.0
            for part in numeric:
                mean, sd = self.scale[part[0]]
                size *= sd if part in kept else mean
            yield size, tuple(p for p in parts if p[1] is not None or p in kept)

    def value_of(self, name: str, scaled: float) -> str:
        """A scaled number as it is in its own unit."""
        mean, sd = self.scale[name]
        # What was 0 before its column was centred comes back as the rounding of the mean.
        value = scaled * sd + mean if abs(scaled * sd + mean) > 1e-9 * sd else 0.0
        return f"{float(f'{value:.10g}'):g}"

    def block(self, frame: Frame) -> Block:
        """Scaled design (rows, columns) and centred outcome (rows,) of the complete rows."""
        place = self.complete(frame)
        n = int(place.sum())
        y = frame.columns[self.outcome][place] if n else np.empty(0)
        x = np.ones((n, len(self.columns)))
        if n:
            parts = {part for column in self.columns for part in column.parts}
            values = {part: self._values(frame, place, part) for part in parts}
            for k, column in enumerate(self.columns):
                for part in column.parts:
                    x[:, k] *= values[part]
        return x, y - self.outcome_mean

    def complete(self, frame: Frame) -> np.ndarray:
        """Which rows have every variable of the model."""
        return complete_rows(frame, self.variables)

    def _values(self, frame: Frame, place: np.ndarray, part: Part) -> np.ndarray:
        name, level = part
        column = frame.columns[name][place]
        if level is not None:
            return (column == level).astype(float)
        mean, sd = self.scale[name]
        return (column - mean) / sd


class Blocks:
    """A site's scaled blocks, again and again; kept in memory while they are small.

    `rows` counts all rows of the last pass, complete or not.
    """

    def __init__(self, rows: Rows, design: Design) -> None:
        self._rows, self.design = rows, design
        self.rows = 0
        self._kept: list[Block] | None = None

    def __iter__(self) -> Iterator[Block]:
        if self._kept is not None:
            yield from self._kept
            return
        kept: list[Block] | None = []
        self.rows = size = 0
        for frame in self._rows:
            x, y = self.design.block(frame)
            self.rows += frame.n
            size += x.size
            if size > KEEP_IN_MEMORY:
                kept = None
            if kept is not None:
                kept.append((x, y))
            yield x, y
        self._kept = kept


def independent(cross: np.ndarray, tolerance: float = 1e-11) -> list[int]:
    """Columns that no earlier ones add up to, by sweeping their cross-products in order.

    As R does, the later column of a collinear set is the one left out. After a column that
    earlier ones nearly add up to, sweeping leaves rounding where nothing should be left: what
    looks that small is asked for its smallest eigenvalue.
    """
    left = cross.astype(float).copy()
    size = np.diag(cross).copy()
    nothing = 1e-20 * size.max(initial=0.0)
    kept: list[int] = []
    for k in range(len(left)):
        if size[k] <= nothing or left[k, k] <= tolerance * size[k]:
            continue
        if left[k, k] <= LITTLE * size[k] and _is_singular(cross, [*kept, k]):
            continue
        kept.append(k)
        row = left[k] / left[k, k]
        left -= np.outer(left[:, k], row)
    return kept


def _is_singular(cross: np.ndarray, columns: list[int]) -> bool:
    """Whether rounding alone keeps these columns apart."""
    size = np.sqrt(np.diag(cross)[columns])
    inside = cross[np.ix_(columns, columns)] / np.outer(size, size)
    return float(np.linalg.eigvalsh(inside)[0]) <= ROUNDING


def name_of(parts: Sequence[Part]) -> str:
    """A coefficient's name as the API has it: `(Intercept)`, `age`, `age:site[Hungary]`."""
    return ":".join(_label(part) for part in parts) if parts else "(Intercept)"


def _columns(term: Term, levels: dict[str, tuple[str, ...]]) -> list[Column]:
    """Treatment coding of one term: a column per combination of non-reference levels."""
    choices: list[list[Part]] = [
        [(name, level) for level in levels[name][1:]] if name in levels else [(name, None)]
        for name in term
    ]
    # R varies the first factor fastest.
    return [Column(tuple(reversed(parts))) for parts in product(*reversed(choices))]


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """A column `a:b` and the interaction of `a` with `b` must not be taken for one another."""
    found: list[str] = []
    for name in names:
        number, distinct = 1, name
        while distinct in found or (number > 1 and distinct in names):
            number += 1
            distinct = f"{name} ({number})"
        found.append(distinct)
    return tuple(found)


def _label(part: Part) -> str:
    name, level = part
    return name if level is None else f"{name}[{level}]"
