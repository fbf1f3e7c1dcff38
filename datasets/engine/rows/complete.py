"""Which rows have a value in every variable, and what each variable costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datasets.engine.rows.frame import Frame, Rows


@dataclass(frozen=True)
class Complete:
    """So many rows have a value in every variable; `without` each of them so many more or less.

    `without` is in the order of the variables.
    """

    complete: int
    without: tuple[int, ...]


def complete_rows(frame: Frame, variables: Sequence[str]) -> np.ndarray:
    """Which rows have a value in each of `variables`; a column the input lacks has none."""
    place = np.ones(frame.n, dtype=bool)
    for name in variables:
        place &= has_value(frame, name)
    return place


def count_complete(rows: Rows, variables: Sequence[str]) -> Complete:
    """Complete rows, and those there would be without each one of `variables`."""
    complete, without = 0, np.zeros(len(variables), dtype=int)
    for frame in rows:
        if not frame.n:
            continue
        lacking = np.array([~has_value(frame, name) for name in variables])
        lacks = lacking.sum(axis=0)
        complete += int((lacks == 0).sum())
        without += ((lacks == 0) | ((lacks == 1) & lacking)).sum(axis=1)
    return Complete(complete, tuple(without.tolist()))


def count_present(rows: Rows, variables: Sequence[str]) -> tuple[int, ...]:
    """How many rows have a value of each of `variables`, in their order."""
    found = np.zeros(len(variables), dtype=int)
    for frame in rows:
        found += [int(has_value(frame, name).sum()) for name in variables]
    return tuple(found.tolist())


def has_value(frame: Frame, name: str) -> np.ndarray:
    """Which rows of a block have a value of this variable."""
    column = frame.columns.get(name)
    if column is None:
        return np.zeros(frame.n, dtype=bool)
    if column.dtype == object:
        return np.array([value is not None for value in column], dtype=bool)
    return np.isfinite(column)
