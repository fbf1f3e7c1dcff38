"""What counts of each variable by itself make of errors, as they are and as they are told.

A guarded site tells of each level how many rows have it of all, less those that are left out. If an
error told of the rows that are left by themselves, every column that some people lack would round
them anew, and many of these together tell how many have the level.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from datasets.engine.guard.levels import FEW_VALUED
from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import released_part, released_rows
from datasets.engine.methods.regression.design import Column, Design
from datasets.engine.rows.complete import has_value
from datasets.engine.rows.frame import Rows

Value = str | float


@dataclass(frozen=True)
class Margins:
    """(X'X)⁻¹ of the design `columns` that are of variables of few values, as if no variable had
    anything to do with another: by `exact` counts, and as these are `told`. They stand at `places`
    among those of a fit. Of all rows `share` times their number are told.
    """

    share: float
    columns: tuple[int, ...]
    places: tuple[int, ...]
    exact: np.ndarray
    told: np.ndarray

    def shares(self, columns: Sequence[int], back: np.ndarray) -> np.ndarray:
        """How many times the rows are told that coefficients of these columns rest on, which are
        `back` @ those of the fit."""
        own = np.isin(columns, self.columns)
        to_own = back[own][:, list(self.places)]
        exact, told = (
            np.einsum("ij,jk,ik->i", to_own, inverse, to_own) for inverse in (self.exact, self.told)
        )
        found = np.full(len(columns), self.share)
        found[own] = exact / told
        return found


def margins_of(rows: Rows, design: Design, fitted: Sequence[int], rules: Rules) -> Margins:
    """Those of a site's fitted columns."""
    names = dict.fromkeys(name for i in fitted for name in design.columns[i].term)
    there: dict[str, Counter[Value]] = {name: Counter() for name in names}
    complete: dict[str, Counter[Value]] = {name: Counter() for name in names}
    of_all = n = 0
    for frame in rows:
        is_complete = design.complete(frame)
        of_all, n = of_all + frame.n, n + int(is_complete.sum())
        for name in [*there]:
            values = frame.columns[name]
            there[name].update(_counted(values[has_value(frame, name)]))
            complete[name].update(_counted(values[is_complete]))
            if values.dtype != object and len(there[name]) > FEW_VALUED:
                del there[name]
    places = [k for k, i in enumerate(fitted) if {*design.columns[i].term} <= there.keys()]
    kept = [design.columns[fitted[k]] for k in places]
    total = released_rows(n, of_all, rules)
    exact, told = (np.full((len(kept), len(kept)), float(size)) for size in (n, total))
    for name, found in there.items():
        levels = sorted(found)
        part = [complete[name][value] for value in levels]
        rest = of_all - found.total()
        line = released_part(part, [*(found[value] for value in levels), rest], rules, total)
        # A count that is not told may be as many as are told at least.
        line = [one and (shown or rules.least_shown) for one, shown in zip(part, line, strict=True)]
        x = np.array([list(_values(design, kept, name, value)) for value in levels])
        exact *= _averages(x, part)
        told *= _averages(x, line)
    return Margins(
        total / n,
        tuple(fitted[k] for k in places),
        tuple(places),
        *(np.linalg.pinv(one, hermitian=True) for one in (exact, told)),
    )


def _counted(values: np.ndarray) -> Counter[Value]:
    if values.dtype == object:
        return Counter(values.tolist())
    found, counts = np.unique(values, return_counts=True)
    return Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))


def _values(design: Design, columns: Sequence[Column], name: str, value: Value) -> Iterator[float]:
    """What a value of a variable is in each column, as a factor."""
    for column in columns:
        if name not in column.term:
            yield 1.0
        elif isinstance(value, str):
            yield float((name, value) in column.parts)
        else:
            mean, sd = design.scale[name]
            yield (value - mean) / sd


def _averages(x: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """Those of products of two columns."""
    return np.asarray((x.T * counts) @ x / sum(counts))
