"""Meta-analysis of estimates and standard errors, in metafor's conventions.

Every formula agrees with `metafor::rma.uni` (Viechtbauer 2010, J Stat Softw 36:3): weights in
percent, I² in percent from τ² and the typical sampling variance, Q-profile intervals
(Viechtbauer 2007), Knapp-Hartung with t(k-1). Effects are on the analysis scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from datasets.engine.methods.shared.summits import highest, zero_between
from datasets.engine.methods.shared.tails import (
    NORMAL_975,
    chi2_quantile,
    chi2_tail,
    normal_tail,
    t_quantile,
    t_tail,
)
from datasets.engine.results.records import Record

FEWEST_FOR_EGGER = 10
"""Studies below which asymmetry of a funnel can't be told from chance (Sterne 2011)."""

Estimator = Literal["FE", "DL", "REML", "PM"]
Interval = Literal["knapp_hartung", "normal"]


Ends = tuple[float, float]


@dataclass(frozen=True)
class Overall(Record):
    """The pooled effect on the analysis scale; `df` is null for the normal interval.

    `ci_normal` always stands beside `ci`; a prediction interval takes three studies.
    """

    estimate: float
    se: float
    statistic: float | None
    df: int | None
    p_value: float | None
    ci: Ends
    ci_normal: Ends
    prediction_interval: Ends | None
    estimator: Estimator
    interval: Interval

    @property
    def narrower(self) -> bool:
        """Whether the Knapp-Hartung interval is narrower than the normal one."""
        (low, high), (normal_low, normal_high) = self.ci, self.ci_normal
        return bool(high - low < normal_high - normal_low)

    @property
    def wider_df(self) -> int | None:
        """Degrees of freedom of the wider of the two; null for the normal one."""
        return None if self.narrower else self.df


@dataclass(frozen=True)
class Heterogeneity(Record):
    """How far studies differ: I² in percent; of one study alone all but `tau2` and `q` is null.

    `tau2_ci` and `i2_ci` are null where studies lie closer together than any τ² makes likely:
    Q-profile's interval is the empty set then, for which metafor writes "<0".
    """

    tau2: float
    tau2_se: float | None
    tau2_ci: Ends | None
    i2: float | None
    i2_ci: Ends | None
    h2: float | None
    q: float
    q_df: int
    q_p_value: float | None


@dataclass(frozen=True)
class BriefHeterogeneity(Record):
    """The same in four numbers."""

    tau2: float
    i2: float | None
    q: float
    q_p_value: float | None


@dataclass(frozen=True)
class WithoutOne(Record):
    """The pool without the study of this label."""

    label: str
    overall: Overall
    heterogeneity: BriefHeterogeneity


@dataclass(frozen=True)
class BetweenGroups(Record):
    """Cochran's Q between groups."""

    q: float
    df: int
    p_value: float


@dataclass(frozen=True)
class Egger(Record):
    """The test for small-study effects: t with `df` degrees of freedom."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True)
class Pooled:
    """One pooled answer, weights in percent."""

    overall: Overall
    heterogeneity: Heterogeneity
    weights: list[float]
    estimate: float
    normal_se: float

    @property
    def narrower(self) -> bool:
        """Whether the Knapp-Hartung interval is narrower than the normal one."""
        return self.overall.narrower

    @property
    def cautious(self) -> tuple[Ends, float | None, Ends | None]:
        """The wider of the two intervals, with the p-value and the prediction interval that go
        with it."""
        overall = self.overall
        if not self.narrower:
            return overall.ci, overall.p_value, overall.prediction_interval
        p_value = 2 * normal_tail(abs(self.estimate) / self.normal_se)
        if overall.prediction_interval is None:
            return overall.ci_normal, p_value, None
        ends = predicted(self.estimate, self.normal_se, self.heterogeneity.tau2, len(self.weights))
        return overall.ci_normal, p_value, ends


def pool(
    estimates: Sequence[float],
    standard_errors: Sequence[float],
    *,
    estimator: Estimator = "REML",
    interval: Interval = "knapp_hartung",
) -> Pooled:
    """Pool k ≥ 1 estimates; one study alone is returned as it is, with the normal interval.

    Raises ValueError for k = 0, a standard error that is not positive, or anything not finite.
    Agrees with `rma(yi, sei=, method=, test="knha"|"z")` and `confint` of it.
    """
    y = np.asarray(estimates, dtype=float)
    v = np.asarray(standard_errors, dtype=float) ** 2
    if y.size == 0 or y.shape != v.shape or not (np.isfinite(y).all() and np.isfinite(v).all()):
        raise ValueError("meta-analysis needs finite estimates, each with its standard error")
    if not (v > 0).all():
        raise ValueError("standard errors must be positive")
    if y.size == 1:
        estimator, interval = "FE", "normal"
    tau2 = _tau2(y, v, estimator)
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    normal_se = float(np.sqrt(1 / w.sum()))
    weights = (100 * w / w.sum()).tolist()
    overall = _overall(y, w, mean, normal_se, tau2, estimator, interval)
    return Pooled(overall, _heterogeneity(y, v, tau2, estimator), weights, mean, normal_se)


def between(pooled: Sequence[Pooled]) -> BetweenGroups | None:
    """Cochran's Q between groups, each with its own τ²; null for fewer than two groups."""
    if len(pooled) < 2:
        return None
    y = np.array([one.estimate for one in pooled])
    w = np.array([1 / one.normal_se**2 for one in pooled])
    q = float(w @ (y - w @ y / w.sum()) ** 2)
    df = len(pooled) - 1
    return BetweenGroups(q, df, chi2_tail(q, df))


def egger(estimates: Sequence[float], standard_errors: Sequence[float]) -> Egger | None:
    """Egger's regression of the effect on its standard error (1997), t with k-2 df.

    Agrees with `regtest(yi, vi, model="lm")`. Null for fewer than `FEWEST_FOR_EGGER` studies, where
    it says nothing, or equal standard errors.
    """
    y = np.asarray(estimates, dtype=float)
    se = np.asarray(standard_errors, dtype=float)
    k = y.size
    if k < FEWEST_FOR_EGGER or np.ptp(se) <= 1e-12 * se.max():
        return None
    root = 1 / se
    x = np.column_stack([np.ones(k), se]) * root[:, None]
    coefficients, *_ = np.linalg.lstsq(x, y * root, rcond=None)
    residual = y * root - x @ coefficients
    variance = float(residual @ residual) / (k - 2) * np.linalg.inv(x.T @ x)[1, 1]
    if variance <= 0:
        return None
    statistic = float(coefficients[1] / np.sqrt(variance))
    return Egger(statistic, k - 2, 2 * t_tail(abs(statistic), k - 2))


def leave_one_out(
    labels: Sequence[str],
    estimates: Sequence[float],
    standard_errors: Sequence[float],
    *,
    estimator: Estimator = "REML",
    interval: Interval = "knapp_hartung",
) -> list[WithoutOne]:
    """The pool without each study in turn; empty for k < 3."""
    if len(labels) < 3:
        return []
    rows = []
    for left_out, label in enumerate(labels):
        keep = [i for i in range(len(labels)) if i != left_out]
        pooled = pool(
            [estimates[i] for i in keep],
            [standard_errors[i] for i in keep],
            estimator=estimator,
            interval=interval,
        )
        spread = pooled.heterogeneity
        brief = BriefHeterogeneity(spread.tau2, spread.i2, spread.q, spread.q_p_value)
        rows.append(WithoutOne(label, pooled.overall, brief))
    return rows


def _overall(
    y: np.ndarray,
    w: np.ndarray,
    mean: float,
    normal_se: float,
    tau2: float,
    used: Estimator,
    interval: Interval,
) -> Overall:
    k = y.size
    se, df, quantile = normal_se, None, NORMAL_975
    if interval == "knapp_hartung" and k > 1:
        se = float(np.sqrt(w @ (y - mean) ** 2 / (k - 1) / w.sum()))
        df, quantile = k - 1, t_quantile(0.975, k - 1)
    statistic = mean / se if se > 0 else None
    p_value = None
    if statistic is not None:
        tail = t_tail(abs(statistic), df) if df else normal_tail(abs(statistic))
        p_value = 2 * tail
    prediction = predicted(mean, se, tau2, k) if k >= 3 and used != "FE" else None
    half_normal = NORMAL_975 * normal_se
    return Overall(
        estimate=mean,
        se=se,
        statistic=statistic,
        df=df,
        p_value=p_value,
        ci=(mean - quantile * se, mean + quantile * se),
        ci_normal=(mean - half_normal, mean + half_normal),
        prediction_interval=prediction,
        estimator=used,
        interval="knapp_hartung" if df else "normal",
    )


def predicted(mean: float, se: float, tau2: float, k: int) -> Ends:
    """Where the effect of one more study lies, 95 %, on the scale of the `mean` of `k` studies: t
    with k - 1 degrees of freedom, as metafor's `predict` has it; NaN for one study.
    """
    half = t_quantile(0.975, k - 1) * float(np.sqrt(se**2 + tau2))
    return mean - half, mean + half


def _heterogeneity(y: np.ndarray, v: np.ndarray, tau2: float, used: Estimator) -> Heterogeneity:
    k = y.size
    q, df = _q(y, v, 0.0), k - 1
    if df == 0:
        return Heterogeneity(0.0, None, None, None, None, None, q, 0, None)
    typical = df / float(np.trace(_off_mean(1 / v)))
    if used == "FE":
        i2, h2 = (max(0.0, 100 * (q - df) / q) if q > 0 else 0.0), q / df
    else:
        i2, h2 = 100 * tau2 / (tau2 + typical), tau2 / typical + 1
    ends = _q_profile(y, v)
    return Heterogeneity(
        tau2=tau2,
        tau2_se=_tau2_se(v, tau2, used),
        tau2_ci=ends,
        i2=float(i2),
        i2_ci=ends and _shares(ends, typical),
        h2=float(h2),
        q=q,
        q_df=df,
        q_p_value=chi2_tail(q, df),
    )


def _off_mean(w: np.ndarray) -> np.ndarray:
    """The matrix that takes effects to their weighed distances from the weighed mean; its trace is
    what metafor has as Σw - Σw²/Σw, which is 0 for rounding where one weight is most of all."""
    weighed = -np.outer(w, w) / w.sum()
    np.fill_diagonal(weighed, 0.0)
    np.fill_diagonal(weighed, -weighed.sum(axis=1))
    return weighed


def _q(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    """The generalised Q statistic at a given τ²."""
    w = 1 / (v + tau2)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _tau2(y: np.ndarray, v: np.ndarray, estimator: Estimator) -> float:
    if estimator == "FE":
        return 0.0
    if estimator == "DL":
        trace = float(np.trace(_off_mean(1 / v)))
        return max(0.0, (_q(y, v, 0.0) - (y.size - 1)) / trace)
    if estimator == "REML":
        return _reml(y, v)
    return _solve_q(y, v, y.size - 1)


def _reml(y: np.ndarray, v: np.ndarray) -> float:
    def slopes(tau2: np.ndarray) -> np.ndarray:
        w = 1 / (v + tau2[:, None])
        total = w.sum(axis=1)
        residual = w * (y - (w @ y / total)[:, None])
        return np.asarray((residual**2).sum(axis=1) - total + (w**2).sum(axis=1) / total)

    largest = float(v.max() + np.var(y, ddof=1))
    return highest(slopes, lambda tau2: _restricted(y, v, tau2), 1e-6 * v.min(), largest)


def _restricted(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    w = 1 / (v + tau2)
    return float(0.5 * (np.log(w).sum() - np.log(w.sum()) - _q(y, v, tau2)))


def _solve_q(y: np.ndarray, v: np.ndarray, target: float) -> float:
    """The τ² ≥ 0 at which the generalised Q equals `target`; 0 where it is already below."""
    if _q(y, v, 0.0) <= target:
        return 0.0
    high = float(v.max() + np.var(y))
    while _q(y, v, high) > target:
        high *= 4
    return zero_between(lambda tau2: _q(y, v, tau2) - target, 0.0, high)


def _shares(ends: Ends, typical: float) -> Ends:
    """The ends of an interval of τ² as I²'s, in percent."""
    low, high = (float(100 * end / (end + typical)) for end in ends)
    return low, high


def _q_profile(y: np.ndarray, v: np.ndarray) -> Ends | None:
    low, high = chi2_quantile(0.975, y.size - 1), chi2_quantile(0.025, y.size - 1)
    if _q(y, v, 0.0) < high:
        return None
    return _solve_q(y, v, low), _solve_q(y, v, high)


def _tau2_se(v: np.ndarray, tau2: float, used: Estimator) -> float | None:
    if used == "FE":
        return None
    k = v.size
    w = 1 / (v + tau2) if used != "DL" else 1 / v
    weighed = _off_mean(w)
    trace_pp = float((weighed**2).sum())
    if used == "REML":
        return float(np.sqrt(2 / trace_pp))
    if used == "DL":
        trace = float(np.trace(weighed))
        spread = 2 * (k - 1) + 4 * tau2 * trace + 2 * tau2**2 * trace_pp
        return float(np.sqrt(spread) / trace)
    return float(np.sqrt(2 * k**2 / (k - 1)) / w.sum())
