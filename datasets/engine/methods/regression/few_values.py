"""How many of a site's rows have each value of its variables of few values, and each outcome."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from datasets.engine.guard.crossed import within_margins
from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import released_part, released_rows
from datasets.engine.methods.regression.design import Design
from datasets.engine.rows.complete import complete_rows
from datasets.engine.rows.frame import Frame, Rows

Value = str | float
Values = tuple[Value, ...]


class FewValues:
    """All rows and complete ones by the values of the outcome and of each variable of a design's
    `columns`, and by both together; of categories, and of numbers that have few values.

    Complete rows are told as a part of all: no question about some of them rounds a count anew.
    """

    def __init__(self, rows: Rows, design: Design, columns: Sequence[int], rules: Rules) -> None:
        self._rules, self._outcome = rules, design.outcome
        self.least = rules.least_shown
        names = dict.fromkeys(name for i in columns for name in design.columns[i].term)
        keys: list[tuple[str, ...]] = [(name,) for name in (design.outcome, *names)]
        keys += [(name, design.outcome) for name in names]
        self._there = {key: Counter[Values]() for key in keys}
        self._complete = {key: Counter[Values]() for key in keys}
        self.n = self._of_all = 0
        for frame in rows:
            is_complete = design.complete(frame)
            self.n, self._of_all = self.n + int(is_complete.sum()), self._of_all + frame.n
            for key, found in self._there.items():
                found.update(_counted(frame, key, complete_rows(frame, key)))
                self._complete[key].update(_counted(frame, key, is_complete))
            many = {
                key[0]
                for key, found in self._there.items()
                if len(key) == 1
                and len(found) > FEW_VALUED
                and frame.columns[key[0]].dtype != object
            }
            self._there = {key: one for key, one in self._there.items() if not many & {*key}}
        self.names = [name for name in names if (name,) in self._there]
        self.total = released_rows(self.n, self._of_all, rules)
        self.leaves_out = rules.rounded(self._of_all - self.n) > 0

    def line(self, name: str) -> tuple[list[Value], list[int], list[int]]:
        """A variable's values, with how many complete rows have each and how many are told."""
        there = self._there[(name,)]
        values = sorted(there)
        part = [self._complete[(name,)][one] for one in values]
        of_all = [there[one] for one in values]
        line = [*of_all, self._of_all - sum(of_all)]
        told = released_part(part, line, self._rules, self.total)
        return [value for (value,) in values], part, told

    @property
    def few_outcomes(self) -> bool:
        """Whether the outcome has few values, none of them rare."""
        if (self._outcome,) not in self._there:
            return False
        _, part, _ = self.line(self._outcome)
        return all(n >= self._rules.threshold for n in part if n)

    def table(self, name: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Complete rows by a variable's values and outcomes, and how many are told; None where
        some cell is small, or no table can be told whose sums are those of each by itself."""
        key = (name, self._outcome)
        values, _, rows = self.line(name)
        outcomes, _, columns = self.line(self._outcome)
        cells = [(one, outcome) for one in values for outcome in outcomes]
        part, of_all = (
            np.array([found[cell] for cell in cells], dtype=np.int64).reshape(len(values), -1)
            for found in (self._complete[key], self._there[key])
        )
        if ((part > 0) & (part < self._rules.threshold)).any():
            return None
        told = within_margins(part, np.array(rows), np.array(columns), self._rules, of_all)
        return None if told is None else (part, told)


def _counted(frame: Frame, names: Sequence[str], place: np.ndarray) -> Counter[Values]:
    return Counter(zip(*(frame.columns[name][place].tolist() for name in names), strict=True))
