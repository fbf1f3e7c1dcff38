"""How many of a site's complete rows have each value of a variable of few values, as it is told.

A guarded site tells of each value how many rows have it of all, less those that are left out. What
is made of the rows that are left by themselves tells them anew for every column that some people
lack, and many of these together tell how many have the value.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import released_part, released_rows
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.rows.complete import complete_rows, has_value
from datasets.engine.rows.frame import RESERVED_COLUMNS, Rows

Value = str | float


@dataclass(frozen=True)
class Line:
    """Values of a variable, and how many complete rows have each: `exact`, as it is `told`, and as
    is `likely` by that, since a count that is not told may be as many as are told at least."""

    values: tuple[Value, ...]
    exact: np.ndarray
    told: np.ndarray
    likely: np.ndarray

    def share_of(self, value: Value) -> float:
        """How many of the rows are likely to have a value."""
        place = self.values.index(value) if value in self.values else None
        return 0.0 if place is None else float(self.likely[place] / self.likely.sum())


@dataclass(frozen=True)
class Lines:
    """Those of a question's categories and numbers of few values, over `n` complete rows, of which
    `told` are told; of all rows some are left out, or are told to be none."""

    n: int
    told: int
    leaves_out: bool
    of: Mapping[str, Line]


def lines_of(rows: Rows, parameters: Parameters, rules: Rules) -> Lines:
    """Those of one site's rows."""
    names = wanted(parameters)
    there: dict[str, Counter[Value]] = {name: Counter() for name in names}
    complete: dict[str, Counter[Value]] = {name: Counter() for name in names}
    of_all = n = 0
    for frame in rows:
        is_complete = complete_rows(frame, names)
        of_all, n = of_all + frame.n, n + int(is_complete.sum())
        for name in [*there]:
            values = frame.columns.get(name)
            if values is None:
                continue
            there[name].update(_counted(values[has_value(frame, name)]))
            complete[name].update(_counted(values[is_complete]))
            if values.dtype != object and len(there[name]) > FEW_VALUED:
                del there[name]
    told = released_rows(n, of_all, rules)
    return Lines(
        n,
        told,
        rules.rounded(of_all - n) > 0,
        {name: _line(found, complete[name], of_all, told, rules) for name, found in there.items()},
    )


def wanted(parameters: Parameters) -> list[str]:
    """A question's variables that are columns of the site's own."""
    return [name for name in parameters.names if name not in RESERVED_COLUMNS]


def _line(
    there: Counter[Value], complete: Counter[Value], rows: int, told: int, rules: Rules
) -> Line:
    values = tuple(sorted(there))
    part = np.array([complete[value] for value in values])
    of_all = [*(there[value] for value in values), rows - there.total()]
    line = np.array(released_part(part.tolist(), of_all, rules, told))
    likely = np.where(line > 0, line, np.where(part > 0, rules.least_shown, 0))
    return Line(values, part, line, np.where(part > 0, likely, 0))


def _counted(values: np.ndarray) -> Counter[Value]:
    if values.dtype == object:
        return Counter(values.tolist())
    found, counts = np.unique(values, return_counts=True)
    return Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))
