"""Values at which rows pile up outside the range of all others: codes for missing, often."""

from typing import Any

import numpy as np

from datasets.engine.methods.contract import Warning, warning
from datasets.engine.methods.value_counts import ValueCounts

ENOUGH_ROWS = 100_000
"""A pile-up worth a warning shows within a site's first rows."""


class PileUps:
    """Watches the number columns of one site; `notes` are all that leaves it."""

    def __init__(self) -> None:
        self._seen: dict[str, ValueCounts] = {}

    def watch(self, name: str, column: np.ndarray) -> None:
        seen = self._seen.get(name)
        if seen is None:
            self._seen[name] = ValueCounts.of(column[:ENOUGH_ROWS])
        elif seen.n + seen.missing < ENOUGH_ROWS:
            self._seen[name] = seen + ValueCounts.of(column)

    def notes(self) -> list[dict[str, Any]]:
        found = {name: counts.pile_up() for name, counts in self._seen.items()}
        return [{"variable": v, "value": p[0], "n": p[1]} for v, p in found.items() if p]


def suspicious(name: str, value: float, n: int, where: str = "") -> Warning:
    """The warning for a value that piles up outside the range of all others."""
    place = f" at {where}" if where else ""
    return warning(
        "suspicious_value",
        f"{name} is {value:g} in {n} rows{place}, outside the range of all other values: "
        "check whether it is a code for missing.",
    )
