"""Pairwise moments per site, of values or of ranks: all that leaves a site for its correlations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.correlation.ranks import rank_moments
from datasets.engine.methods.shared.missing_codes import MissingCodes, Suspicion
from datasets.engine.methods.shared.pair_moments import PairMoments
from datasets.engine.results.records import OMIT, Record
from datasets.engine.rows.frame import InputInfo, Rows


@dataclass(frozen=True)
class Spec(Record):
    """One round is enough: moments are sums."""

    parameters: Parameters
    inputs: tuple[InputInfo, ...]
    round: int = 1


@dataclass(frozen=True)
class SiteMoments(Record):
    """One site's rows, values present per variable, moments (p × p) and likely missing codes.

    Of a guarded site `rounding` (p × p) is what its roundings add to the variance of Fisher's z.
    """

    site: str
    rows: int
    present: tuple[int, ...]
    moments: PairMoments
    suspicions: tuple[Suspicion, ...]
    rounding: tuple[tuple[float, ...], ...] = field(default=(), metadata=OMIT)

    def __add__(self, other: "SiteMoments") -> "SiteMoments":
        return SiteMoments(
            self.site,
            self.rows + other.rows,
            tuple(a + b for a, b in zip(self.present, other.present, strict=True)),
            self.moments + other.moments,
            self.suspicions + other.suspicions,
            _rows_of(rounding_of((self, other))),
        )


def rounding_of(sites: Sequence[SiteMoments]) -> np.ndarray:
    """What roundings add to the variance of Fisher's z of these sites' rows together (p × p)."""
    rows = sum(one.moments.n for one in sites)
    parts = (one.moments.n**2 * np.asarray(one.rounding) for one in sites if one.rounding)
    return np.asarray(sum(parts, np.zeros_like(rows)) / np.maximum(rows, 1) ** 2)


def _rows_of(rounding: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, rounding.tolist())) if rounding.any() else ()


@dataclass(frozen=True)
class Statistics(Record):
    """Sites side by side; two datasets of one site are added."""

    sites: tuple[SiteMoments, ...] = ()

    def __add__(self, other: "Statistics") -> "Statistics":
        sites = {one.site: one for one in self.sites}
        for one in other.sites:
            sites[one.site] = sites[one.site] + one if one.site in sites else one
        return Statistics(tuple(sites.values()))


def summarise(rows: Rows, spec: Spec) -> Statistics:
    """Pairwise moments of one site's rows, and values that look like missing codes."""
    names = spec.parameters.variables
    site = ""
    n = 0
    present = np.zeros(len(names), dtype=np.int64)
    missing_codes = MissingCodes()

    def blocks() -> Iterator[np.ndarray]:
        nonlocal site, n, present
        for frame in rows:
            absent = np.full(frame.n, np.nan)
            block = np.column_stack([frame.columns.get(name, absent) for name in names])
            if frame.n:
                site = str(frame.columns["site"][0])
            n += frame.n
            present = present + np.isfinite(block).sum(axis=0)
            for name, column in zip(names, block.T, strict=True):
                missing_codes.watch(name, column)
            if spec.parameters.missing == "listwise":
                block = block[np.isfinite(block).all(axis=1)]
            yield block

    if spec.parameters.coefficient == "spearman":
        moments = rank_moments(np.concatenate([np.empty((0, len(names))), *blocks()]))
    else:
        moments = PairMoments.of(blocks(), len(names))
    if not n:
        return Statistics()
    found = SiteMoments(site, n, tuple(present.tolist()), moments, missing_codes.suspicions())
    return Statistics((found,))
