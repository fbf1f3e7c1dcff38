"""Which estimates stand for a site: the same in every pool, in the answer and in its own table.

Maximum likelihood wherever it is finite: a level whose effect is infinite at a site takes no other
effect along. What is infinite has Firth's estimate. Of the exposure's effects one that is infinite
at a site is Firth's at every site, so that what the answer pools of it is all of one kind; a
covariate's is Firth's where it is infinite, and moves no other site.
"""

from collections.abc import Collection, Sequence

from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.statistics import Estimates, Study
from datasets.engine.methods.shared.answer import OpenEnds
from datasets.engine.methods.shared.meta import Ends
from datasets.engine.methods.shared.tails import NORMAL_975, t_quantile


def infinite_at(study: Study) -> frozenset[int]:
    """The columns whose ordinary estimate is infinite at a site, with the intercept beside them."""
    if not study.separation or study.ml is None or study.firth is None:
        return frozenset()
    beside = set(study.firth.columns) - set(study.ml.columns)
    return frozenset(beside | {one.column for one in study.separation})


def penalised_at(
    design: Design, exposure: str, studies: Sequence[Study], study: Study
) -> frozenset[int]:
    """The columns that a site tells by Firth's estimates."""
    anywhere = frozenset().union(*(infinite_at(one) for one in studies))
    of_exposure = {i for i in anywhere if exposure in design.columns[i].term}
    return infinite_at(study) | of_exposure


def is_infinite(studies: Sequence[Study], columns: Collection[int]) -> bool:
    """Whether the ordinary estimate of one of these columns is infinite at a site."""
    return any(not infinite_at(one).isdisjoint(columns) for one in studies)


def with_infinite_sum(studies: Sequence[Study], number: int) -> list[str]:
    """The sites at which a sum of coefficients that was asked for is infinite."""
    return [
        one.site
        for one in studies
        if infinite_at(one) and not sum_at(one.ml, number) and sum_at(one.firth, number)
    ]


def sum_at(found: Estimates | None, number: int) -> tuple[float, float] | None:
    """Estimate and variance of a sum of coefficients that was asked for, where they are known."""
    return found.sums[number] if found is not None and number < len(found.sums) else None


def own(study: Study, penalised: Collection[int]) -> Estimates | None:
    """The estimates of a site, one by one: Firth's of `penalised` columns."""
    return mixed(study.ml, study.firth, penalised) if penalised else study.ml


def mixed(
    ml: Estimates | None, firth: Estimates | None, penalised: Collection[int]
) -> Estimates | None:
    """Maximum likelihood's estimates with Firth's of `penalised` columns.

    How one kind varies with the other is not known: it is 0 here, and nothing adds them up.
    """
    if ml is None or firth is None:
        return ml or firth
    columns = sorted(
        {i for i in ml.columns if i not in penalised} | {i for i in firth.columns if i in penalised}
    )
    parts = [firth if i in penalised else ml for i in columns]
    places = [found.columns.index(i) for found, i in zip(parts, columns, strict=True)]
    at = list(zip(parts, places, strict=True))
    return Estimates(
        columns=tuple(columns),
        estimates=tuple(found.estimates[k] for found, k in at),
        covariance=tuple(
            tuple(found.covariance[k][j] if other is found else 0.0 for other, j in at)
            for found, k in at
        ),
        ci=tuple(None if found.ci is None else found.ci[k] for found, k in at),
        p_values=tuple(None if found.p_values is None else found.p_values[k] for found, k in at),
    )


def interval_of(found: Estimates, column: int, pair: Ends, df: int | None) -> OpenEnds:
    """One coefficient's interval: that of its profile where there is one, else Wald's.

    An end that no profile settled stays open: Wald's there would belong to another interval.
    """
    profile = found.ci[found.columns.index(column)] if found.ci is not None else None
    return wald(*pair, df) if profile is None else profile


def wald(estimate: float, se: float, df: int | None) -> Ends:
    """A site's own interval: t with the residual df of a linear model, else the normal's."""
    half = se * (t_quantile(0.975, df) if df else NORMAL_975)
    return estimate - half, estimate + half
