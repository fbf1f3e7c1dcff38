"""How far sites' rounded estimates leave open by how much the sites differ.

A guarded site's estimate is told in steps (ADR 26). Small beside its own error, a step may be large
beside what sites differ by: the same sites, not rounded, may have another I².
"""

from collections.abc import Sequence

from datasets.engine.guard.tables import round_below
from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.agreement import agreement_of
from datasets.engine.methods.shared.meta import Ends

LEAST_POINTS = 15.0
"""Percentage points of I² from which on it is said that rounding alone could make them."""

NOTHING = 1e-6
"""Share of a step that is arithmetic's."""


def i2_by_rounding(
    estimates: Sequence[float], errors: Sequence[float], rounded: Sequence[bool]
) -> Ends | None:
    """Between which percents I² may lie for what rounding took alone; None where it took nothing
    that matters: the verdict is the same, and I² nearly so.

    Of each study its estimate and its standard error, both on the analysis scale, and whether it
    was rounded. I² is told, and pooled anew with every rounded estimate half a step nearer to the
    mean, and half a step farther from it: it lies as far apart as those three at least.
    """
    if len(estimates) < 2 or not any(rounded):
        return None
    told = meta.pool(estimates, errors)
    halves = [
        largest_step(one, error) / 2 if is_rounded else 0.0
        for one, error, is_rounded in zip(estimates, errors, rounded, strict=True)
    ]
    apart = [one - told.estimate for one in estimates]
    near = [_nearer(one, half) for one, half in zip(apart, halves, strict=True)]
    far = [one + (half if one > 0 else -half) for one, half in zip(apart, halves, strict=True)]
    found = [meta.pool(one, errors).heterogeneity for one in (near, far)]
    found.append(told.heterogeneity)
    each = [one.i2 or 0.0 for one in found]
    # A heavy study that moves with a far one can leave them less apart than they are told.
    low, high = min(each), max(each)
    verdicts = {agreement_of(len(estimates), one) for one in found}
    return (low, high) if len(verdicts) > 1 or high - low >= LEAST_POINTS else None


def largest_step(estimate: float, error: float) -> float:
    """The largest 1, 2 or 5 · 10^k that an estimate may have been told in: it is a multiple of it,
    and it is within its error."""
    step = round_below(error)
    while abs(estimate / step - round(estimate / step)) > NOTHING:
        finer = round_below(step * 0.9)
        if finer < error * NOTHING:
            break
        step = finer
    return step


def _nearer(apart: float, half: float) -> float:
    return max(0.0, apart - half) if apart > 0 else min(0.0, apart + half)
