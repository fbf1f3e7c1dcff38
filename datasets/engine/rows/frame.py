"""The shapes that pass between the readers of harmonised data and the statistical methods."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from datasets.engine.sentences import Sentence

VariableType = Literal[
    "integer", "number", "boolean", "date", "datetime", "category", "text", "identifier"
]

SAFE_INTEGER = 2**53 - 1
"""Up to here every whole number is exact in float64, which all statistics are computed in."""

NUMERIC_TYPES: frozenset[str] = frozenset({"integer", "number", "boolean"})

TYPE_NAMES: dict[str, Sentence] = {
    "integer": Sentence("integer"),
    "number": Sentence("number"),
    "boolean": Sentence("boolean"),
    "date": Sentence("date"),
    "datetime": Sentence("datetime"),
    "category": Sentence("category"),
    "text": Sentence("text"),
    "identifier": Sentence("identifier"),
}
"""The types as sentences name them."""

LARGEST = 1e75
"""Below it the square of a product of two numbers is a number as well."""

RESERVED_COLUMNS = ("site", "country", "region")
"""Columns the engine adds itself: the dataset's study site, its country, its UN M49 sub-region."""


@dataclass(frozen=True)
class VariableInfo:
    """What a method may know of a variable before it sees a row.

    `meanings` has what its codes stand for, where people said so; the unit is UCUM's. A `label` of
    one thing measured several times ends with its `wave` in brackets.
    """

    name: str
    type: VariableType
    label: str = ""
    levels: tuple[str, ...] | None = None
    unit: str = ""
    meanings: tuple[tuple[str, str], ...] = ()
    wave: str = ""

    @property
    def is_numeric(self) -> bool:
        """Whether one can compute with its values; a boolean is 0 or 1."""
        return self.type in NUMERIC_TYPES


@dataclass(frozen=True)
class InputInfo:
    """One dataset version of an analysis and where it was collected."""

    index: int
    site: str
    country: str
    region: str


@dataclass(frozen=True)
class Domain:
    """What a variable may hold at one input, as people declared it and whatever its rows hold.

    `levels` are all that a category can have there; `edges` are those of a number's bins, whose
    ends are open.
    """

    levels: tuple[str, ...] | None = None
    edges: tuple[float, ...] = ()


@dataclass(frozen=True)
class Frame:
    """A block of rows.

    `columns` maps a name to an array of length `n`: float64 with NaN for missing where the
    variable is numeric (booleans as 0 and 1), otherwise object holding `str` or `None`.
    `domains` has those that were declared, by name.
    """

    columns: dict[str, np.ndarray]
    n: int
    domains: Mapping[str, Domain] = field(default_factory=dict)


class Rows(Protocol):
    """Blocks of one site's rows; each iteration starts again from the first block."""

    def __iter__(self) -> Iterator[Frame]: ...


@dataclass(frozen=True)
class Together:
    """The rows of several inputs, one after the other: those of one site are one study."""

    parts: tuple[Rows, ...]

    def __iter__(self) -> Iterator[Frame]:
        for part in self.parts:
            yield from part


def domains_in(rows: Rows) -> Mapping[str, Domain]:
    """What was declared of these rows' variables."""
    return next((frame.domains for frame in rows), {})
