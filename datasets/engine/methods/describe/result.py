"""A description in the API's words.

`n` counts rows with a value, `missing` those without. Quantiles are R's type 7, by probability.
Numbers with at most two values have `counts` of them as well. A guarded site's part is rounded: its
counts to 5, its mean and sd to what their errors carry, its values to bins, so that no extremes
are given. With `approximate` such a part is in it.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from datasets.engine.methods.shared.diagnostics import Diagnostic
from datasets.engine.results.records import OMIT, Record


@dataclass(frozen=True)
class Histogram(Record):
    """Counts between edges: closed on the left, the last bin on both sides."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Count(Record):
    """How often a value occurs; null where withheld. The value null is of rare levels together."""

    value: str | float | None
    n: int | None


@dataclass(frozen=True)
class NumberSummary(Record):
    """A number, over some rows, in its own unit."""

    n: int | None
    missing: int | None
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None
    quantiles: dict[str, float | None] | None
    histogram: Histogram | None
    counts: tuple[Count, ...] | None
    approximate: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class NumberGroup(NumberSummary):
    """The same over the rows of one group; level null has no value in `by`."""

    level: str | None


@dataclass(frozen=True)
class NumberVariable(Record):
    """A number or yes-no variable."""

    kind: ClassVar[str] = "number"

    name: str
    overall: NumberSummary
    groups: tuple[NumberGroup, ...]


@dataclass(frozen=True)
class CategorySummary(Record):
    """A category, over some rows: every level with its count."""

    n: int | None
    missing: int | None
    counts: tuple[Count, ...]
    approximate: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class CategoryGroup(CategorySummary):
    """The same over the rows of one group."""

    level: str | None


@dataclass(frozen=True)
class CategoryVariable(Record):
    """A category."""

    kind: ClassVar[str] = "category"

    name: str
    overall: CategorySummary
    groups: tuple[CategoryGroup, ...]


Summary = NumberSummary | CategorySummary
Variable = NumberVariable | CategoryVariable


@dataclass(frozen=True)
class GroupSize(Record):
    """One level of `by`, and its rows."""

    level: str | None
    n: int | None
    approximate: bool = False


@dataclass(frozen=True)
class Description(Record):
    """Every variable described; `refused` says why there is nothing, where there is nothing."""

    by: str | None
    rows: int | None
    groups: tuple[GroupSize, ...]
    variables: tuple[Variable, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    shown: bool = True
    approximate: bool = False
    refused: str = field(default="", metadata=OMIT)
