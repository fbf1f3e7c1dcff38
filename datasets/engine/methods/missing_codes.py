"""Warnings about values that are probably codes for missing."""

from typing import Any

import numpy as np

from datasets.engine.methods.contract import Warning, warning
from datasets.engine.methods.value_counts import ValueCounts

ENOUGH_ROWS = 100_000
"""A code worth a warning shows within a site's first rows."""


class MissingCodes:
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
        return [
            {"variable": name, "value": value, "n": n}
            for name, counts in self._seen.items()
            for value, n in counts.suspicious()
        ]


def suspicious(name: str, value: float, n: int, where: str = "") -> Warning:
    """The warning for a value that is probably a code for missing."""
    place = f" at {where}" if where else ""
    rows = "1 row" if n == 1 else f"{n} rows"
    return warning(
        "suspicious_value",
        f"{name} is {value:g} in {rows}{place}, far from all other values: "
        "check whether it is a code for missing.",
    )
