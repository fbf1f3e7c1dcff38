"""Correlations in the API's words."""

from dataclasses import dataclass
from typing import Literal

from datasets.engine.methods.correlation.parameters import Coefficient
from datasets.engine.methods.shared.answer import OneAnswer
from datasets.engine.methods.shared.diagnostics import Diagnostic
from datasets.engine.methods.shared.meta import Ends, Heterogeneity, Overall
from datasets.engine.results.records import Record

Cells = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Pair(Record):
    """r of two variables over all `n` rows, Fisher's interval, t test with `df`.

    Spearman's is null over the rows of several sites, unless it is within each of them.
    """

    x: str
    y: str
    n: int | None
    df: int | None
    r: float | None
    ci: Ends | None
    p_value: float | None
    q_value: float | None
    approximate: bool = False


@dataclass(frozen=True)
class Study(Record):
    """One site's correlation `r`, and the same on Fisher's z scale with its weight in percent."""

    label: str
    site: str
    country: str
    region: str
    n: int
    r: float
    estimate: float
    se: float
    ci: Ends
    weight: float
    approximate: bool = False


@dataclass(frozen=True)
class AcrossSites(Record):
    """One pair within sites: each site's correlation, pooled over sites on Fisher's z scale.

    `r`, `ci` and `prediction_interval` are the same on the scale of r. `ci` and `p_value` go with
    the wider of the two intervals in `overall`. `reversed` says that `r` over all rows has the
    opposite sign and that neither interval holds 0: Simpson's paradox.
    """

    x: str
    y: str
    n: int
    r: float
    ci: Ends
    prediction_interval: Ends | None
    p_value: float | None
    q_value: float | None
    reversed: bool
    overall: Overall
    heterogeneity: Heterogeneity
    studies: tuple[Study, ...]
    approximate: bool = False


@dataclass(frozen=True, kw_only=True)
class Answered(OneAnswer):
    """What the one pair that was asked has to do with each other, by one estimator.

    `estimate`, `ci`, `prediction_interval` and what is in `by` are correlations. `estimator` is
    REML where `k` sites' own are pooled on Fisher's z scale, else Pearson's over all rows. Nothing
    here depends on the order of inputs.
    """

    outcome: str
    scale: Literal["correlation"] = "correlation"


@dataclass(frozen=True)
class Correlations(Record):
    """Every pair, the matrix and its sizes in the variables' order, and an order for reading.

    `answers` names the list that is the answer: where several sites bring data `across_sites`,
    with `within_matrix` and `within_order` beside it; else `pairs`, with `matrix` and `order`.
    `within_site` is about the latter three: whether each site's means are taken off first. `tests`
    counts the correlations that were tested, which the answer's q-values allow for. `answer` is
    there where one pair was asked about; of several none was, and the strongest of them is picked
    by chance as well. `sites` have rows with a pair or more. With `approximate` numbers of people
    are rounded, or are sums in which some are.
    """

    variables: tuple[str, ...]
    coefficient: Coefficient
    missing: Literal["pairwise", "listwise"]
    within_site: bool
    rows: int
    answers: Literal["across_sites", "pairs"]
    tests: int
    pairs: tuple[Pair, ...]
    matrix: Cells
    n_matrix: tuple[tuple[int | None, ...], ...]
    order: tuple[str, ...]
    min_eigenvalue: float | None
    across_sites: tuple[AcrossSites, ...]
    within_matrix: Cells
    within_order: tuple[str, ...]
    sites: tuple[str, ...] = ()
    answer: Answered | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    shown: bool = True
    approximate: bool = False
