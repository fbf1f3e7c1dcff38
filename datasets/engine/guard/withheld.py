"""What was withheld from an answer, and why, for whoever reads what is left of it."""

from dataclasses import dataclass, field
from typing import Any

from datasets.engine.guard.vocabulary import Risk
from datasets.engine.results.records import OMIT, Record
from datasets.engine.sentences import Sentence


@dataclass(frozen=True)
class Withheld(Record):
    """Where something was withheld, and for what reason: a `Sentence` that ends without a stop.

    `where` is for reading: a `Sentence` too, or the text of what one of the other fields names.
    Those keep our words and people's apart: `part` is a field of the result, `variable` and the
    two of `pair` are names that people chose. `risk` is what a site's rule withheld it for: only
    whoever reads the rows there is told.
    """

    where: str
    reason: str
    part: str = field(default="", metadata=OMIT)
    variable: str = field(default="", metadata=OMIT)
    pair: tuple[str, ...] = field(default=(), metadata=OMIT)
    risk: str = field(default="", metadata=OMIT)


Suppressed = tuple[Withheld, ...]


@dataclass(frozen=True)
class Reason:
    """Which rule of a site is not met, for whoever may read the rows, and the risk it is for."""

    said: Sentence
    risk: Risk


Why = Sentence | Reason


class Notes:
    """Takes down what is withheld; the same is said once.

    A site's gate gives a `Reason`; readers without row rights get a sentence, which names no risk.
    """

    def __init__(self) -> None:
        self._found: dict[Withheld, None] = {}

    def of_place(self, where: Sentence, reason: Why) -> None:
        """Something that only a sentence names."""
        self._add(where, reason)

    def of_part(self, part: str, reason: Why) -> None:
        """A field of the result."""
        self._add(part, reason, part=part)

    def of_variable(self, name: str, reason: Why) -> None:
        """Figures of one variable."""
        self._add(name, reason, variable=name)

    def of_pair(self, x: str, y: str, reason: Why) -> None:
        """Figures of two variables together."""
        self._add(f"{x}, {y}", reason, pair=(x, y))

    def _add(self, where: str, why: Why, **named: Any) -> None:
        if isinstance(why, Reason):
            found = Withheld(where, why.said, risk=why.risk, **named)
        else:
            found = Withheld(where, why, **named)
        self._found[found] = None

    @property
    def suppressed(self) -> Suppressed:
        """Everything noted, in the order it came."""
        return tuple(self._found)
