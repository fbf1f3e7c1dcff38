"""Numbers of few values, but for a few odd ones: these go to the nearest that enough rows have.

Nine people at 1.01 to 1.09 in place of 1 make no other number of a yes or no, nor do four whose
answer is unknown: what is told of it is a table of counts all the same. What odd values add to
that is told in steps by which it hides several people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import in_steps, round_above
from datasets.engine.rows.frame import Frame, Rows

MOST_ROWS = 0.9
"""A number is nearly of few values where so many of its rows at least have those: of pressures read
to ten, in a hundred rows, eight in ten have values that enough have."""


def merged(rows: Rows, names: Sequence[str], rules: Rules) -> Rows:
    """The rows with rare values of numbers that are nearly of few as the nearest that is enough;
    the same rows where there are none. `names` are those of numbers, or of none."""
    kept = {name: values for name in names if (values := _kept(rows, name, rules)) is not None}
    return _Merged(rows, kept) if kept else rows


def hold_most(counts: np.ndarray, rules: Rules) -> bool:
    """Whether those of some counts that are enough are of most rows."""
    return float(counts[counts >= rules.threshold].sum()) >= MOST_ROWS * float(counts.sum())


def in_few_steps(added: np.ndarray, rows: np.ndarray, rules: Rules) -> tuple[float, float]:
    """The sum of what odd rows add (odd,), so many of each, and the step it is told in, 0 of none:
    as many as the threshold do not add more, if they are like all, nor does any single one."""
    some = added != 0
    if not some.any():
        return 0.0, 0.0
    usual = float(np.sqrt(np.average(added[some] ** 2, weights=rows[some])))
    step = round_above(max(usual * rules.threshold, float(np.abs(added).max())))
    return in_steps(float(added @ rows), step), step


@dataclass(frozen=True)
class _Merged:
    """Rows whose numbers have no value but those that are kept, by name (values,), ascending."""

    rows: Rows
    kept: Mapping[str, np.ndarray]

    def __iter__(self) -> Iterator[Frame]:
        for frame in self.rows:
            changed = {
                name: _nearest(frame.columns[name], values)
                for name, values in self.kept.items()
                if name in frame.columns
            }
            yield replace(frame, columns=frame.columns | changed)


def _kept(rows: Rows, name: str, rules: Rules) -> np.ndarray | None:
    """The values that enough rows have, of a number that has rare ones besides."""
    columns = [frame.columns[name] for frame in rows if name in frame.columns]
    if not columns or columns[0].dtype == object:
        return None
    column = np.concatenate(columns)
    values, counts = np.unique(column[np.isfinite(column)], return_counts=True)
    kept = values[counts >= rules.threshold]
    is_few = 2 <= kept.size <= FEW_VALUED and kept.size < values.size
    return kept if is_few and hold_most(counts, rules) else None


def _nearest(column: np.ndarray, values: np.ndarray) -> np.ndarray:
    place = np.searchsorted((values[1:] + values[:-1]) / 2, column)
    return np.where(np.isfinite(column), values[place], column)
