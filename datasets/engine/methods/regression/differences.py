"""How far an effect at one level is from that at another: what a test within sites is of."""

import math
from collections.abc import Mapping, Sequence

from datasets.engine.methods.regression.basis import Contrast
from datasets.engine.methods.regression.result import Difference
from datasets.engine.methods.regression.scale import LARGEST_LOG
from datasets.engine.methods.shared.answer import EffectAt

NOTHING = EffectAt(None, None)


def differences(
    at: Sequence[tuple[str, Contrast]],
    coefficients: Mapping[int, EffectAt],
    step: float,
    *,
    is_ratio: bool,
) -> tuple[Difference, ...]:
    """Each level but the first against that, of `step` units of the exposure.

    `at` has by level the exposure's effect as a sum of coefficients; `coefficients` are those of
    the interaction that sites tell of.
    """
    (reference, first), *others = at
    found = []
    for level, contrast in others:
        times = {i: size - dict(first).get(i, 0.0) for i, size in (*first, *contrast)}
        [(column, size)] = [(i, size) for i, size in times.items() if size]
        one = coefficients.get(column, NOTHING)
        found.append(_difference(level, reference, one, size * step, is_ratio=is_ratio))
    return tuple(found)


def _difference(
    level: str, reference: str, one: EffectAt, times: float, *, is_ratio: bool
) -> Difference:
    if one.estimate is None or one.ci is None:
        return Difference(None, None, level=level, reference=reference)
    low, high = (None if end is None else end * times for end in one.ci)
    estimate = one.estimate * times
    return Difference(
        estimate,
        (low, high),
        level=level,
        k=one.k,
        df=one.df,
        approximate=one.approximate,
        reference=reference,
        exp_estimate=_ratio(estimate) if is_ratio else None,
        exp_ci=(_ratio(low), _ratio(high)) if is_ratio else None,
    )


def _ratio(log: float | None) -> float | None:
    """None where nobody could read it."""
    return None if log is None or abs(log) > LARGEST_LOG else math.exp(log)
