"""The one answer of a correlation, where it was asked of one pair, and what was checked before.

Both are made from a result alone, so that a guarded result answers by what is left of it.
"""

from dataclasses import replace

import numpy as np

from datasets.engine.methods.correlation.result import AcrossSites, Answered, Correlations, Pair
from datasets.engine.methods.shared.agreement import Agreement, agreement_of, check
from datasets.engine.methods.shared.answer import AnotherWay, EffectAt
from datasets.engine.methods.shared.diagnostics import Diagnostic, held_against
from datasets.engine.sentences import Sentence

LEAST_SITES = 2
LEAST_SHARE = 2 / 3
"""Of all rows, those that are to have both variables of a pair."""

NOT_NEGATIVE = -1e-9
"""What rounding leaves of an eigenvalue of 0."""


def answered(result: Correlations) -> Correlations:
    """A result with its answer, if one pair was asked about, and its checks."""
    answer = _of_pair(result, result.pairs[0]) if len(result.pairs) == 1 else None
    return replace(result, answer=answer, diagnostics=_checks(result))


def _of_pair(result: Correlations, pair: Pair) -> Answered:
    within = next(iter(result.across_sites), None)
    start = Answered(exposure=pair.x, outcome=pair.y, n=pair.n, approximate=pair.approximate)
    if result.answers == "across_sites":
        if within is None:
            reason = Sentence("no site has a correlation of its own that may be shown")
            return replace(start, n=None, reason=reason)
        start = replace(start, n=within.n, approximate=within.approximate)
        return _pooled(start, within, pair, result)
    if pair.r is None:
        reason = Sentence("the rows with both do not determine it, or are too few to be shown")
        return replace(start, reason=reason)
    return replace(
        start,
        estimate=pair.r,
        ci=pair.ci,
        p_value=pair.p_value,
        estimator=result.coefficient.capitalize(),
        k=1,
        n_excluded=_left_out(result, pair.n),
    )


def _pooled(start: Answered, within: AcrossSites, pair: Pair, result: Correlations) -> Answered:
    by = sorted(
        (
            EffectAt(one.r, _as_r(one.ci), site=one.site, approximate=one.approximate)
            for one in within.studies
        ),
        key=lambda one: (-(one.estimate or 0.0), one.ci or (), one.site or ""),
    )
    beside = None
    if pair.r is not None:
        agrees = None
        if pair.ci is not None:
            agrees = _verdict(pair.ci) == _verdict(within.ci)
        beside = AnotherWay("over_all_rows", pair.r, pair.ci, pair.p_value, agrees)
    return replace(
        start,
        estimate=within.r,
        ci=within.ci,
        prediction_interval=within.prediction_interval,
        p_value=within.p_value,
        estimator=within.overall.estimator,
        k=len(within.studies),
        df=within.overall.wider_df,
        n_excluded=_left_out(result, within.n),
        by=tuple(by),
        checked_another_way=beside,
    )


def _checks(result: Correlations) -> tuple[Diagnostic, ...]:
    """What was checked: of several pairs that which does worst."""
    known = [pair.n for pair in result.pairs if pair.n is not None]
    share = None
    if len(known) == len(result.pairs) and result.rows:
        share = min(known) / result.rows
    within = result.across_sites
    sites = Diagnostic("sites", 1.0, LEAST_SITES, "not_applicable")
    if result.answers == "across_sites":
        fewest = min((len(one.studies) for one in within), default=None)
        sites = held_against("sites", fewest, LEAST_SITES, least=True)
        # A pair that one site tells of is no reason to hide the others.
        if sites.outcome == "fail" and len(result.pairs) > 1:
            sites = replace(sites, outcome="pass_with_rows_failing")
    spreads = [
        (found_at(one), one.heterogeneity.i2) for one in within if one.heterogeneity.i2 is not None
    ]
    spread = check(spreads)
    # The answer is about one of several pairs, and not always about that which does worst.
    if spread.outcome == "fail" and any(check([one]).outcome != "fail" for one in spreads):
        spread = replace(spread, outcome="pass_with_rows_failing")
    return (
        sites,
        held_against("smallest_pair", share, LEAST_SHARE, least=True),
        spread,
        _definite(result.min_eigenvalue),
    )


def found_at(one: AcrossSites) -> Agreement:
    """Whether the sites of a pair agree."""
    return agreement_of(len(one.studies), one.heterogeneity, is_rounded=one.approximate)


def _definite(smallest: float | None) -> Diagnostic:
    """Whether correlations over different rows may be those of any data at all."""
    found = held_against("definiteness", smallest, 0.0, least=True)
    if smallest is not None and NOT_NEGATIVE <= smallest < 0:
        return replace(found, value=0.0, outcome="pass")
    return found


def _left_out(result: Correlations, n: int | None) -> int | None:
    return None if n is None else result.rows - n


def _as_r(ends: tuple[float, float]) -> tuple[float, float]:
    low, high = np.tanh(ends).tolist()
    return low, high


def _verdict(ends: tuple[float, float]) -> int:
    """Which side of 0 an interval is on; 0 where on both."""
    low, high = ends
    return 0 if low * high <= 0 else 1 if low > 0 else -1
