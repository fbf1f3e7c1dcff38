"""How many of a site's rows have each value of a variable together with each outcome, where both
have few."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from datasets.engine.guard.crossed import within_margins
from datasets.engine.guard.rules import Rules
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.lines import Lines, Value
from datasets.engine.rows.complete import complete_rows
from datasets.engine.rows.frame import Frame, Rows

Pair = tuple[Value, Value]


class FewValues:
    """All rows and complete ones by the outcome and each variable of a design's `columns` that has
    few values, as the outcome has.

    Complete rows are told as a part of all: no question about some of them rounds a count anew.
    """

    def __init__(
        self, rows: Rows, design: Design, columns: Sequence[int], lines: Lines, rules: Rules
    ) -> None:
        self.lines, self._rules, self._outcome = lines, rules, design.outcome
        names = dict.fromkeys(name for i in columns for name in design.columns[i].term)
        self.names = [name for name in names if {name, design.outcome} <= lines.of.keys()]
        self._there = {name: Counter[Pair]() for name in self.names}
        self._complete = {name: Counter[Pair]() for name in self.names}
        for frame in rows:
            is_complete = design.complete(frame)
            for name in self.names:
                pair = (name, design.outcome)
                complete = _counted(frame, pair, is_complete)
                self._complete[name].update(complete)
                self._there[name].update(complete)
                left_out = complete_rows(frame, pair) & ~is_complete
                self._there[name].update(_counted(frame, pair, left_out))

    @property
    def few_outcomes(self) -> bool:
        """Whether the outcome has few values, none of them rare."""
        line = self.lines.of.get(self._outcome)
        return line is not None and bool(
            np.all(line.exact[line.exact > 0] >= self._rules.threshold)
        )

    def table(self, name: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Complete rows by a variable's values and outcomes, and how many are told; None where
        some cell is small, or no table can be told whose sums are those of each by itself."""
        rows, columns = self.lines.of[name], self.lines.of[self._outcome]
        cells = [(value, outcome) for value in rows.values for outcome in columns.values]
        part, of_all = (
            np.array([found[cell] for cell in cells], dtype=np.int64).reshape(len(rows.values), -1)
            for found in (self._complete[name], self._there[name])
        )
        if ((part > 0) & (part < self._rules.threshold)).any():
            return None
        told = within_margins(part, rows.told, columns.told, self._rules, of_all)
        return None if told is None else (part, told)


def _counted(frame: Frame, names: Sequence[str], place: np.ndarray) -> Counter[Pair]:
    return Counter(zip(*(frame.columns[name][place].tolist() for name in names), strict=True))
