"""Mean, spread and r of numbers of few values, or nearly, made of their counts as these are told.

Such a number is a table of counts, and its mean and spread give that back: of a yes that ten people
have they were told finer than one of them. Rows of one's own beside a site's make them out from r
over all rows. Two such numbers are a table as well, and r in steps tells a cell anew in each part
of the rows: over many columns that some people lack its average is that of all.
"""

import math
from collections.abc import Sequence

import numpy as np

from datasets.engine.guard.crossed import within_margins
from datasets.engine.guard.merged import hold_most, in_few_steps
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import (
    in_steps,
    moments_of,
    released_part,
    round_above,
    round_below,
)
from datasets.engine.methods.correlation.ranks import centred_ranks
from datasets.engine.methods.correlation.rounded import moves_of_z, z_of
from datasets.engine.methods.correlation.statistics import Spec
from datasets.engine.rows.frame import Rows


class FewValues:
    """How many of a site's rows have each value of its `few_valued` variables; `told` are the same
    rows with their rare values merged."""

    def __init__(
        self, rows: Rows, told: Rows, spec: Spec, few_valued: Sequence[bool], rules: Rules
    ) -> None:
        asked = spec.parameters
        self._rules, self._ranked = rules, asked.coefficient == "spearman"
        self._present: list[np.ndarray] = []
        self._own: list[np.ndarray] = []
        self._values: dict[int, np.ndarray] = {}
        self._places: dict[int, np.ndarray] = {}
        for k, name in enumerate(asked.variables):
            self._own.append(column := _column(rows, name))
            there = np.isfinite(column)
            if few_valued[k]:
                merged = _column(told, name)[there]
                self._values[k], of_value = np.unique(merged, return_inverse=True)
                # Who has no value stands at the last place.
                self._places[k] = np.full(len(column), len(self._values[k]))
                self._places[k][there] = of_value
            self._present.append(there)
        if asked.missing == "listwise":
            self._present = [np.all(self._present, axis=0)] * len(self._present)

    def moments(self, i: int, j: int, total: int) -> tuple[float, float] | None:
        """Mean and standard deviation of variable i in the rows that both variables have, of which
        `total` are told; None where it has more than a few values, or all that few rows have."""
        if i not in self._values:
            return None
        values, told = self._line(i, j, total)
        if np.count_nonzero(told) < 2:
            return None
        if self._ranked:
            return 0.0, float(centred_ranks(np.repeat(values, told)).std(ddof=1))
        found = moments_of(values, told)
        if found is None:
            return None
        mean, sd = found
        n, both = int(told.sum()), self._present[i] & self._present[j]
        own, counted = self._own[i][both], self._values[i][self._places[i][both]]
        of_sum, of_squares = (
            in_few_steps(added, np.ones(len(own)), self._rules)[0]
            for added in (own - counted, (own - mean) ** 2 - (counted - mean) ** 2)
        )
        more = of_squares - of_sum**2 / n
        squares = sd**2 * (n - 1)
        return mean + of_sum / n, math.sqrt(max(squares + more, squares / 2) / (n - 1))

    def correlation(self, i: int, j: int, total: int) -> tuple[float, float] | None:
        """r of two variables, and what telling it so adds to its z's variance; None where one has
        more than a few values, or no table can be told, or few rows are in cells that are enough.

        A table's cells are a part of those of all rows, and add up to what is told of each variable
        by itself. Three counts are rounded for each: all rows, those left out, and their margin.
        """
        if i not in self._values or j not in self._values:
            return None
        both = self._present[i] & self._present[j]
        # Of other values, which may be many, nobody is in the table.
        known = [np.unique(self._places[k][both]) for k in (i, j)]
        there = np.isin(self._places[i], known[0]) & np.isin(self._places[j], known[1])
        place = tuple(
            np.searchsorted(of_variable, self._places[k][there])
            for of_variable, k in zip(known, (i, j), strict=True)
        )
        part, of_all = np.zeros((2, len(known[0]), len(known[1])), dtype=np.int64)
        np.add.at(of_all, place, 1)
        np.add.at(part, place, both[there])
        lines = self._line(i, j, total), self._line(j, i, total)
        (first, rows), (second, columns) = (
            (values[of_variable], line[of_variable])
            for (values, line), of_variable in zip(lines, known, strict=True)
        )
        told = within_margins(part, rows, columns, self._rules, of_all)
        if told is None or not hold_most(part, self._rules):
            return None
        cells = np.column_stack([np.repeat(first, len(second)), np.tile(second, len(first))])
        counts = told.ravel()
        pairs = self._paired(np.repeat(cells, counts, axis=0))
        one_of_each = (np.cumsum(counts) - counts)[counts > 0]
        moved = moves_of_z(pairs)[one_of_each] * self._rules.rounding
        r, more = float(np.corrcoef(pairs.T)[0, 1]), float((moved**2).sum()) * 3 / 12
        of_odd, step = self._of_odd(i, j, part[tuple(of_both[both[there]] for of_both in place)])
        return math.tanh(float(z_of(r)) + of_odd) if step else r, more + step**2 / 12

    def _of_odd(self, i: int, j: int, of_cell: np.ndarray) -> tuple[float, float]:
        """What z of two variables has of rows that the table has not as they are, of whose cell
        there are so many (rows,); and the step that this is told in, 0 where there are none."""
        both = self._present[i] & self._present[j]
        own = np.column_stack([self._own[k][both] for k in (i, j)])
        counted = np.column_stack([self._values[k][self._places[k][both]] for k in (i, j)])
        is_small = of_cell < self._rules.threshold
        odd = is_small | (own != counted).any(axis=1)
        if not odd.any():
            return 0.0, 0.0
        own, counted = self._paired(own), self._paired(counted[~is_small])
        step = round_above(float(moves_of_z(own)[odd].max()) * self._rules.threshold)
        of_rows, of_table = (float(z_of(np.corrcoef(one.T)[0, 1])) for one in (own, counted))
        return in_steps(of_rows - of_table, step), step

    def _paired(self, pairs: np.ndarray) -> np.ndarray:
        """Rows of two variables (rows, 2) as they are correlated."""
        if not self._ranked:
            return pairs
        return np.column_stack([centred_ranks(column) for column in pairs.T])

    def _line(self, i: int, j: int, total: int) -> tuple[np.ndarray, np.ndarray]:
        """Values of variable i, and how many rows are told of each that both variables have."""
        values, places = self._values[i], self._places[i]
        both = self._present[i] & self._present[j]
        part = np.bincount(places[both], minlength=len(values) + 1)[:-1]
        of_all = np.bincount(places, minlength=len(values) + 1)
        if np.count_nonzero(part >= self._rules.threshold) < 2:
            values, part, of_all = _one_and_others(values, part, of_all)
        return values, np.array(released_part(part.tolist(), of_all.tolist(), self._rules, total))


def _column(rows: Rows, name: str) -> np.ndarray:
    return np.concatenate([frame.columns.get(name, np.full(frame.n, np.nan)) for frame in rows])


def _one_and_others(
    values: np.ndarray, part: np.ndarray, of_all: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The value that most have, and all others as one, about as far from it as they are."""
    most = int(part.argmax())
    gaps = np.delete(values - values[most], most)
    rows = np.delete(part, most)
    apart = round_below(float(np.sqrt(np.average(gaps**2, weights=rows))))
    other = values[most] + (apart if gaps @ rows > 0 else -apart)
    whole = of_all[most], of_all[:-1].sum() - of_all[most], of_all[-1]
    return np.array([values[most], other]), np.array([part[most], rows.sum()]), np.array(whole)
