"""Correlations within sites: each site's own, pooled over sites by Fisher's z."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from datasets.engine.methods.contract import Caution, places_of
from datasets.engine.methods.correlation.false_discovery import benjamini_hochberg
from datasets.engine.methods.correlation.parameters import Coefficient
from datasets.engine.methods.correlation.result import AcrossSites, Cells, Pair, Study
from datasets.engine.methods.correlation.statistics import SiteMoments, Spec
from datasets.engine.methods.correlation.words import coefficient as written
from datasets.engine.methods.shared import meta, two_sites
from datasets.engine.methods.shared.pair_moments import PairMoments
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Called, Sentence, listed

LEAST_ROWS = 3
"""A site's correlation has a standard error on the z scale beyond so many rows."""

PERFECT = 1 - 1e-12
"""Beyond it only rounding tells a correlation from 1, whose z has no end."""

MOST_NAMED = 5
"""Pairs that warnings name one by one."""


def across_sites(
    sites: Mapping[str, SiteMoments], spec: Spec, over_all_rows: Sequence[Pair]
) -> tuple[AcrossSites, ...]:
    """Every pair within sites, adjusted together; empty unless two sites or more have a pair.

    A site with fewer than four rows of a pair is left out of it, and one where either variable is
    the same in all of them, or where one gives the other. Agrees with metafor's `escalc("ZCOR")`
    and `rma(test="knha")`.
    """
    places = places_of(spec.inputs)
    r = {site: one.moments.correlation() for site, one in sites.items()}
    names = spec.parameters.variables
    found = []
    for (i, j), beside in zip(combinations(range(len(names)), 2), over_all_rows, strict=True):
        studies = [
            study_of(
                places[site],
                int(one.moments.n[i, j]),
                float(r[site][i, j]),
                one.rounding[i][j] if one.rounding else 0.0,
                ranked=spec.parameters.coefficient == "spearman",
            )
            for site, one in sites.items()
            if one.moments.n[i, j] > LEAST_ROWS
            and abs(r[site][i, j]) < PERFECT  # never true of NaN
        ]
        if studies:
            may_reverse = not spec.parameters.within_site
            found.append(pooled(beside, studies, may_reverse=may_reverse))
    if len({study.site for one in found for study in one.studies}) < 2:
        return ()
    return adjusted(found)


def adjusted(found: Sequence[AcrossSites]) -> tuple[AcrossSites, ...]:
    """The pairs with their q-values."""
    q_values = benjamini_hochberg([one.p_value for one in found])
    return tuple(replace(one, q_value=q) for one, q in zip(found, q_values, strict=True))


def variance_of_z(r: float, rows: float, ranked: bool) -> float:
    """The variance of Fisher's z, `rows` being three fewer than there are.

    That of ranks is larger (Bonett and Wright 2000); it holds for r up to about 0.95, of numbers
    with few ties.
    """
    return (1 + r * r / 2 if ranked else 1.0) / rows


def matrix_of(names: Sequence[str], entries: Sequence[AcrossSites]) -> Cells:
    """The correlations within sites; null where no site has the pair."""
    known = {frozenset((one.x, one.y)): one.r for one in entries}
    present = {name for one in entries for name in (one.x, one.y)}
    return tuple(
        tuple(
            (1.0 if x in present else None) if x == y else known.get(frozenset((x, y)))
            for y in names
        )
        for x in names
    )


def reversals(entries: Sequence[AcrossSites], over_all_rows: Sequence[Pair]) -> list[Caution]:
    """The pairs that over all rows point against what the sites say, the clearest by name."""
    beside = {(pair.x, pair.y): pair.r or 0.0 for pair in over_all_rows}
    against = sorted(
        (one for one in entries if one.reversed), key=lambda one: -abs(one.r - beside[one.x, one.y])
    )
    said = [
        Sentence(
            "Simpson’s paradox: the correlation of %(x)s and %(y)s is %(r)s within sites but "
            "%(pooled)s over all rows, which shows how sites differ, not how people do.",
            x=Called.variable(one.x),
            y=Called.variable(one.y),
            r=written(one.r),
            pooled=written(beside[one.x, one.y]),
        )
        for one in against[:MOST_NAMED]
    ]
    if len(against) > MOST_NAMED:
        said.append(
            Sentence.counting(
                "The same holds for %(count)s pair more.",
                "The same holds for %(count)s pairs more.",
                len(against) - MOST_NAMED,
            )
        )
    return [Caution("sign_reversal", one) for one in said]


def of_two_sites(entries: Sequence[AcrossSites]) -> list[Caution]:
    """Why intervals are wider, where they are over two sites."""
    return two_sites.cautions([one.overall.wider_df for one in entries])


def perfect(
    names: Sequence[str], moments: Mapping[str, PairMoments], coefficient: Coefficient
) -> list[Caution]:
    """The pairs of which one variable gives the other at a site, which is left out of the pool."""
    found: dict[tuple[str, str], list[str]] = {}
    if len(moments) > 1:
        for site, one in moments.items():
            r = np.abs(one.correlation())
            for i, j in zip(
                *np.nonzero(np.triu((r >= PERFECT) & (one.n > LEAST_ROWS), 1)), strict=True
            ):
                found.setdefault((names[i], names[j]), []).append(site)
    cautions = []
    for (x, y), sites in list(found.items())[:MOST_NAMED]:
        said = {"x": Called.variable(x), "y": Called.variable(y), "sites": listed(sites)}
        message = (
            Sentence(
                "The order of %(x)s gives that of %(y)s without error at %(sites)s, which r within "
                "sites leaves out.",
                **said,
            )
            if coefficient == "spearman"
            else Sentence(
                "%(x)s gives %(y)s without error at %(sites)s, which r within sites leaves out.",
                **said,
            )
        )
        cautions.append(Caution("perfect_correlation", message))
    return cautions


def pooled(beside: Pair, studies: Sequence[Study], *, may_reverse: bool) -> AcrossSites:
    """One pair over these sites' own correlations, beside the one over all rows."""
    whole = meta.pool([one.estimate for one in studies], [one.se for one in studies])
    overall = whole.overall
    ci, p_value, prediction = whole.cautious
    # Where either interval holds 0 nothing is known to be of the opposite sign.
    clear = _excludes_0(ci) and beside.ci is not None and _excludes_0(beside.ci)
    return AcrossSites(
        x=beside.x,
        y=beside.y,
        n=sum(one.n for one in studies),
        r=float(np.tanh(overall.estimate)),
        ci=_as_r(ci),
        prediction_interval=prediction and _as_r(prediction),
        p_value=p_value,
        q_value=None,
        reversed=may_reverse and clear and overall.estimate * (beside.r or 0.0) < 0,
        overall=overall,
        heterogeneity=whole.heterogeneity,
        approximate=any(one.approximate for one in studies),
        studies=tuple(
            replace(one, weight=weight) for one, weight in zip(studies, whole.weights, strict=True)
        ),
    )


def study_of(place: Study | InputInfo, n: int, r: float, rounding: float, *, ranked: bool) -> Study:
    """A site's own correlation; `rounding` is what that adds to the variance of its z."""
    z = float(np.arctanh(r))
    se = float(np.sqrt(variance_of_z(r, n - LEAST_ROWS, ranked) + rounding))
    return Study(
        label=place.site,
        site=place.site,
        country=place.country,
        region=place.region,
        n=n,
        r=r,
        estimate=z,
        se=se,
        ci=(z - meta.NORMAL_975 * se, z + meta.NORMAL_975 * se),
        weight=0.0,
        approximate=rounding > 0,
    )


def _as_r(ends: meta.Ends) -> meta.Ends:
    low, high = np.tanh(ends).tolist()
    return low, high


def _excludes_0(ends: meta.Ends) -> bool:
    return ends[0] * ends[1] > 0
