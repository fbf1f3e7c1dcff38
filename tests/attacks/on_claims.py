"""Attacks on what an answer claims of every row, and of the few rows that an estimate rests on."""

import math

import numpy as np

from tests.attacks.world import THRESHOLD, Found, Site, Told, World, coefficient, variable


def following_column(world: World) -> Found:
    """A diagnosis that is the same as a known treatment for everybody, in half of the worlds."""
    follows = world.rng.random() < 0.5
    hidden = world.columns["treated"] if follows else world.columns["sick"]
    told = _asked(world, [world.guarded(hidden=hidden)], "age", ["treated", "hidden"])
    lost = [row["term"] for row in told.result.get("coefficients", ()) if row["estimate"] is None]
    return float(hidden[-1]), [float(world.columns["treated"][-1])] if lost else []


def perfect_fit(world: World) -> Found:
    """A number that follows from a known one: whoever has the rule has everybody's."""
    start, slope = world.rng.integers(2, 90, 2)
    hidden = 100.0 * start + slope * world.columns["age"]
    told = _asked(world, [world.guarded(hidden=hidden)], "hidden", ["age", "treated"])
    return float(hidden[-1]), [_predicted(told, world)]


def nearly_perfect_fit(world: World) -> Found:
    """The same with a little noise on it."""
    start, slope = world.rng.integers(2, 90, 2)
    hidden = 100.0 * start + slope * world.columns["age"]
    hidden = hidden + world.rng.normal(0, 0.03, world.n) * hidden.std()
    told = _asked(world, [world.guarded(hidden=hidden)], "hidden", ["age", "treated"])
    return float(hidden[-1]), [_predicted(told, world)]


def perfect_correlation(world: World) -> Found:
    """The same by a correlation, and by means and spreads from elsewhere."""
    start, slope = world.rng.integers(2, 90, 2)
    age = world.columns["age"]
    site = world.guarded(hidden=100.0 * start + slope * age)
    told = world.ask("correlation", [site], variables=["age", "hidden"])
    pairs = told.result.get("pairs", ())
    hidden = float(site.columns["hidden"][-1])
    if not pairs or (pairs[0]["r"] or 0.0) < 0.99:
        return hidden, []
    told = world.ask("describe", [site], variables=["hidden"])
    whole = variable(told, "hidden")["overall"]
    return hidden, [whole["mean"] + whole["sd"] * float((age[-1] - age.mean()) / age.std(ddof=1))]


def few_rows_apart(world: World) -> Found:
    """How many were treated and not told so: the error of what tells two columns apart."""
    apart = int(world.rng.integers(1, THRESHOLD))
    late = world.columns["treated"].copy()
    late[np.flatnonzero(late == 1)[:apart]] = 0.0
    told = _asked(world, [world.guarded(late=late)], "age", ["treated", "late"])
    row, sigma = coefficient(told, "late"), told.result.get("sigma")
    if row.get("se") is None or not sigma:
        return apart, []
    treated = float(world.columns["treated"].sum())
    return apart, [float(round(1 / ((row["se"] / sigma) ** 2 - 1 / treated)))]


def settled_by_two(world: World) -> Found:
    """Whoever has both of two known things is sick, in half of the worlds, and nobody's chance."""
    first, second = world.columns["treated"].copy(), world.columns["visits"].copy()
    first[-1] = second[-1] = 1.0
    sick = world.columns["sick"].copy()
    settled = world.rng.random() < 0.5
    if settled:
        sick[(first == 1) & (second == 1)] = 1.0
    site = world.guarded(treated=first, visits=second, sick=sick)
    told = world.ask(
        "regression",
        [site],
        outcome="sick",
        terms=["treated", "visits"],
        interactions=[["treated", "visits"]],
        family="binomial",
        site_effects=False,
    )
    return float(sick[-1]), [1.0] if _tells_of_every_row(told) else []


def settled_by_a_number(world: World) -> Found:
    """Everybody over an age is sick and nobody under it; alone, and beside rows of one's own."""
    age = world.columns["age"]
    sick = (age > np.median(age)).astype(float)
    if world.rng.random() < 0.5:
        swapped = world.rng.random(world.n) < 0.3
        sick[swapped] = 1.0 - sick[swapped]
    site = world.guarded(sick=sick)
    guesses = []
    for sites in ([site], [site, world.own()]):
        told = world.ask("regression", sites, outcome="sick", terms=["age"], family="binomial")
        if _tells_of_every_row(told):
            guesses.append(float(age[-1] > np.median(age)))
    return float(sick[-1]), guesses


def dominated_level(world: World) -> Found:
    """Five share a ward; of four of them one knows the costs, and the fifth's are very high."""
    n = 20_000
    costs = world.rng.normal(100, 10, n)
    costs[-1] = 100 + 10 * world.rng.uniform(90, 130)
    ward = np.zeros(n)
    ward[-5:] = 1.0
    site = Site("Cleveland", {"costs": costs, "ward": ward}, world.rules)
    told = _asked(world, [site], "costs", ["ward"])
    estimates = [coefficient(told, name).get("estimate") for name in ("(Intercept)", "ward")]
    if None in estimates:
        return float(costs[-1]), []
    return float(costs[-1]), [5 * sum(estimates) - float(costs[-5:-1].sum())]


def effect_at_a_level(world: World) -> Found:
    """The difference of two groups' means, to the last digit, from a model with an interaction.

    The site has nobody at the reference level. Of the twelve in both groups one knows all but the
    victim.
    """
    site = _with_small_groups(world)
    told = world.ask(
        "regression",
        [site, world.own(ward="north")],
        outcome="income",
        terms=["treated", "ward"],
        interactions=[["treated", "ward"]],
        reference={"ward": "north"},
        family="gaussian",
        exposure="treated",
    )
    income, treated = site.columns["income"], site.columns["treated"]
    small = site.columns["ward"] == "small"
    one, other = income[small & (treated == 1)], income[small & (treated == 0)]
    shown = (told.result.get("answer") or {}).get("by") or ()
    guesses = []
    for level in shown:
        if level["level"] == "small" and level["estimate"] is not None:
            total = len(one) * (level["estimate"] + float(other.mean()))
            guesses.append(total - float(one[:-1].sum()))
    return float(income[-1]), guesses


def _with_small_groups(world: World) -> Site:
    """Twelve in a ward of their own, of whom the victim is treated, and nobody in the north."""
    ward = world.columns["ward"].copy()
    treated = world.columns["treated"].copy()
    ward[ward == "north"] = "east"
    ward[-12:] = "small"
    treated[-12:] = [0.0] * 6 + [1.0] * 6
    return world.guarded(ward=ward, treated=treated)


def _asked(world: World, sites: list[Site], outcome: str, terms: list[str]) -> Told:
    return world.ask(
        "regression",
        sites,
        outcome=outcome,
        terms=terms,
        site_effects=False,
        family="gaussian",
    )


def _predicted(told: Told, world: World) -> float | None:
    rows = {row["term"]: row["estimate"] for row in told.result.get("coefficients", ())}
    if not rows or None in rows.values():
        return None
    known = {"(Intercept)": 1.0} | {k: float(v[-1]) for k, v in world.columns.items() if k in rows}
    return sum(estimate * known[term] for term, estimate in rows.items())


def _tells_of_every_row(told: Told) -> bool:
    """Whether an answer says that an estimate is infinite, in words or by leaving it out."""
    result = told.result
    by_site = [row for one in result.get("by_site", ()) for row in one["coefficients"]]
    rows = [*result.get("coefficients", ()), *by_site]
    return bool(
        result.get("separation")
        or result.get("method") == "firth"
        or any(row["estimate"] is None for row in rows)
        or any("without overlap" in text or "Firth" in text for text in told.texts)
        or any(math.exp(min(abs(row["estimate"] or 0), 50)) > 1e6 for row in rows)
    )
