"""What counts of each variable by itself make of errors, as they are and as they are told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from datasets.engine.methods.regression.design import Column, Design
from datasets.engine.methods.regression.lines import Lines, Value


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


def margins_of(lines: Lines, design: Design, fitted: Sequence[int]) -> Margins:
    """Those of a site's fitted columns."""
    places = [k for k, i in enumerate(fitted) if {*design.columns[i].term} <= lines.of.keys()]
    kept = [design.columns[fitted[k]] for k in places]
    exact, told = (np.full((len(kept), len(kept)), float(n)) for n in (lines.n, lines.told))
    for name in dict.fromkeys(name for column in kept for name in column.term):
        line = lines.of[name]
        x = values_in(design, kept, name, line.values)
        exact *= _averages(x, line.exact)
        told *= _averages(x, line.likely)
    return Margins(
        lines.told / lines.n,
        tuple(fitted[k] for k in places),
        tuple(places),
        *(np.linalg.pinv(one, hermitian=True) for one in (exact, told)),
    )


def values_in(
    design: Design, columns: Sequence[Column], name: str, values: Sequence[Value]
) -> np.ndarray:
    """What each value of a variable is in columns (values, columns), as a factor."""
    found = [list(_factors(design, columns, name, value)) for value in values]
    return np.array(found).reshape(len(values), len(columns))


def _factors(design: Design, columns: Sequence[Column], name: str, value: Value) -> Iterator[float]:
    for column in columns:
        if name not in column.term:
            yield 1.0
        elif isinstance(value, str):
            yield float((name, value) in column.parts)
        else:
            mean, sd = design.scale[name]
            yield (value - mean) / sd


def _averages(x: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Those of products of two columns."""
    return np.asarray((x.T * counts) @ x / counts.sum())
