"""Warnings about values that are probably codes for missing."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.shared.value_counts import ValueCounts
from datasets.engine.results.records import Record

ENOUGH_ROWS = 100_000
"""A code worth a warning shows within a site's first rows."""


@dataclass(frozen=True)
class Suspicion(Record):
    """A value of a variable that is probably a code for missing, and in how many rows it is."""

    variable: str
    value: float
    n: int


class MissingCodes:
    """Watches the number columns of one site; `suspicions` are all that leaves it."""

    def __init__(self) -> None:
        self._seen: dict[str, ValueCounts] = {}

    def watch(self, name: str, column: np.ndarray) -> None:
        seen = self._seen.get(name)
        if seen is None:
            self._seen[name] = ValueCounts.of(column[:ENOUGH_ROWS])
        elif seen.n + seen.missing < ENOUGH_ROWS:
            self._seen[name] = seen + ValueCounts.of(column)

    def suspicions(self) -> tuple[Suspicion, ...]:
        return tuple(
            Suspicion(name, value, n)
            for name, counts in self._seen.items()
            for value, n in counts.suspicious()
        )


def cautions(suspicions: Iterable[Suspicion], where: str = "") -> list[Caution]:
    """The warnings about values that are probably codes for missing."""
    place = f" at {where}" if where else ""
    return [
        Caution(
            "suspicious_value",
            f"{one.variable} is {one.value:g} in {_rows(one.n)}{place}, far from all other "
            "values: check whether it is a code for missing.",
        )
        for one in suspicions
    ]


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows"
