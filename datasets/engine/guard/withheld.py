"""What was withheld from an answer, and why, for whoever reads what is left of it."""

from dataclasses import dataclass, field

from datasets.engine.results.records import OMIT, Record
from datasets.engine.sentences import Sentence


@dataclass(frozen=True)
class Withheld(Record):
    """Where something was withheld, and for what reason: a `Sentence` that ends without a stop.

    `where` is for reading: a `Sentence` too, or the text of what one of the other fields names.
    Those keep our words and people's apart: `part` is a field of the result, `variable` and the
    two of `pair` are names that people chose.
    """

    where: str
    reason: str
    part: str = field(default="", metadata=OMIT)
    variable: str = field(default="", metadata=OMIT)
    pair: tuple[str, ...] = field(default=(), metadata=OMIT)


Suppressed = tuple[Withheld, ...]


class Notes:
    """Takes down what is withheld; the same is said once."""

    def __init__(self) -> None:
        self._found: dict[Withheld, None] = {}

    def of_place(self, where: Sentence, reason: Sentence) -> None:
        """Something that only a sentence names."""
        self._add(Withheld(where, reason))

    def of_part(self, part: str, reason: Sentence) -> None:
        """A field of the result."""
        self._add(Withheld(part, reason, part=part))

    def of_variable(self, name: str, reason: Sentence) -> None:
        """Figures of one variable."""
        self._add(Withheld(name, reason, variable=name))

    def of_pair(self, x: str, y: str, reason: Sentence) -> None:
        """Figures of two variables together."""
        self._add(Withheld(f"{x}, {y}", reason, pair=(x, y)))

    def _add(self, found: Withheld) -> None:
        self._found[found] = None

    @property
    def suppressed(self) -> Suppressed:
        """Everything noted, in the order it came."""
        return tuple(self._found)
