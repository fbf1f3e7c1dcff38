"""One effect as an answer finds it: pooled over sites, of one model alone, or none."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datasets.engine.methods.regression.of_site import wald
from datasets.engine.methods.regression.result import Answered
from datasets.engine.methods.regression.statistics import Estimates
from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.answer import EffectAt, OpenEnds
from datasets.engine.methods.shared.moved_spread import i2_by_rounding
from datasets.engine.methods.shared.tails import normal_tail, t_tail

Weights = Mapping[int, float]
"""An effect as a sum of coefficients: how often each design column's is in it."""

NOTHING = 1e-12
"""Share of the variances added up below which what is left of them is rounding."""


@dataclass(frozen=True)
class Found:
    """One effect as it was found, by `k` sites; nothing where none could."""

    estimate: float | None = None
    ci: OpenEnds | None = None
    prediction_interval: OpenEnds | None = None
    p_value: float | None = None
    estimator: str = ""
    k: int = 0
    df: int | None = None
    by: tuple[EffectAt, ...] = ()
    is_penalised: bool = False


def largest_first(
    found: Sequence[tuple[float, float, EffectAt]],
) -> tuple[tuple[EffectAt, ...], list[float], list[float]]:
    """Effects at sites by their size, equal ones by their sites' names, with their estimates and
    standard errors."""
    ordered = sorted(found, key=lambda one: (-one[0], one[1], one[2].site or ""))
    return (
        tuple(one[2] for one in ordered),
        [one[0] for one in ordered],
        [one[1] for one in ordered],
    )


def pooled_effect(
    estimates: Sequence[float], errors: Sequence[float], by: tuple[EffectAt, ...]
) -> Found:
    """One effect pooled over the sites that can say it.

    Where rounding may have taken all that they differ by, nothing predicts the effect elsewhere.
    """
    pooled = meta.pool(estimates, errors)
    ci, p_value, prediction = pooled.cautious
    is_rounded = [one.approximate for one in by]
    if not pooled.heterogeneity.i2 and i2_by_rounding(estimates, errors, is_rounded):
        prediction = None
    overall = pooled.overall
    return Found(
        pooled.estimate,
        ci,
        prediction,
        p_value,
        overall.estimator,
        len(by),
        overall.wider_df,
        by,
    )


def at_levels(each: Sequence[tuple[str, Found]]) -> tuple[EffectAt, ...]:
    """The effect at each level, and how many sites say it."""
    return tuple(
        EffectAt(
            found.estimate,
            found.ci,
            level=level,
            k=found.k or None,
            df=found.df,
            method="firth" if found.is_penalised else "",
        )
        for level, found in each
    )


def most(each: Sequence[tuple[str, Found]]) -> Found:
    """The level that most sites tell of, before one that is infinite; the first of equal ones."""
    return max((found for _, found in each), key=lambda found: (found.k, not found.is_penalised))


def told_with(start: Answered, found: Found) -> Answered:
    """The answer with the one effect that was found."""
    told = {name: value for name, value in vars(found).items() if name != "is_penalised"}
    return replace(start, **told)


def alone(
    estimate: float, error: float, df: int | None, estimator: str, k: int, by: tuple[EffectAt, ...]
) -> Found:
    """An effect that is not pooled: Wald's interval with t(df) or the normal."""
    size = abs(estimate) / error
    p_value = 2 * (t_tail(size, df) if df else normal_tail(size))
    return Found(estimate, wald(estimate, error, df), None, p_value, estimator, k, by=by)


def untested_if_zero(found: Found, *, is_rounded: bool) -> Found:
    """Without a test where rounding left 0 of the estimate."""
    return replace(found, p_value=None) if is_rounded and found.estimate == 0 else found


def sum_effect(found: Estimates | None, weights: Weights) -> tuple[float, float] | None:
    """Estimate and standard error of a sum of coefficients, if all of them are there."""
    if found is None or not set(weights) <= set(found.columns):
        return None
    places = [found.columns.index(i) for i in weights]
    sizes = np.array(list(weights.values()))
    covariance = np.asarray(found.covariance)[np.ix_(places, places)]
    variance = float(sizes @ covariance @ sizes)
    # Errors that cancel out leave a rounding: two rows settle a robust effect without one.
    rounding = NOTHING * float(np.abs(sizes) @ np.abs(covariance) @ np.abs(sizes))
    if variance <= rounding or not (np.diag(covariance) > 0).all():
        return None
    return float(sizes @ np.asarray(found.estimates)[places]), math.sqrt(variance)
