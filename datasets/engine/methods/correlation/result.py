"""Correlations in the API's words."""

from dataclasses import dataclass
from typing import Literal

from datasets.engine.methods.shared.meta import Ends, Heterogeneity, Overall
from datasets.engine.results.records import Record

Cells = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Pair(Record):
    """Pearson's r of two variables over `n` rows, Fisher's interval, t test with `df`."""

    x: str
    y: str
    n: int | None
    df: int | None
    r: float | None
    ci: Ends | None
    p_value: float | None
    q_value: float | None


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


@dataclass(frozen=True)
class AcrossSites(Record):
    """One pair meta-analysed over sites, on Fisher's z scale."""

    x: str
    y: str
    overall: Overall
    heterogeneity: Heterogeneity
    studies: tuple[Study, ...]


@dataclass(frozen=True)
class Correlations(Record):
    """Every pair, the matrix and its sizes in the variables' order, and an order for reading."""

    variables: tuple[str, ...]
    coefficient: Literal["pearson"]
    missing: Literal["pairwise", "listwise"]
    within_site: bool
    rows: int
    pairs: tuple[Pair, ...]
    matrix: Cells
    n_matrix: tuple[tuple[int | None, ...], ...]
    order: tuple[str, ...]
    min_eigenvalue: float | None
    across_sites: tuple[AcrossSites, ...]
