"""Meta-analysis against metafor."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.methods.shared import meta
from tests.engine.methods.cases import close, expected

BCG = expected("bcg")
Y, SE = BCG["yi"], [math.sqrt(v) for v in BCG["vi"]]

studies = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=2, max_size=12)


@pytest.mark.parametrize("estimator", ["FE", "DL", "REML", "PM"])
@pytest.mark.parametrize(("test", "interval"), [("z", "normal"), ("knapp_hartung",) * 2])
def test_agrees_with_metafor(estimator, test, interval):
    if test not in BCG["random"][estimator]:
        assert estimator == "FE"
        return
    pooled = meta.pool(Y, SE, estimator=estimator, interval=interval)
    reference = BCG["random"][estimator][test]
    overall, heterogeneity = pooled.overall, pooled.heterogeneity
    close(overall.estimate, reference["estimate"], 1e-9)
    close(overall.se, reference["se"], 1e-9)
    close(overall.statistic, reference["stat"], 1e-9)
    close(overall.p_value, reference["p"], 1e-8)
    close(overall.ci, [reference["ci_lb"], reference["ci_ub"]], 1e-9)
    assert overall.df == reference["df"]
    close(heterogeneity.tau2, reference["tau2"], 1e-9)
    close(heterogeneity.i2, reference["I2"], 1e-9)
    close(heterogeneity.h2, reference["H2"], 1e-9)
    close(heterogeneity.q, reference["Q"], 1e-9)
    close(heterogeneity.q_p_value, reference["Q_p"], 1e-9)
    if estimator == "FE":
        assert heterogeneity.tau2_se is None
        assert overall.prediction_interval is None
    else:
        close(heterogeneity.tau2_se, reference["tau2_se"], 1e-9)
        close(overall.prediction_interval, reference["pi_t_kminus1"], 1e-9)


def test_intervals_of_heterogeneity_are_q_profile():
    heterogeneity = meta.pool(Y, SE).heterogeneity
    close(heterogeneity.tau2_ci, BCG["qprofile_ci_REML"]["tau2"][1:], 1e-9)
    close(heterogeneity.i2_ci, BCG["qprofile_ci_REML"]["I2"][1:], 1e-9)


def test_egger_and_leave_one_out():
    reference = BCG["egger_classic_lm_sei"]
    found = meta.egger(Y, SE)
    assert found is not None
    close(
        [found.statistic, found.df, found.p_value],
        [reference["t"], reference["df"], reference["p"]],
        1e-9,
    )
    left = meta.leave_one_out([str(k) for k in range(13)], Y, SE, interval="normal")
    reference = BCG["leave1out_REML"]
    close([row.overall.estimate for row in left], reference["estimate"])
    close([row.overall.se for row in left], reference["se"])
    close([row.heterogeneity.tau2 for row in left], reference["tau2"])
    close([row.heterogeneity.q for row in left], reference["Q"], 1e-9)


def test_between_groups_has_its_own_tau2_per_group():
    reference = BCG["subgroup_alloc"]["REML"]
    allocation = ["random"] * 4 + ["alternate"] * 2 + ["random"] * 3 + ["systematic"] * 4
    groups = [
        meta.pool(
            *zip(
                *[(y, se) for y, se, a in zip(Y, SE, allocation, strict=True) if a == g],
                strict=True,
            )
        )
        for g in reference["groups"]
    ]
    found = meta.between(groups)
    assert found is not None
    close(found.q, reference["Q_between_separate_tau2"])
    close(found.p_value, reference["p_separate"])


def test_few_studies():
    one = meta.pool([0.3], [0.1])
    assert one.overall.ci == one.overall.ci_normal
    assert one.overall.prediction_interval is None
    assert one.heterogeneity.i2 is None
    two = meta.pool([0.3, 0.5], [0.1, 0.2])
    assert two.overall.df == 1
    assert two.overall.prediction_interval is None
    assert meta.egger([0.3, 0.5], [0.1, 0.2]) is None
    assert meta.leave_one_out(["a", "b"], [0.3, 0.5], [0.1, 0.2]) == []
    assert meta.between([one]) is None


def test_equal_estimates_have_no_spread_and_say_that_the_interval_is_narrow():
    pooled = meta.pool([0.2, 0.2, 0.2], [0.1, 0.2, 0.3])
    assert pooled.heterogeneity.tau2 == 0
    assert pooled.narrower
    assert pooled.overall.statistic is None or math.isfinite(pooled.overall.statistic)


@pytest.mark.parametrize(
    ("y", "se"),
    [
        ([], []),
        ([1.0], [0.0]),
        ([1.0, 2.0], [0.1]),
        ([math.nan, 1.0], [1.0, 1.0]),
        ([1.0, 2.0], [0.1, math.inf]),
    ],
)
def test_refuses_what_it_cannot_pool(y, se):
    with pytest.raises(ValueError, match="standard error"):
        meta.pool(y, se)


@settings(deadline=None)
@given(studies)
def test_reml_is_where_the_restricted_likelihood_is_highest(pairs):
    y, se = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    found = meta.pool(y, se)

    def likelihood(tau2: float) -> float:
        w = 1 / (se**2 + tau2)
        mean = w @ y / w.sum()
        return 0.5 * (np.log(w).sum() - np.log(w.sum()) - w @ (y - mean) ** 2)

    tau2 = found.heterogeneity.tau2
    best = likelihood(tau2)
    for nearby in (tau2 * 1.01 + 1e-6, max(0.0, tau2 * 0.99 - 1e-6)):
        assert likelihood(nearby) <= best + 1e-9


def test_reml_is_the_highest_of_several_summits():
    """A search of the whole line is what the climbs must not fall short of."""
    draw = np.random.default_rng(6)
    line = np.concatenate([[0], np.geomspace(1e-6, 1e3, 400)])
    for _ in range(1000):
        k = int(draw.integers(2, 8))
        v = np.exp(draw.normal(-2, 1.5, k))
        y = draw.normal(0.3, np.sqrt(v + np.exp(draw.normal(-1, 1.2)) ** 2 * (draw.random() < 0.7)))
        found = meta.pool(y, np.sqrt(v))

        def likelihood(tau2, y=y, v=v):
            w = 1 / (v + np.atleast_1d(tau2)[:, None])
            mean = (w * y).sum(1) / w.sum(1)
            return 0.5 * (
                np.log(w).sum(1) - np.log(w.sum(1)) - (w * (y - mean[:, None]) ** 2).sum(1)
            )

        assert likelihood(found.heterogeneity.tau2)[0] >= likelihood(line).max() - 1e-7


@settings(deadline=None)
@given(studies, st.randoms())
def test_order_and_sign_of_studies_do_not_matter(pairs, random):
    mixed = list(pairs)
    random.shuffle(mixed)
    first = meta.pool(*zip(*pairs, strict=True))
    second = meta.pool(*zip(*mixed, strict=True))
    mirrored = meta.pool([-y for y, _ in pairs], [se for _, se in pairs])
    for one in (second.estimate, -mirrored.estimate):
        assert math.isclose(first.estimate, one, rel_tol=1e-7, abs_tol=1e-9)
    assert math.isclose(sum(first.weights), 100, rel_tol=1e-12)


@pytest.mark.parametrize("unit", [1e9, 1e-9])
@pytest.mark.parametrize("estimator", ["REML", "PM"])
def test_the_unit_that_an_outcome_is_measured_in_decides_nothing(estimator, unit):
    """Effects in mol/L are a billionth of those in nmol/L, and their τ² the square of that."""
    effects, errors = np.array([0.3, 0.9, 0.1, 0.7]), np.array([0.1, 0.12, 0.2, 0.15])
    usual = meta.pool(effects, errors, estimator=estimator)
    other = meta.pool(effects * unit, errors * unit, estimator=estimator)
    close(other.heterogeneity.tau2 / unit**2, usual.heterogeneity.tau2, 1e-9)
    close(other.heterogeneity.i2_ci, usual.heterogeneity.i2_ci, 1e-9)
    close(other.overall.p_value, usual.overall.p_value, 1e-9)


def test_an_empty_q_profile_has_no_bounds():
    """R: `confint(rma(c(0.10, 0.101, 0.099, 0.1005), sei = c(0.2, 0.3, 0.25, 0.4)))`, which says
    that the bounds "both fall below 0" and the intervals are "equal to the null/empty set"."""
    spread = meta.pool([0.10, 0.101, 0.099, 0.1005], [0.2, 0.3, 0.25, 0.4]).heterogeneity
    close(spread.q, 2.86202998572109e-05, 1e-9)
    assert (spread.tau2, spread.i2) == (0.0, 0.0)
    assert (spread.tau2_ci, spread.i2_ci) == (None, None)


@pytest.mark.parametrize("ratio", [1e-4, 1e-7, 1e-10])
def test_a_study_far_more_precise_than_another_hides_no_heterogeneity(ratio):
    """Of two studies everything has a closed form: v is what their variances are on average."""
    se, v = [ratio, 1.0], (ratio**2 + 1) / 2
    found = meta.pool([0.0, 5.0], se).heterogeneity
    tau2 = 12.5 - v
    close(found.tau2, tau2, 1e-9)
    close(found.i2, 100 * tau2 / (tau2 + v), 1e-9)
    close(found.h2, tau2 / v + 1, 1e-9)
    close(found.tau2_se, math.sqrt(2) * (tau2 + v), 1e-9)


@pytest.mark.parametrize(
    ("estimates", "errors"),
    [
        (
            (-1450.4574666106855, 522.5604579626782),
            (3.8852003560012015e-07, 5.021099123901783e-06),
        ),
        (
            (514.0302032727346, -459.336668992736, 916.6396372965175),
            (7.561607104271511e-06, 1.5454906068543976e-09, 4.1871365095108435e-09),
        ),
        (
            (
                1252.9274152196217,
                -379.2553996997321,
                -490.12678673685514,
                276.23373329825256,
                -250.82713147801817,
                1755.5224494706827,
                -583.5669343432158,
            ),
            (
                3.4691538758916846e-08,
                2.105126761817137e-09,
                2.893859618618222e-07,
                2.1533988345783823e-06,
                2.4083828899007816e-06,
                1.7324377077004198e-06,
                5.592419871258341e-10,
            ),
        ),
    ],
)
def test_studies_far_apart_for_their_errors_have_their_own_spread(estimates, errors):
    close(meta.pool(estimates, errors).heterogeneity.tau2, np.var(estimates, ddof=1), 1e-9)
