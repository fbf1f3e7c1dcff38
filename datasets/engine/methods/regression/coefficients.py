"""Estimates as a table of coefficients, each with its reason where it has none."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np

from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.result import Coefficient
from datasets.engine.methods.regression.statistics import Estimates
from datasets.engine.methods.shared.answer import OpenEnds
from datasets.engine.methods.shared.tails import (
    NORMAL_975,
    normal_tail,
    one_digit,
    t_quantile,
    t_tail,
)
from datasets.engine.sentences import Sentence

PERFECT = Sentence("the terms fit every row exactly, which leaves no error to estimate")
ROUNDED_AWAY = Sentence("rounded away")
ALONE = Sentence("a row alone in its site or level determines its own fit")


def table(
    design: Design,
    columns: Iterable[int],
    found: Estimates,
    *,
    df: int | None,
    exponentiate: bool,
    reasons: Mapping[int, Sentence],
    no_error: Sentence,
    is_rounded: bool,
    penalised: Collection[int] = (),
) -> tuple[Coefficient, ...]:
    """A row per column, null with its reason where `found` has none, or no error of it; those
    `penalised` are Firth's."""
    rows = []
    for i in columns:
        name = design.names[i]
        if i not in found.columns:
            reason = reasons.get(i) or Sentence("has no finite estimate")
            rows.append(Coefficient(name, reason=reason))
            continue
        row = _row_of(
            name,
            found,
            found.columns.index(i),
            df=df,
            exponentiate=exponentiate,
            no_error=no_error,
            is_rounded=is_rounded,
        )
        rows.append(replace(row, method="firth") if i in penalised else row)
    return tuple(rows)


def _row_of(
    name: str,
    found: Estimates,
    k: int,
    *,
    df: int | None,
    exponentiate: bool,
    no_error: str,
    is_rounded: bool,
) -> Coefficient:
    """The row of the k-th estimate; `no_error` says why it has no error, where it has none.

    An estimate of which rounding left 0 has no test: its p would be 1.
    """
    variance = found.covariance[k][k]
    row = coefficient(
        name,
        found.estimates[k],
        float(np.sqrt(variance)) if variance > 0 else None,
        df=df,
        exponentiate=exponentiate,
        ci=None if found.ci is None else found.ci[k],
        p_value=None if found.p_values is None else found.p_values[k],
    )
    if not row.se:
        return replace(row, reason=no_error)
    if is_rounded and row.estimate == 0:
        return replace(row, statistic=None, p_value=None, reason=ROUNDED_AWAY)
    return row


def roughly(row: Coefficient) -> Coefficient:
    """The row of a rounded estimate, with a test of no more digits than it has."""
    if row.se is None:
        return row
    return replace(
        row,
        statistic=None if row.statistic is None else round(row.statistic, 1),
        p_value=None if row.p_value is None else one_digit(row.p_value),
        approximate=True,
    )


def coefficient(
    name: str,
    estimate: float,
    se: float | None,
    *,
    df: int | None,
    exponentiate: bool,
    ci: OpenEnds | None = None,
    p_value: float | None = None,
) -> Coefficient:
    """One row of a coefficient table; Wald with t(df) or the normal unless `ci` is given."""
    statistic = None if se is None else estimate / se
    if ci is None and se is not None and statistic is not None:
        quantile = t_quantile(0.975, df) if df else NORMAL_975
        ci = (estimate - quantile * se, estimate + quantile * se)
        tail = t_tail(abs(statistic), df) if df else normal_tail(abs(statistic))
        p_value = 2 * tail
    row = Coefficient(name, estimate, se, statistic, p_value, ci)
    if not exponentiate:
        return row
    with np.errstate(over="ignore"):
        row = replace(row, exp_estimate=float(np.exp(estimate)))
        if ci is None:
            return row
        low, high = (None if end is None else float(np.exp(end)) for end in ci)
        return replace(row, exp_ci=(low, high))
