"""What the coefficients of a model mean where its columns depend on one another.

A fit leaves out scaled columns that earlier ones add up to; raw coefficients are then known up to
the null space of the raw columns. `to_raw` picks R's among them (the later column of a collinear
set has none), and `dependent` says which columns have no coefficient of their own at all: what R
gives for them depends on what it left out, so it is no estimate of what another site estimates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from datasets.engine.methods.regression.design import Design, independent

NOTHING = 1e-5
"""Share of a sum's terms below which the rest is rounding, as columns agree to 3e-6 at best."""

Contrast = tuple[tuple[int, float], ...]
"""A sum of raw coefficients: design columns, and how often the coefficient of each is in it."""


@dataclass(frozen=True, eq=False)
class Basis:
    """Raw coefficients `columns` (design indexes) as `to_raw` @ those of the `fitted` columns.

    `dependent` has per direction of the null space the design columns that it changes, `null` the
    directions themselves (rows are the columns of the `model`).
    """

    columns: tuple[int, ...]
    fitted: tuple[int, ...]
    to_raw: np.ndarray
    dependent: tuple[frozenset[int], ...]
    model: tuple[int, ...]
    null: np.ndarray

    @classmethod
    def of(cls, design: Design, columns: Sequence[int], cross: np.ndarray) -> "Basis":
        """That of a model of these columns; `cross` are the scaled cross-products of all."""
        wanted = list(columns)
        inside = cross[np.ix_(wanted, wanted)]
        kept = independent(inside)
        left_out = sorted(set(range(len(wanted))) - set(kept))
        fitted = tuple(wanted[k] for k in kept)
        back = design.to_raw(wanted)
        if not left_out:
            return cls(fitted, fitted, back, (), fitted, np.zeros((len(fitted), 0)))
        null = np.zeros((len(wanted), len(left_out)))
        null[left_out, range(len(left_out))] = 1.0
        carried = np.linalg.solve(inside[np.ix_(kept, kept)], inside[np.ix_(kept, left_out)])
        size = np.sqrt(np.diag(inside))
        carried[np.abs(carried) * size[kept, None] <= NOTHING * size[left_out]] = 0.0
        null[kept] = -carried
        null, aliased = _echelon(back @ null, np.abs(back) @ np.abs(null))
        given = [k for k in range(len(wanted)) if k not in aliased]
        to_raw = back[:, kept] - null @ back[np.ix_(aliased, kept)]
        return cls(
            columns=tuple(wanted[k] for k in given),
            fitted=fitted,
            to_raw=to_raw[given],
            dependent=tuple(
                frozenset(wanted[k] for k in np.flatnonzero(direction)) for direction in null.T
            ),
            model=tuple(wanted),
            null=null,
        )

    @cached_property
    def undetermined(self) -> frozenset[int]:
        """Columns whose coefficient is not theirs alone, those left out among them."""
        return frozenset().union(*self.dependent)

    def sum_of(self, contrast: Contrast) -> np.ndarray | None:
        """A sum of raw coefficients as one of the fitted ones; None where the rows do not tell it.

        It may be known where none of its coefficients is: what a site without the reference level
        has at its own levels.
        """
        sizes = dict(contrast)
        if not sizes.keys() <= set(self.model):
            return None
        raw = np.array([sizes.get(i, 0.0) for i in self.model])
        if (np.abs(raw @ self.null) > NOTHING * (np.abs(raw) @ np.abs(self.null))).any():
            return None
        return np.array([sizes.get(i, 0.0) for i in self.columns]) @ self.to_raw

    def determined(self) -> "Basis":
        """Only coefficients that mean the same wherever the model is fitted."""
        places = [k for k, i in enumerate(self.columns) if i not in self.undetermined]
        columns = tuple(self.columns[k] for k in places)
        return replace(self, columns=columns, to_raw=self.to_raw[places])


def _echelon(null: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """The null space (columns) with 1 at a last row of its own per direction, and these rows.

    `size` is what each entry was added up from, which tells 0 from what rounding left of it.
    """
    null, size = null.copy(), size.copy()
    rows, directions = null.shape
    last: dict[int, int] = {}
    for nothing in (NOTHING, 0.0):
        for k in reversed(range(rows)):
            free = [d for d in range(directions) if d not in last and size[k, d] > 0]
            if k in last.values() or not free:
                continue
            d = max(free, key=lambda d: abs(null[k, d]) / size[k, d])
            if abs(null[k, d]) <= nothing * size[k, d]:
                continue
            last[d] = k
            size[:, d] /= abs(null[k, d])
            null[:, d] /= null[k, d]
            share = null[k].copy()
            share[d] = 0.0
            null -= np.outer(null[:, d], share)
            size += np.outer(size[:, d], np.abs(share))
    null[np.abs(null) <= NOTHING * size] = 0.0
    null[list(last.values()), list(last.keys())] = 1.0
    return null, [last[d] for d in range(directions)]
