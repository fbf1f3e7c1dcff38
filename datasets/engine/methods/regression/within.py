"""Whether an exposure's effect differs by another variable, by what each site says within itself.

Differences between the levels are those of the sites' own models, pooled together; what sets one
site apart from another plays no part (Fisher et al. 2017, BMJ 356:j573; Riley et al. 2020, Stat
Med 39:2115). With more than two levels the differences of a site have the level in common that
they are differences to, and so half of what varies between sites (Higgins and Whitehead 1996): the
test is then the same whichever level that is.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.design import Column, Design, Term
from datasets.engine.methods.regression.of_site import is_infinite, own
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import OverallTest, Test
from datasets.engine.methods.regression.statistics import Estimates, Study
from datasets.engine.methods.shared.multivariate import (
    Several,
    cautious_test,
    cochran,
    pool_together,
    wald,
)

SHARED = 0.5
"""How far two differences to one level vary together between sites, as a correlation."""

NOTHING = 1e-9
"""Smallest eigenvalue of correlations that are told apart."""


def tested_within(
    design: Design, parameters: Parameters, studies: Sequence[Study], term: Term
) -> OverallTest | None:
    """The test of the exposure's interaction, or of its own levels; None where no site compares
    levels within itself."""
    columns, found = _of_sites(design, parameters, studies, term)
    if not found:
        return None
    df = found[0][0].df_residual if parameters.family == "gaussian" else None
    return _tested([one for _, one in found], _alike(columns), df)


def tested_between(
    design: Design, parameters: Parameters, studies: Sequence[Study], term: Term
) -> OverallTest | None:
    """Cochran's Q of a term's coefficients: whether sites differ in any of them; None where no
    two sites tell of the same one."""
    columns, found = _of_sites(design, parameters, studies, term)
    spread = cochran([one for _, one in found], len(columns))
    if spread is None:
        return None
    return OverallTest("Q", spread.statistic, spread.df, spread.p_value)


def _of_sites(
    design: Design, parameters: Parameters, studies: Sequence[Study], term: Term
) -> tuple[list[Column], list[tuple[Study, Several]]]:
    """A term's columns that any site's own model tells of, and what each of these has of them."""
    columns = [i for i, one in enumerate(design.columns) if one.term == term]
    everywhere = is_infinite(design, parameters.exposure, studies)
    found = [
        (study, several)
        for study in studies
        if (several := _of_site(study, own(study, penalised=everywhere), columns)) is not None
    ]
    told = sorted({place for _, one in found for place in one.places})
    at = {place: k for k, place in enumerate(told)}
    together = [
        (study, replace(one, places=tuple(at[place] for place in one.places)))
        for study, one in found
    ]
    return [design.columns[columns[place]] for place in told], together


def _tested(found: Sequence[Several], alike: np.ndarray, df: int | None) -> OverallTest:
    if len(found) == 1:
        (alone,) = found
        tested = wald(alone.estimates, np.linalg.inv(alone.covariance), df)
    else:
        tested = cautious_test(pool_together(found, alike))
    test: Test = "Wald" if tested.df_residual is None else "Wald F"
    return OverallTest(
        test, tested.statistic, tested.df, tested.p_value, tested.df_residual, len(found)
    )


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
