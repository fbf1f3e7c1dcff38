"""Whether an exposure's effect differs by another variable, by what each site says within itself.

Differences between the levels are those of the sites' own models, pooled together; what sets one
site apart from another plays no part (Fisher et al. 2017, BMJ 356:j573; Riley et al. 2020, Stat
Med 39:2115). With more than two levels the differences of a site have the level in common that
they are differences to, and so half of what varies between sites (Higgins and Whitehead 1996): the
test is then the same whichever level that is. Each difference is told by the same pool.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.design import Column, Design, Term
from datasets.engine.methods.regression.of_site import is_infinite
from datasets.engine.methods.regression.of_site import wald as interval
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import OverallTest, Test
from datasets.engine.methods.regression.statistics import Estimates, Study
from datasets.engine.methods.shared.answer import EffectAt
from datasets.engine.methods.shared.multivariate import (
    Several,
    Wald,
    cautious_test,
    cochran,
    pool_together,
    wald,
)
from datasets.engine.methods.shared.tails import one_digit

SHARED = 0.5
"""How far two differences to one level vary together between sites, as a correlation."""

NOTHING = 1e-9
"""Smallest eigenvalue of correlations that are told apart."""


@dataclass(frozen=True)
class Within:
    """The test of an interaction, and by design column what it tests: the coefficients pooled, each
    with its interval, how many sites tell of it, and the degrees of freedom of its t."""

    test: OverallTest
    coefficients: Mapping[int, EffectAt]


def tested_within(
    design: Design, parameters: Parameters, studies: Sequence[Study], term: Term
) -> Within | None:
    """The test of the exposure's interaction, or of its own levels; None where no site compares
    levels within itself."""
    columns, found = _of_sites(design, studies, term)
    if not found:
        return None
    together = [one for _, one in found]
    first, _ = found[0]
    df = first.df_residual if parameters.family == "gaussian" else None
    tested, effects = _tested(together, _alike([design.columns[i] for i in columns]), df)
    test: Test = "Wald" if tested.df_residual is None else "Wald F"
    if len(found) == 1 and first.rounded:
        effects = [replace(one, approximate=True) for one in effects]
        tested = replace(tested, p_value=one_digit(tested.p_value))
    return Within(
        OverallTest(
            test,
            tested.statistic,
            tested.df,
            tested.p_value,
            tested.df_residual,
            len(found),
            "firth" if is_infinite(studies, columns) else "",
        ),
        dict(zip(columns, effects, strict=True)),
    )


def tested_between(design: Design, studies: Sequence[Study], term: Term) -> OverallTest | None:
    """Cochran's Q of a term's coefficients: whether sites differ in any of them; None where no
    two sites tell of the same one."""
    columns, found = _of_sites(design, studies, term)
    spread = cochran([one for _, one in found], len(columns))
    if spread is None:
        return None
    return OverallTest("Q", spread.statistic, spread.df, spread.p_value)


def _of_sites(
    design: Design, studies: Sequence[Study], term: Term
) -> tuple[list[int], list[tuple[Study, Several]]]:
    """A term's columns that any site's own model tells of, and what each of these has of them:
    together, so Firth's estimates of all where one is infinite."""
    columns = [i for i, one in enumerate(design.columns) if one.term == term]
    penalised = is_infinite(studies, columns)
    found = [
        (study, several)
        for study in studies
        if (several := _of_site(study, study.firth if penalised else study.ml, columns)) is not None
    ]
    told = sorted({place for _, one in found for place in one.places})
    at = {place: k for k, place in enumerate(told)}
    together = [
        (study, replace(one, places=tuple(at[place] for place in one.places)))
        for study, one in found
    ]
    return [columns[place] for place in told], together


def _tested(
    found: Sequence[Several], alike: np.ndarray, df: int | None
) -> tuple[Wald, list[EffectAt]]:
    """The test, and each effect with the interval that goes with it."""
    if len(found) == 1:
        (alone,) = found
        estimates, covariance = alone.estimates, alone.covariance
        tested = wald(estimates, np.linalg.inv(covariance), df)
    else:
        pooled = pool_together(found, alike)
        estimates, covariance = pooled.estimates, np.linalg.inv(pooled.information)
        tested = cautious_test(pooled)
        if tested.df_residual is not None:
            covariance = covariance * pooled.scale
    effects = [
        EffectAt(
            float(estimate),
            interval(float(estimate), math.sqrt(variance), tested.df_residual),
            k=sum(place in one.places for one in found),
            df=tested.df_residual,
        )
        for place, (estimate, variance) in enumerate(
            zip(estimates, np.diag(covariance), strict=True)
        )
    ]
    return tested, effects


def _of_site(study: Study, found: Estimates | None, columns: Sequence[int]) -> Several | None:
    """What a site's own model has of these columns, by their places; None where it has none."""
    if found is None:
        return None
    covariance = np.asarray(found.covariance)
    known = [
        (place, found.columns.index(column))
        for place, column in enumerate(columns)
        if column in found.columns
    ]
    known = [(place, k) for place, k in known if covariance[k, k] > 0]
    if not known:
        return None
    rows = [k for _, k in known]
    inside = covariance[np.ix_(rows, rows)]
    if study.rounded:
        inside = rounded.positive(inside)
    size = np.sqrt(np.diag(inside))
    if np.linalg.eigvalsh(inside / np.outer(size, size))[0] <= NOTHING:
        return None
    places = tuple(place for place, _ in known)
    return Several(places, np.asarray(found.estimates)[rows], inside)


def _alike(columns: Sequence[Column]) -> np.ndarray:
    """How far coefficients vary together between sites: half for each variable of which they are
    other levels."""
    parts = [dict(one.parts) for one in columns]
    return np.array(
        [
            [SHARED ** sum(one[name] != other[name] for name in one) for other in parts]
            for one in parts
        ]
    )
