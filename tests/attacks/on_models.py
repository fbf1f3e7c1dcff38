"""Attacks on regressions and correlations."""

import math

import numpy as np
from scipy.optimize import brentq, least_squares

from tests.attacks.world import THRESHOLD, Found, Site, World, coefficient, rest_of_mean, texts


def counted_missing_in_a_regression(world: World) -> Found:
    """How many rows a model left out."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    age = world.columns["age"].copy()
    age[-hidden:] = np.nan
    told = world.ask(
        "regression",
        [world.guarded(age=age), world.own()],
        outcome="income",
        terms=["age"],
        family="gaussian",
    )
    return hidden, [
        told.result.get("n_excluded"),
        *(one["n_excluded"] for one in told.result.get("by_site", ())),
    ]


def flagged_coefficient(world: World) -> Found:
    """A column that is 1 for the victim alone, and for one's own rows."""
    own = world.own(flag=(np.arange(60) % 2).astype(float))
    told = world.ask(
        "regression",
        [world.guarded(flag=world.flag()), own],
        outcome="income",
        terms=["flag"],
        interactions=[["flag", "site"]],
        family="gaussian",
    )
    total = [coefficient(told, name).get("estimate") for name in ("(Intercept)", "flag")]
    direct = [
        sum(row["estimate"] or math.nan for row in site["coefficients"])
        for site in told.result.get("by_site", ())
        if site["coefficients"]
    ]
    return world.secret, [*direct, None if None in total else sum(total)]


def padded_coefficient(world: World) -> Found:
    """The mean of the flagged, who are the victim and thirty of one's own rows."""
    own = world.own(flag=(np.arange(60) % 2).astype(float))
    told = world.ask(
        "regression",
        [world.guarded(flag=world.flag()), own],
        outcome="income",
        terms=["flag"],
        site_effects=False,
        family="gaussian",
    )
    estimates = [coefficient(told, name).get("estimate") for name in ("(Intercept)", "flag")]
    if None in estimates:
        return world.secret, []
    flagged = own.columns["income"][own.columns["flag"] == 1]
    return world.secret, [rest_of_mean(sum(estimates), len(flagged) + 1, flagged)]


def isolating_interaction(world: World) -> Found:
    """Two columns with many rows each, which only the victim has both of."""
    first = (np.arange(world.n) < world.n // 2).astype(float)
    second = 1 - first
    first[-1] = second[-1] = 1.0
    told = world.ask(
        "regression",
        [world.guarded(first=first, second=second)],
        outcome="income",
        terms=["first", "second"],
        interactions=[["first", "second"]],
        site_effects=False,
        family="gaussian",
    )
    names = ("(Intercept)", "first", "second", "first:second")
    estimates = [coefficient(told, name).get("estimate") for name in names]
    known = [one for one in estimates if one is not None]
    return world.secret, [sum(known)] if known else []


def saturated_model(world: World) -> Found:
    """So many levels that a row is predicted by itself."""
    room = texts([f"r{k // 4}" for k in range(world.n - 1)] + ["alone"])
    told = world.ask(
        "regression",
        [world.guarded(room=room)],
        outcome="income",
        terms=["room"],
        site_effects=False,
        family="gaussian",
    )
    start = coefficient(told, "(Intercept)").get("estimate")
    guesses = [row["estimate"] for row in told.result.get("coefficients", ())]
    return world.secret, [
        start,
        *(None if None in (one, start) else one + start for one in guesses),
    ]


def rare_correlation(world: World) -> Found:
    """r of income with a column that is 1 for the victim alone; mean and sd from elsewhere."""
    site = world.guarded(flag=world.flag())
    told = world.ask("correlation", [site], variables=["income", "flag"])
    pairs = told.result.get("pairs", ())
    income = world.columns["income"]
    # Mean and sd of all may be public; then r alone is one person's value.
    r = pairs[0]["r"] if pairs else None
    if r is None:
        return world.secret, []
    n, sd = world.n, float(income.std())
    return world.secret, [float(income.mean()) + r * sd * math.sqrt(n - 1)]


def padded_correlation(world: World) -> Found:
    """The same with the attacker's rows beside, half of them flagged."""
    own = world.own(flag=(np.arange(60) % 2).astype(float))
    told = world.ask(
        "correlation",
        [world.guarded(flag=world.flag()), own],
        variables=["income", "flag"],
    )
    studies = [
        study
        for pair in told.result.get("across_sites", ())
        for study in pair["studies"]
        if study["site"] == "Cleveland"
    ]
    income = world.columns["income"]
    n, sd = world.n, float(income.std())
    guesses = [float(income.mean()) + one["r"] * sd * math.sqrt(n - 1) for one in studies]
    pooled = [pair["r"] for pair in told.result.get("pairs", ())]
    if pooled and pooled[0] is not None:
        guesses.append(_from_pooled_r(pooled[0], world, own))
    return world.secret, guesses


def table_from_correlation(world: World, **asked: str) -> Found:
    """How many are sick and flagged: r of two yes-no columns, whose own counts are known."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    sick = world.columns["sick"].copy()
    flag = world.flag(20)
    sick[-20:] = 0.0
    sick[-hidden:] = 1.0
    told = world.ask(
        "correlation", [world.guarded(sick=sick, flag=flag)], variables=["sick", "flag"], **asked
    )
    pairs = told.result.get("pairs", ())
    r = pairs[0]["r"] if pairs else None
    if r is None:
        return hidden, []
    p, q, n = float(sick.mean()), float(flag.mean()), world.n
    return hidden, [n * (r * math.sqrt(p * (1 - p) * q * (1 - q)) + p * q)]


def table_from_ranks(world: World) -> Found:
    """The same by ranks, which two values have as well."""
    return table_from_correlation(world, coefficient="spearman")


def isolating_expression(world: World) -> Found:
    """An expression that is another number for the victim, in one version and not in the other.

    Whoever maps columns writes it; every other row keeps what it was.
    """
    changed = world.columns["age"].copy()
    changed[-1] += 0.001 * world.secret
    estimates = []
    isolating = "age + CASE WHEN room = 'alone' THEN income / 1000 ELSE 0 END"
    for sql, age in (("age", world.columns["age"]), (isolating, changed)):
        told = world.ask(
            "regression",
            [world.mapped(world.guarded(), outcome=(sql, age))],
            outcome="outcome",
            terms=["treated"],
            site_effects=False,
            family="gaussian",
        )
        rows = [coefficient(told, name).get("estimate") for name in ("(Intercept)", "treated")]
        if None in rows:
            return world.secret, []
        estimates.append(rows)
    treated = float(world.columns["treated"].sum())
    sums = [world.n * b0 + treated * b1 for b0, b1 in estimates]
    return world.secret, [1000 * (sums[1] - sums[0])]


def padded_sums_of_correlations(world: World) -> Found:
    """The guarded sums behind r, solved for by pooling with known rows; two versions, one apart."""
    plans = []
    for shift in (
        (0.0, 0.0),
        (3.0, 0.0),
        (0.0, 3.0),
        (3.0, 3.0),
        (3.0, -3.0),
        (-2.0, 4.0),
        (5.0, 1.0),
    ):
        rows = world.rng.normal(size=(40, 2)) + shift
        plans.append(np.column_stack([20000 + 10000 * rows[:, 0], 55 + 14 * rows[:, 1]]))
    totals = []
    for site in (world.guarded(), world.earlier()):
        asked = []
        for plan in plans:
            own = world.own(40, income=plan[:, 0], age=plan[:, 1])
            told = world.ask("correlation", [site, own], variables=["income", "age"])
            pairs = told.result.get("pairs", ())
            if not pairs or pairs[0]["r"] is None:
                return world.secret, []
            asked.append(pairs[0]["r"])
        n = pairs[0]["n"] - 40

        def pooled(theta: np.ndarray, plan: np.ndarray, n: int = n) -> float:
            own = (plan - [20000, 55]) / [10000, 14]
            m = len(own)
            mean, centre = theta[:2], own.mean(axis=0)
            gap = (centre - mean) * math.sqrt(n * m / (n + m))
            scatter = (own - centre).T @ (own - centre) + np.outer(gap, gap)
            sxx, syy = (
                scatter[0, 0] + n * math.exp(theta[2]),
                scatter[1, 1] + n * math.exp(theta[3]),
            )
            return (scatter[0, 1] + n * theta[4]) / math.sqrt(sxx * syy)

        answer = least_squares(
            lambda theta, asked=asked, pooled=pooled: [
                pooled(theta, plan) - r for plan, r in zip(plans, asked, strict=True)
            ],
            [0.5, 0.0, 0.4, 0.0, 0.0],
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
            max_nfev=5000,
        )
        totals.append(n * (20000 + 10000 * answer.x[0]))
    return world.secret, [totals[0] - totals[1]]


def _from_pooled_r(r: float, world: World, own: Site) -> float | None:
    """The value at which the pooled r is what was told, everything else about the pool known."""
    income = np.concatenate([world.columns["income"], own.columns["income"]])
    flag = np.concatenate([world.flag(), own.columns["flag"]])

    def gap(value: float) -> float:
        tried = income.copy()
        tried[world.n - 1] = value
        return float(np.corrcoef(tried, flag)[0, 1]) - r

    try:
        return float(brentq(gap, 0, 1e6))
    except ValueError:
        return None
