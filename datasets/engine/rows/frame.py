"""The shapes that pass between the readers of harmonised data and the statistical methods."""

from collections.abc import Iterator
from dataclasses import dataclass
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

RESERVED_COLUMNS = ("site", "country", "region")
"""Columns the engine adds itself: the dataset's study site, its country, its UN M49 sub-region."""


@dataclass(frozen=True)
class VariableInfo:
    """What a method may know of a variable before it sees a row.

    `meanings` has what its codes stand for, where people said so; the unit is UCUM's.
    """

    name: str
    type: VariableType
    label: str = ""
    levels: tuple[str, ...] | None = None
    unit: str = ""
    meanings: tuple[tuple[str, str], ...] = ()

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
class Frame:
    """A block of rows.

    `columns` maps a name to an array of length `n`: float64 with NaN for missing where the
    variable is numeric (booleans as 0 and 1), otherwise object holding `str` or `None`.
    """

    columns: dict[str, np.ndarray]
    n: int


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
