"""What leaves a site for a regression: counts, cross-products, sums at fits, its own estimates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import ClassVar, Literal

import numpy as np

from datasets.engine.methods.regression.fits import FitSums
from datasets.engine.methods.shared.missing_codes import Suspicion
from datasets.engine.results.records import OMIT, Record, Sums

Cell = tuple[tuple[str, ...], int]
"""A level of each variable of a tally, and the rows there."""


@dataclass(frozen=True)
class Tally(Record):
    """Complete rows by the values of one variable, or of the two of an interaction.

    `cells` is None where a number takes more than two values: none of them may leave.
    """

    variables: tuple[str, ...]
    cells: tuple[Cell, ...] | None
    is_number: bool

    def __add__(self, other: "Tally") -> "Tally":
        if self.cells is None or other.cells is None:
            return Tally(self.variables, None, self.is_number)
        cells = dict(self.cells)
        for levels, n in other.cells:
            cells[levels] = cells.get(levels, 0) + n
        return Tally(self.variables, tuple(cells.items()), self.is_number)

    @property
    def levels(self) -> list[str] | None:
        """The values of a single variable; None where they may not leave."""
        return None if self.cells is None else [levels[0] for levels, _ in self.cells]

    def count(self, level: str) -> int:
        """Complete rows with this value of a single variable."""
        return sum(n for levels, n in self.cells or () if levels == (level,))


@dataclass(frozen=True)
class Present(Record):
    """In how many rows a variable has a value."""

    variable: str
    n: int

    def __add__(self, other: "Present") -> "Present":
        return Present(self.variable, self.n + other.n)


@dataclass(frozen=True)
class Totals(Record):
    """Sum and sum of squares of a number over complete rows, in its unit and its square."""

    variable: str
    total: float
    squares: float

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(self.variable, self.total + other.total, self.squares + other.squares)


@dataclass(frozen=True)
class SiteCounts(Record):
    """One site's rows, complete rows, and what its variables hold there.

    With `rounded` they are those of a guarded site, and what is told of its rows is rounded, too.
    """

    site: str
    rows: int
    complete: int
    present: tuple[Present, ...]
    totals: tuple[Totals, ...]
    tallies: tuple[Tally, ...]
    suspicions: tuple[Suspicion, ...]
    rounded: bool = field(default=False, metadata=OMIT)

    def __add__(self, other: "SiteCounts") -> "SiteCounts":
        return SiteCounts(
            self.site,
            self.rows + other.rows,
            self.complete + other.complete,
            _merged(self.present, other.present, lambda one: one.variable),
            _merged(self.totals, other.totals, lambda one: one.variable),
            _merged(self.tallies, other.tallies, lambda one: one.variables),
            self.suspicions + other.suspicions,
            self.rounded or other.rounded,
        )

    def totals_of(self, variable: str) -> Totals | None:
        """The sums of a number; None for a category, or where the site lacks the column."""
        return next((one for one in self.totals if one.variable == variable), None)

    def tally_of(self, *variables: str) -> Tally | None:
        """The tally of one variable or of an interaction; None where the site lacks a column."""
        return next((one for one in self.tallies if one.variables == variables), None)


@dataclass(frozen=True)
class Counts(Record):
    """The first round: who has what. Two datasets of one site are added."""

    kind: ClassVar[str] = "counts"

    sites: tuple[SiteCounts, ...] = ()

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(_merged(self.sites, other.sites, lambda one: one.site))

    def of(self, site: str) -> SiteCounts | None:
        """One site's counts; None if it has no rows."""
        return next((one for one in self.sites if one.site == site), None)

    def used(self, order: Sequence[str]) -> list[SiteCounts]:
        """Sites with complete rows, in this order."""
        found = [self.of(site) for site in order]
        return [one for one in found if one is not None and one.complete]

    @property
    def complete(self) -> int:
        """Complete rows of all sites."""
        return sum(one.complete for one in self.sites)

    @property
    def rows(self) -> int:
        """Rows of all sites."""
        return sum(one.rows for one in self.sites)


@dataclass(frozen=True)
class CrossProducts(Sums):
    """Complete rows, X'X (p, p), X'y (p,) and y'y: all a linear model needs."""

    n: int
    cross: np.ndarray
    score: np.ndarray
    squares: float


@dataclass(frozen=True)
class Estimates(Record):
    """Raw coefficients of some design columns and their covariance (p, p).

    Firth's come with profile intervals and p-values where they were profiled, or with a
    `problem` and nothing else. `sums` has estimate and variance of each sum of coefficients that
    was asked for, where the rows tell it.
    """

    columns: tuple[int, ...] = ()
    estimates: tuple[float, ...] = ()
    covariance: tuple[tuple[float, ...], ...] = ()
    ci: tuple[tuple[float | None, float | None] | None, ...] | None = None
    p_values: tuple[float | None, ...] | None = None
    problem: str = ""
    sums: tuple[tuple[float, float] | None, ...] = ()


@dataclass(frozen=True)
class Separated(Record):
    """A design column whose estimate is infinite at a site, and where it runs to.

    If one of the column's values settles the outcome, `value` is that one and `only` the outcome.
    """

    column: int
    direction: Literal["+Inf", "-Inf", "undetermined"]
    value: float | None = None
    only: Literal["", "0", "1"] = ""


@dataclass(frozen=True)
class Lack(Record):
    """A design column that has no coefficient of its own at a site, and why.

    The site has no row with the reference level of the category whose columns are `others`;
    those do not vary; only a sum with theirs is known; or it hangs on a level that is `settled`.
    `others` are design columns.
    """

    column: int
    why: Literal["reference", "constant", "follows", "settled"]
    others: tuple[int, ...]


@dataclass(frozen=True)
class Study(Record):
    """A site's own model. `lack` says why nothing was fitted, `lacks` why a column was not.

    `settled` are levels of what the effect may differ by at which the outcome is the same in every
    row: the model is of the other rows.
    `rank` is the number of coefficients that its rows would have to determine, `condition` how well
    they do. `firth` is there
    where the outcome is separated, and at every site once it is at one.
    """

    site: str
    n: int
    n_excluded: int
    deviance: float | None = None
    df_residual: int | None = None
    lack: Literal["", "few_rows", "constant_outcome", "settled", "not_converged"] = ""
    rank: int = 0
    condition: float | None = None
    lacks: tuple[Lack, ...] = ()
    ml: Estimates | None = None
    firth: Estimates | None = None
    separation: tuple[Separated, ...] = ()
    settled: tuple[str, ...] = ()
    rounded: bool = field(default=False, metadata=OMIT)


@dataclass(frozen=True)
class StandIn(Record):
    """A guarded site's own model, rounded: all of its rows that enters a model over all sites.

    `estimates` and `covariance` are those of design `columns`, the intercept first, numbers scaled
    by the site's own `scaling`; the intercept is that of about its `average` row. With robust
    errors `robust` is their covariance. `follows` has each further column of the site as a whole
    sum of `columns`.
    """

    site: str
    n: int
    deviance: float
    df_residual: int
    scaling: tuple[tuple[str, float, float], ...]
    columns: tuple[int, ...]
    average: tuple[float, ...]
    estimates: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    robust: tuple[tuple[float, ...], ...] | None
    follows: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class FirstPass(Record):
    """The second round: cross-products and, where there are several sites, each one's model.

    A guarded site has no cross-products; it has a stand-in.
    """

    kind: ClassVar[str] = "first_pass"

    sums: CrossProducts
    studies: tuple[Study, ...]
    stand_ins: tuple[StandIn, ...] = ()

    def __add__(self, other: "FirstPass") -> "FirstPass":
        return FirstPass(
            self.sums + other.sums,
            self.studies + other.studies,
            self.stand_ins + other.stand_ins,
        )


@dataclass(frozen=True)
class Pass(Record):
    """Any further round: sums at the open fits, in their order, and studies if asked again."""

    kind: ClassVar[str] = "pass"

    fits: tuple[FitSums, ...]
    studies: tuple[Study, ...]

    def __add__(self, other: "Pass") -> "Pass":
        return Pass(add_each(self.fits, other.fits), self.studies + other.studies)


Statistics = Counts | FirstPass | Pass


def add_each(first: tuple[FitSums, ...], second: tuple[FitSums, ...]) -> tuple[FitSums, ...]:
    """Sums of the same fits added, one by one."""
    return tuple(add(a, b) for a, b in zip(first, second, strict=True))


def _merged(first: tuple, second: tuple, key: Callable) -> tuple:
    """Both, with those of an equal key added, in order of appearance."""
    merged = {key(one): one for one in first}
    for one in second:
        merged[key(one)] = merged[key(one)] + one if key(one) in merged else one
    return tuple(merged.values())
