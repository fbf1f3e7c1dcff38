"""The attacks: each answers with a secret and the guesses it came to."""

import math
import secrets
from collections.abc import Sequence

import numpy as np

from tests.attacks.world import (
    THRESHOLD,
    Site,
    Told,
    World,
    coefficient,
    group,
    texts,
    variable,
)

Found = tuple[float, Sequence[float | None]]


def padded_mean_by_group(world: World) -> Found:
    """A group of the victim and one's own rows: their mean, less what one brought."""
    mark = texts(["x" if one else "y" for one in world.flag()])
    own = world.own(mark="x")
    told = world.ask("describe", [world.guarded(mark=mark), own], variables=["income"], by="mark")
    part = group(told, "income", "x")
    return world.secret, [_rest(part.get("mean"), part.get("n"), own.columns["income"])]


def padded_mean_by_site_pair(world: World) -> Found:
    """Everybody's mean, less one's own rows, times n, from two versions."""
    own = world.own()
    sums = []
    for one in (world.guarded(), world.earlier()):
        whole = variable(world.ask("describe", [one, own], variables=["income"]), "income")
        overall = whole["overall"]
        sums.append((overall["mean"] or 0) * (overall["n"] or 0))
    return world.secret, [sums[0] - sums[1]]


def differenced_means(world: World) -> Found:
    """The mean of two versions, one row apart, with the number of rows known."""
    means = [_mean(world, [one]) for one in (world.guarded(), world.earlier())]
    if None in means:
        return world.secret, []
    n = world.n
    return world.secret, [n * means[0] - (n - 1) * means[1]]


def differenced_spreads(world: World) -> Found:
    """Mean and sd of two versions: two equations for one value."""
    parts = []
    for one in (world.guarded(), world.earlier()):
        parts.append(
            variable(world.ask("describe", [one], variables=["income"]), "income")["overall"]
        )
    squares = []
    for n, part in zip((world.n, world.n - 1), parts, strict=True):
        if part.get("mean") is None or part.get("sd") is None:
            return world.secret, []
        squares.append((n - 1) * part["sd"] ** 2 + n * part["mean"] ** 2)
    gap = squares[0] - squares[1]
    return world.secret, [math.sqrt(gap)] if gap > 0 else []


def few_valued_moments(world: World) -> Found:
    """How many have 2 of 0, 1 and 2: from mean and sd."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    visits = world.columns["visits"].copy()
    visits[-hidden:] = 2.0
    told = world.ask("describe", [world.guarded(visits=visits)], variables=["visits"])
    part = variable(told, "visits")["overall"]
    if part.get("mean") is None or part.get("sd") is None:
        return hidden, []
    n = world.n
    total = n * part["mean"]
    squares = (n - 1) * part["sd"] ** 2 + n * part["mean"] ** 2
    return hidden, [(squares - total) / 2]


def counted_rare_level(world: World) -> Found:
    """A rare level, padded with thirty of one's own."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    ward = world.columns["ward"].copy()
    ward[-hidden:] = "rare"
    own = world.own(30, ward="rare")
    told = world.ask("describe", [world.guarded(ward=ward), own], variables=["ward"])
    counts = {one["value"]: one["n"] for one in variable(told, "ward")["overall"]["counts"]}
    return hidden, [(counts.get("rare") or 0) - 30]


def counted_missing(world: World) -> Found:
    """How many lack an income: rows less n."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    income = world.columns["income"].copy()
    income[-hidden:] = np.nan
    told = world.ask("describe", [world.guarded(income=income)], variables=["income"])
    part = variable(told, "income")["overall"]
    return hidden, [part.get("missing"), world.n - (part.get("n") or math.nan)]


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


def linked_tables(world: World) -> Found:
    """A cell of ward by sick: the margin of one question less the groups of another."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    ward, sick = world.columns["ward"].copy(), world.columns["sick"].copy()
    sick[ward == "west"] = 0.0
    sick[np.flatnonzero(ward == "west")[:hidden]] = 1.0
    site = world.guarded(sick=sick, ill=texts(["yes" if one else "no" for one in sick]))
    margin = world.ask("describe", [site], variables=["ill"])
    crossed = world.ask("describe", [site], variables=["ill"], by="ward")
    total = _count(variable(margin, "ill").get("overall", {}), "yes")
    others = [_count(group(crossed, "ill", name), "yes") for name in ("north", "south", "east")]
    guesses = [_count(group(crossed, "ill", "west"), "yes")]
    if total is not None and None not in others:
        guesses.append(total - sum(others))
    turned = world.ask("describe", [site], variables=["ward"], by="ill")
    guesses.append(_count(group(turned, "ward", "yes"), "west"))
    return hidden, guesses


def extremes(world: World) -> Found:
    """The largest income, far beyond all others, among all numbers of the answer."""
    income = world.columns["income"].copy()
    income[-1] = float(np.round(income[:-1].max() * world.rng.uniform(1.4, 2.2), 2))
    site = world.guarded(income=income)
    told = world.ask("describe", [site], variables=["income"], by="ward")
    return float(income[-1]), list(told.numbers())


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
    return world.secret, [_rest(sum(estimates), len(flagged) + 1, flagged)]


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
    room = texts([f"r{k // 2}" for k in range(world.n - 1)] + ["alone"])
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


def table_from_correlation(world: World) -> Found:
    """How many are sick and flagged: r of two yes-no columns, whose own counts are known."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    sick = world.columns["sick"].copy()
    flag = world.flag(20)
    sick[-20:] = 0.0
    sick[-hidden:] = 1.0
    told = world.ask(
        "correlation", [world.guarded(sick=sick, flag=flag)], variables=["sick", "flag"]
    )
    pairs = told.result.get("pairs", ())
    r = pairs[0]["r"] if pairs else None
    if r is None:
        return hidden, []
    p, q, n = float(sick.mean()), float(flag.mean()), world.n
    return hidden, [n * (r * math.sqrt(p * (1 - p) * q * (1 - q)) + p * q)]


def likely_missing_code(world: World) -> Found:
    """A value far from all others, which a warning points out."""
    code = -float(world.rng.integers(10**6, 10**7))
    income = world.columns["income"].copy()
    income[-3:] = code
    site = world.guarded(income=income)
    guesses: list[float] = []
    for method, asked in _of_every_method("income").items():
        told = world.ask(method, [site, world.own()], **asked)
        for word in " ".join(told.texts).replace(",", "").split():
            try:
                guesses.append(float(word))
            except ValueError:
                continue
        guesses += told.numbers()
    return code, guesses


def differenced_regressions(world: World) -> Found:
    """X'X and X'y from estimates, errors and n of two versions, one row apart."""
    sums = []
    for one in (world.guarded(), world.earlier()):
        told = world.ask(
            "regression",
            [one],
            outcome="income",
            terms=["age"],
            site_effects=False,
            family="gaussian",
        )
        rows = [coefficient(told, name) for name in ("(Intercept)", "age")]
        if any(row.get("estimate") is None for row in rows) or not told.result.get("n"):
            return world.secret, []
        variance = told.result["deviance"] / told.result["df_residual"]
        n = told.result["n"]
        first, second = (row["se"] ** 2 / variance for row in rows)
        determinant = n / second
        squares = first * determinant
        total = math.sqrt(n * squares - determinant)
        sums.append(n * rows[0]["estimate"] + total * rows[1]["estimate"])
    return world.secret, [sums[0] - sums[1]]


def isolating_expression(world: World) -> Found:
    """An expression that is another number for the victim, in one version and not in the other.

    Whoever maps columns writes it; every other row keeps what it was.
    """
    changed = world.columns["age"].copy()
    changed[-1] += 0.001 * world.secret
    estimates = []
    for age in (world.columns["age"], changed):
        told = world.ask(
            "regression",
            [world.guarded(outcome=age)],
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
    from scipy.optimize import least_squares

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


def telling_names(world: World) -> tuple[str, list[str]]:
    """A rare level's name, in anything that any method answers, warns or fails with."""
    name = f"diagnosis-{secrets.token_hex(6)}"
    ward = world.columns["ward"].copy()
    ward[-2:] = name
    site = world.guarded(ward=ward)
    everything = []
    for sites in ([site], [site, world.own()]):
        for method, asked in _of_every_method("ward").items():
            everything.append(world.ask(method, sites, **asked).everything)
            asked = asked | {"by": "ward"} if method == "describe" else asked
            everything.append(world.ask(method, sites, **asked).everything)
    return name, everything


def telling_errors(world: World) -> list[tuple[str, ...]]:
    """What is said where three patients share an outcome, a treatment, or everybody does."""
    said = []
    for rows in (0, 1, 3, world.n - 1, world.n):
        flag = world.flag(rows)
        asked = {"outcome": "flag", "terms": ["age"], "family": "binomial", "site_effects": False}
        said.append(world.ask("regression", [world.guarded(flag=flag)], **asked).texts)
        asked = {"outcome": "sick", "terms": ["flag"], "family": "binomial", "site_effects": False}
        said.append(world.ask("regression", [world.guarded(flag=flag)], **asked).texts)
    return said


def telling_separation(world: World) -> Told:
    """Thirty share a treatment, and all of them are sick."""
    sick = world.columns["sick"].copy()
    sick[-30:] = 1.0
    return world.ask(
        "regression",
        [
            world.guarded(sick=sick, flag=world.flag(30)),
            world.own(flag=(np.arange(60) % 4 < 2).astype(float)),
        ],
        outcome="sick",
        terms=["flag"],
        family="binomial",
    )


def _of_every_method(name: str) -> dict[str, dict[str, object]]:
    """A question of each method that has this variable in it."""
    others = [one for one in ("age", "treated") if one != name]
    numbers = [name, *others] if name != "ward" else others
    return {
        "describe": {"variables": [name, *others]},
        "correlation": {"variables": numbers},
        "regression": {"outcome": "sick", "terms": [name, *others], "family": "binomial"},
    }


def _mean(world: World, sites: list[Site]) -> float | None:
    told = world.ask("describe", sites, variables=["income"])
    return variable(told, "income").get("overall", {}).get("mean")


def _rest(mean: float | None, n: int | None, own: np.ndarray) -> float | None:
    if mean is None or n is None or n <= len(own):
        return None
    return (mean * n - float(own.sum())) / (n - len(own))


def _count(part: dict, level: str) -> float | None:
    counts = {one["value"]: one["n"] for one in part.get("counts") or ()}
    return counts.get(level)


def _from_pooled_r(r: float, world: World, own: Site) -> float | None:
    """The value at which the pooled r is what was told, everything else about the pool known."""
    from scipy.optimize import brentq

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
