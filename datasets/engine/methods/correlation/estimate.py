"""Correlations with intervals and tests, from moments alone."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from datasets.engine.methods.contract import (
    Answer,
    Caution,
    ParameterError,
    in_order,
    site_order,
)
from datasets.engine.methods.correlation.answer import answered
from datasets.engine.methods.correlation.false_discovery import benjamini_hochberg
from datasets.engine.methods.correlation.parameters import Parameters
from datasets.engine.methods.correlation.result import Cells, Correlations, Pair
from datasets.engine.methods.correlation.statistics import Spec, Statistics, rounding_of
from datasets.engine.methods.correlation.within import (
    across_sites,
    matrix_of,
    of_two_sites,
    perfect,
    reversals,
    variance_of_z,
)
from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.missing_codes import cautions, not_collected
from datasets.engine.methods.shared.pair_moments import PairMoments
from datasets.engine.methods.shared.tails import t_tail
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Sentence


def plan(parameters: Parameters, inputs: Sequence[InputInfo]) -> Spec:
    """The one round correlations take."""
    return Spec(parameters, in_order(inputs))


def estimate(statistics: Statistics, spec: Spec) -> Answer[Correlations]:
    """Pairs, matrix and meta-analysis. Raises ParameterError without a single row."""
    asked = spec.parameters
    names = asked.variables
    by_site = {one.site: one for one in statistics.sites}
    sites = {site: by_site[site] for site in site_order(spec.inputs) if site in by_site}
    if not sites:
        raise ParameterError({"variables": Sentence("The inputs hold no rows.")})
    moments = {site: one.moments for site, one in sites.items()}
    rounding = rounding_of(statistics.sites)
    pooled, groups = _pooled(list(moments.values()), asked.within_site, len(names))
    r = pooled.correlation()
    ranked = asked.coefficient == "spearman"
    if ranked and len(moments) > 1 and not asked.within_site:
        # Ranks of one site say nothing beside another's.
        r = np.full_like(r, np.nan)
    pairs = [
        pair_of(names, i, j, pooled.n[i, j], groups[i, j], r[i, j], ranked, rounding[i, j])
        for i, j in combinations(range(len(names)), 2)
    ]
    adjusted = benjamini_hochberg([one.p_value for one in pairs])
    pairs = [replace(one, q_value=q_value) for one, q_value in zip(pairs, adjusted, strict=True)]
    within = across_sites(sites, spec, pairs)
    within_matrix = matrix_of(names, within) if within else ()
    result = Correlations(
        variables=names,
        coefficient=asked.coefficient,
        missing=asked.missing,
        within_site=asked.within_site,
        rows=sum(one.rows for one in statistics.sites),
        answers="across_sites" if within else "pairs",
        tests=sum(one.p_value is not None for one in within or pairs),
        pairs=tuple(pairs),
        matrix=cells_of(r),
        n_matrix=tuple(tuple(row) for row in pooled.n.astype(int).tolist()),
        order=order_of(names, r),
        min_eigenvalue=float(np.linalg.eigvalsh(r)[0]) if np.isfinite(r).all() else None,
        across_sites=within,
        within_matrix=within_matrix,
        within_order=order_of(names, np.array(within_matrix, dtype=float)) if within else (),
        sites=tuple(site for site, one in moments.items() if (np.triu(one.n, 1) > 0).any()),
        approximate=any(one.rounding for one in statistics.sites),
    )
    warnings = [
        *reversals(within, pairs),
        *of_two_sites(within),
        *perfect(names, moments, asked.coefficient),
        *_cautions(statistics, names),
    ]
    return Answer(answered(result), tuple(warnings))


def cells_of(r: np.ndarray) -> Cells:
    """A matrix with null for what no rows tell."""
    return tuple(tuple(float(v) if np.isfinite(v) else None for v in row) for row in r)


def _pooled(
    moments: list[PairMoments], within_site: bool, p: int
) -> tuple[PairMoments, np.ndarray]:
    """The pool, and per pair how many means were taken off."""
    total = PairMoments.empty(p)
    if not within_site:
        for one in moments:
            total = total + one
        return total, np.ones((p, p))
    for one in moments:
        total = total.within(one)
    return total, sum((one.n > 0).astype(float) for one in moments) + np.zeros((p, p))


def pair_of(
    names: Sequence[str],
    i: int,
    j: int,
    n: float,
    groups: float,
    r: float,
    ranked: bool,
    rounding: float,
) -> Pair:
    """One pair with Fisher's interval and the t test, as `cor.test` does them.

    Both are less sure by what `rounding` adds to the variance of z.
    """
    df = int(n - 1 - groups)
    bare = Pair(names[i], names[j], int(n), df if df > 0 else None, None, None, None, None)
    bare = replace(bare, approximate=rounding > 0)
    if not np.isfinite(r) or df < 1:
        return bare
    found = replace(bare, r=float(r))
    if abs(r) >= 1:
        return replace(found, p_value=0.0, ci=(float(r), float(r)))
    t = abs(r) * np.sqrt(df / (1 - r * r))
    if df == 1:
        return replace(found, p_value=2 * t_tail(t, df))
    variance = variance_of_z(r, df - 1, ranked)
    p_value = 2 * t_tail(t * np.sqrt(variance / (variance + rounding)), df)
    half = meta.NORMAL_975 * np.sqrt(variance + rounding)
    low, high = np.tanh([np.arctanh(r) - half, np.arctanh(r) + half]).tolist()
    return replace(found, p_value=p_value, ci=(low, high))


def order_of(names: Sequence[str], r: np.ndarray) -> tuple[str, ...]:
    """Leaves of the average-linkage tree on 1 − |r|, arranged as R's `hclust` does."""
    from scipy.cluster import hierarchy  # slow to import, and seldom needed

    p = len(names)
    distance = 1 - np.abs(np.where(np.isfinite(r), r, 0.0))
    tree = hierarchy.linkage(distance[np.triu_indices(p, 1)], "average")
    leaves: dict[int, list[int]] = {i: [i] for i in range(p)}
    for step, (a, b, _height, _size) in enumerate(tree):
        first, second = sorted((int(a), int(b)))
        leaves[p + step] = leaves[first] + leaves[second]
    return tuple(names[i] for i in leaves[2 * p - 2])


def _cautions(statistics: Statistics, names: Sequence[str]) -> list[Caution]:
    found = []
    for one in statistics.sites:
        found.extend(cautions(one.suspicions, one.site))
        for name, present in zip(names, one.present, strict=True):
            if one.rows and not present:
                found.append(not_collected(name, one.site))
    return found
