"""What counts of each variable by itself make of errors, as they are and as they are told.

A guarded site tells of each level how many rows have it of all, less those that are left out. If an
error told of the rows that are left by themselves, every column that some people lack would round
them anew, and many of these together tell how many have the level.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from datasets.engine.methods.regression.design import Column, Design
from datasets.engine.methods.regression.few_values import FewValues, Value


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


def margins_of(counted: FewValues, design: Design, fitted: Sequence[int]) -> Margins:
    """Those of a site's fitted columns."""
    places = [k for k, i in enumerate(fitted) if {*design.columns[i].term} <= {*counted.names}]
    kept = [design.columns[fitted[k]] for k in places]
    exact, told = (np.full((len(kept),) * 2, float(n)) for n in (counted.n, counted.total))
    for name in counted.names:
        levels, part, line = counted.line(name)
        # A count that is not told may be as many as are told at least.
        line = [one and (shown or counted.least) for one, shown in zip(part, line, strict=True)]
        x = values_in(design, kept, name, levels)
        exact *= _averages(x, part)
        told *= _averages(x, line)
    return Margins(
        counted.total / counted.n,
        tuple(fitted[k] for k in places),
        tuple(places),
        *(np.linalg.pinv(one, hermitian=True) for one in (exact, told)),
    )


def values_in(
    design: Design, columns: Sequence[Column], name: str, values: Sequence[Value]
) -> np.ndarray:
    """What each value of a variable is in columns (values, columns), as a factor."""
    return np.array([list(_factors(design, columns, name, value)) for value in values])


def _factors(design: Design, columns: Sequence[Column], name: str, value: Value) -> Iterator[float]:
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
