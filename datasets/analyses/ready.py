"""What a question can use, as whoever asks is told it: each site's part, and all together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets.engine.methods import Caution
from datasets.engine.methods.shared.ready import LEAST_EVENTS, Detectable
from datasets.engine.sentences import sentences_in
from portal.common.text import RowCount, counted, nearest_five, told


@dataclass(frozen=True)
class SiteReady:
    """One site: of `rows` so many are complete. With `about` counts are rounded; with `at_most`
    no more than these can be, by each variable alone: which rows have two of them is not told.

    `absent` are variables it has no value of. With `withheld` its rules let nothing of this
    question leave; `why` says by which, to whoever may read the rows there.
    """

    site: str
    rows: int
    complete: int | None
    about: bool
    rarer: int | None = None
    absent: tuple[str, ...] = ()
    at_most: bool = False
    withheld: bool = False
    why: str = ""

    @property
    def is_used(self) -> bool:
        """Whether any of its rows is in the answer."""
        return bool(self.complete)

    def told(self, count: int | None) -> str:
        """One of its counts as a narrow column has it: ≈305 where they are rounded."""
        return "" if count is None else RowCount(count, self.about).short

    @property
    def rows_told(self) -> str:
        """How many rows it has."""
        return self.told(self.rows)

    @property
    def complete_told(self) -> str:
        """How many of them are complete."""
        return self.told(self.complete)


@dataclass(frozen=True)
class Costliest:
    """The term that costs the most rows: without it so many would be complete."""

    variable: str
    complete: int


@dataclass(frozen=True)
class Readiness:
    """Every site's part of a question. With `counted` the answer rests on the complete rows alone.

    What follows is told by methods that say what they need (`Before`).
    """

    sites: list[SiteReady]
    limits: list[dict[str, Any]]
    counted: bool = False
    parameters: int | None = None
    detectable: Detectable | None = None
    problem: str = ""
    costliest: Costliest | None = None
    doubles: Caution | None = None
    """What its answer will say before all else, of people who may be in it more than once."""

    @property
    def about(self) -> bool:
        """Whether any count is rounded."""
        return any(one.about for one in self.sites)

    @property
    def at_most(self) -> bool:
        """Whether fewer rows may be complete."""
        return any(one.at_most for one in self.sites if one.complete)

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What is to be known before it is asked, in the reader's language."""
        one, words = self.doubles, sentences_in(self.doubles)
        return [one.to_json() | {"message": told(words[one.message])}] if one else []

    @property
    def rows(self) -> int:
        """Rows of all sites; a sum in which some are rounded is in fives."""
        return in_all([(one.rows, one.about) for one in self.sites])

    @property
    def complete(self) -> int:
        """Rows that have a value in every variable."""
        return in_all([(one.complete, one.about) for one in self.sites if one.complete])

    @property
    def used(self) -> list[SiteReady]:
        """Sites that have some."""
        return [one for one in self.sites if one.is_used]

    @property
    def left_out(self) -> list[SiteReady]:
        """Sites that would drop out."""
        return [one for one in self.sites if self.counted and not one.is_used]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The rarer outcome's rows for each parameter, at each site that is used."""
        return [
            {
                "site": one,
                "rarer": one.told(one.rarer),
                "each": self._each(one),
                "is_none": not one.rarer and not one.about,
                "is_handful": one.about and not nearest_five(one.rarer),
                "is_few": one.rarer < LEAST_EVENTS * self.parameters,
            }
            for one in self.used
            if one.rarer is not None and self.parameters
        ]

    def _each(self, one: SiteReady) -> str:
        """How many of them there are for one parameter; empty for none."""
        each = (one.rarer or 0) // (self.parameters or 1)
        return f"{'≈' if one.about else ''}{counted(each)}" if each else ""

    @property
    def least_events(self) -> int:
        """How many each coefficient should have: fewer are few in the builder and in an answer."""
        return round(LEAST_EVENTS)


def in_all(counts: Sequence[tuple[int, bool]]) -> int:
    """The sum of counts that are rounded or not: in fives where some are."""
    whole = sum(count for count, _ in counts)
    return nearest_five(whole) if any(about for _, about in counts) else whole
