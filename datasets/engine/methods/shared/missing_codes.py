"""Warnings about values that are probably codes for missing."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.shared.value_counts import ValueCounts
from datasets.engine.results.records import Record
from datasets.engine.sentences import Called, Sentence

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
        """Count the values of a further block of a column, until enough rows are seen."""
        seen = self._seen.get(name)
        if seen is None:
            self._seen[name] = ValueCounts.of(column[:ENOUGH_ROWS])
        elif seen.n + seen.missing < ENOUGH_ROWS:
            self._seen[name] = seen + ValueCounts.of(column)

    def suspicions(self) -> tuple[Suspicion, ...]:
        """What looks like a code for missing, column by column."""
        return tuple(
            Suspicion(name, value, n)
            for name, counts in self._seen.items()
            for value, n in counts.suspicious()
        )


def cautions(suspicions: Iterable[Suspicion], where: str = "") -> list[Caution]:
    """The warnings about values that are probably codes for missing."""
    return [Caution("suspicious_value", _warning(one, where)) for one in suspicions]


def not_collected(variable: str, where: str) -> Caution:
    """A variable without any value at a site or in a group, though there are values elsewhere."""
    message = Sentence(
        "%(variable)s was not collected at %(place)s: every value is missing there.",
        variable=Called.variable(variable),
        place=where,
    )
    return Caution("not_collected", message)


def _warning(one: Suspicion, where: str) -> Sentence:
    said = {
        "variable": Called.variable(one.variable),
        "value": Called.level(one.variable, f"{one.value:g}"),
        "rows": Sentence.counting("%(count)s row", "%(count)s rows", one.n),
    }
    if not where:
        return Sentence(
            "%(variable)s is %(value)s in %(rows)s, far from all other values: check whether it "
            "is a code for missing.",
            **said,
        )
    return Sentence(
        "%(variable)s is %(value)s in %(rows)s at %(site)s, far from all other values: check "
        "whether it is a code for missing.",
        **said,
        site=where,
    )
