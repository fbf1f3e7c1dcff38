"""How many of a site's rows have each value of a variable together with each outcome, where both
have few, and which rows add something of their own to that."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datasets.engine.guard.crossed import within_margins
from datasets.engine.guard.merged import hold_most, in_few_steps
from datasets.engine.guard.rules import Rules
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.lines import Lines, Value
from datasets.engine.rows.complete import complete_rows
from datasets.engine.rows.frame import Frame, Rows

Pair = tuple[Value, Value]
"""A variable's value and an outcome."""


@dataclass(frozen=True)
class Odd:
    """`n` rows (odd,) of each pair of their own `values` and `outcomes` (2, odd), first as they are
    and then as they are counted, which those of small cells are not (odd,)."""

    values: tuple[Sequence[Value], Sequence[Value]]
    outcomes: np.ndarray
    is_counted: np.ndarray
    n: np.ndarray

    def added(
        self, own: np.ndarray, counted: np.ndarray, mean: float, rules: Rules
    ) -> tuple[np.ndarray, np.ndarray]:
        """How much more than it is what they add to sums of the outcome over columns about means is
        told to be (p,), which have these values (odd, p); and the steps it is told in."""
        of_own, of_counted = (
            x * (y - mean)[:, np.newaxis]
            for x, y in zip((own, counted), self.outcomes, strict=True)
        )
        added = of_own - of_counted * self.is_counted[:, np.newaxis]
        told = [in_few_steps(column, self.n, rules) for column in added.T]
        sums, steps = np.array(told).reshape(-1, 2).T
        return sums - self.n @ added, steps


@dataclass(frozen=True)
class Table:
    """Complete rows by a variable's values and outcomes (values, outcomes), small cells as none;
    how many are told; and rows that add something of their own."""

    part: np.ndarray
    told: np.ndarray
    odd: Odd


class CrossedCounts:
    """All rows and complete ones by the outcome and each variable of a design's `columns` that has
    few values, as the outcome has; `told` are the same rows with their rare values merged.

    Complete rows are told as a part of all: no question about some of them rounds a count anew.
    """

    def __init__(
        self,
        rows: Rows,
        told: Rows,
        design: Design,
        columns: Sequence[int],
        lines: Lines,
        rules: Rules,
    ) -> None:
        self.lines, self.rules, self.outcome = lines, rules, design.outcome
        names = dict.fromkeys(name for i in columns for name in design.columns[i].term)
        self.names = [name for name in names if {name, design.outcome} <= lines.of.keys()]
        self._there = {name: Counter[Pair]() for name in self.names}
        self._complete = {name: Counter[Pair]() for name in self.names}
        self._odd = {name: Counter[tuple[Pair, Pair]]() for name in (design.outcome, *self.names)}
        for own, frame in zip(rows, told, strict=True):
            is_complete = design.complete(frame)
            for name in self.names:
                pair = (name, design.outcome)
                complete = _counted(frame, pair, is_complete)
                self._complete[name].update(complete)
                self._there[name].update(complete)
                left_out = complete_rows(frame, pair) & ~is_complete
                self._there[name].update(_counted(frame, pair, left_out))
            for name, found in self._odd.items():
                found.update(_odd(own, frame, (name, design.outcome), is_complete))

    @property
    def few_outcomes(self) -> bool:
        """Whether the outcome has few values, which are rare in few rows."""
        line = self.lines.of.get(self.outcome)
        return line is not None and hold_most(line.exact, self.rules)

    @property
    def odd_outcomes(self) -> Odd:
        """Rows whose outcome is another one than they are counted with, or a rare one."""
        line = self.lines.of[self.outcome]
        counts = zip(line.values, line.exact.tolist(), strict=True)
        return self._odd_of(self.outcome, {(one, one): n for one, n in counts})

    def table(self, name: str) -> Table | None:
        """That of a variable; None where a cell is small, whose rows would be told as others are,
        or where none can be told whose sums are those of each variable by itself."""
        rows, columns = self.lines.of[name], self.lines.of[self.outcome]
        cells = [(value, outcome) for value in rows.values for outcome in columns.values]
        part, of_all = (
            np.array([found[cell] for cell in cells], dtype=np.int64).reshape(len(rows.values), -1)
            for found in (self._complete[name], self._there[name])
        )
        told = within_margins(part, rows.told, columns.told, self.rules, of_all)
        if told is None or ((part > 0) & (part < self.rules.threshold)).any():
            return None
        if min(np.count_nonzero(told.any(axis=axis)) for axis in (0, 1)) < 2:
            return None
        return Table(part, told, self._odd_of(name, self._complete[name]))

    def _odd_of(self, name: str, counts: Mapping[Pair, int]) -> Odd:
        small = {cell for cell, n in counts.items() if n < self.rules.threshold}
        found, as_they_are = dict(self._odd[name]), Counter({cell: counts[cell] for cell in small})
        as_they_are -= Counter(cell for _, cell in self._odd[name].elements())
        found |= {(cell, cell): n for cell, n in as_they_are.items()}
        return Odd(
            ([own[0] for own, _ in found], [counted[0] for _, counted in found]),
            np.array([[pair[k][1] for pair in found] for k in (0, 1)], dtype=float),
            np.array([counted not in small for _, counted in found], dtype=bool),
            np.array([*found.values()], dtype=np.int64),
        )


def _odd(
    own: Frame, told: Frame, names: Sequence[str], place: np.ndarray
) -> Counter[tuple[Pair, Pair]]:
    """Rows of a place that have other values than they are told with."""
    place = place.copy()
    place[place] = np.logical_or.reduce(
        [own.columns[name][place] != told.columns[name][place] for name in names]
    )
    both = (
        zip(*(one.columns[name][place].tolist() for name in names), strict=True)
        for one in (own, told)
    )
    return Counter(zip(*both, strict=True))


def _counted(frame: Frame, names: Sequence[str], place: np.ndarray) -> Counter[Pair]:
    return Counter(zip(*(frame.columns[name][place].tolist() for name in names), strict=True))
