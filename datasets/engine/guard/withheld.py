"""What was withheld from an answer, and why, for whoever reads what is left of it."""

from dataclasses import dataclass

from datasets.engine.results.records import Record


@dataclass(frozen=True)
class Withheld(Record):
    """Where something was withheld, and for what reason."""

    where: str
    reason: str


Suppressed = tuple[Withheld, ...]


class Notes:
    """Takes down what is withheld; the same is said once."""

    def __init__(self) -> None:
        self._found: dict[Withheld, None] = {}

    def add(self, where: str, reason: str) -> None:
        self._found[Withheld(where, reason)] = None

    @property
    def suppressed(self) -> Suppressed:
        return tuple(self._found)
