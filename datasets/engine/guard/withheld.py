"""What was withheld from an answer, and why, for whoever reads what is left of it."""

from dataclasses import dataclass

from datasets.engine.results.records import Record
from datasets.engine.sentences import Sentence


@dataclass(frozen=True)
class Withheld(Record):
    """Where something was withheld, and for what reason: a `Sentence` that ends without a stop.

    `where` is one too, or the name of a variable or of a part of the result.
    """

    where: str
    reason: str


Suppressed = tuple[Withheld, ...]


class Notes:
    """Takes down what is withheld; the same is said once."""

    def __init__(self) -> None:
        self._found: dict[Withheld, None] = {}

    def add(self, where: str, reason: Sentence) -> None:
        """Note that something was withheld there, and why."""
        self._found[Withheld(where, reason)] = None

    @property
    def suppressed(self) -> Suppressed:
        """Everything noted, in the order it came."""
        return tuple(self._found)
