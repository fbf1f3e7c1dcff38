"""Attacks on answers of data that were open when they were made, by who reads no rows now."""

from collections.abc import Sequence
from itertools import chain, combinations

import numpy as np

from datasets.engine.guard.rules import OPEN
from tests.attacks.on_sets import sum_of_income
from tests.attacks.world import Found, Site, Told, World, texts, variable


def differenced_regressions(world: World) -> Found:
    """The victim's income, from two regressions of which one lacks the victim."""
    sums = [sum_of_income(one) for one in _with_and_without(world, "regression")]
    return world.secret, [] if None in sums else [sums[0] - sums[1]]


def correlated_with_known_others(world: World) -> Found:
    """The same of one correlation: with which income of the victim the others' would give it."""
    told, _ = _with_and_without(world, "correlation")
    r = told.result["pairs"][0]["r"]
    if r is None:
        return world.secret, []
    income, age = world.columns["income"][:-1], world.columns["age"]
    tried = np.geomspace(2e3, 5e5, 3000)
    columns = np.column_stack([np.tile(income, (tried.size, 1)), tried])
    gaps = columns - columns.mean(axis=1, keepdims=True)
    off = gaps @ (age - age.mean()) / (gaps.std(axis=1) * age.std() * world.n) - r
    return world.secret, tried[:-1][np.diff(np.sign(off)) != 0].tolist()


def described_without_one(world: World) -> Found:
    """The same of two means, and of the numbers of rows."""
    told = [variable(one, "income")["overall"] for one in _with_and_without(world, "describe")]
    means = [one["mean"] for one in told]
    if None in means:
        return world.secret, []
    return world.secret, [world.n * means[0] - (world.n - 1) * means[1]]


def quantile_far_out(world: World) -> Found:
    """The value of whoever stands at the 99 % quantile."""
    n = 601
    income = np.round(world.rng.lognormal(10, 0.6, n), 2)
    told = world.read(
        "describe", [Site("Cleveland", {"income": income}, OPEN)], variables=["income"]
    )
    quantile = variable(told, "income")["overall"]["quantiles"]["0.99"]
    return float(np.sort(income)[round(0.99 * (n - 1))]), [quantile]


def settled_by_one(world: World) -> Found:
    """Whoever is treated is sick, in half of the worlds; alone, and beside another open site."""
    treated, sick = world.columns["treated"].copy(), world.columns["sick"].copy()
    treated[-1] = 1.0
    if world.rng.random() < 0.5:
        sick[treated == 1] = 1.0
    site = Site("Cleveland", world.columns | {"treated": treated, "sick": sick}, OPEN)
    asked = {"outcome": "sick", "terms": ["treated", "age"], "family": "binomial"}
    guesses: list[float] = []
    for sites in ([site], [site, Site("Basel", world.own(120).columns, OPEN)]):
        told = world.read("regression", sites, **asked)
        of_sites = [one["method"] for one in told.result.get("by_site", ())]
        if "firth" in (told.result.get("method"), *of_sites) or "infinite" in told.everything:
            guesses.append(1.0)
    return float(sick[-1]), guesses


def following_at_one_site(world: World) -> Found:
    """A diagnosis that is the same as a known treatment at one of two sites, in half of worlds."""
    follows = world.rng.random() < 0.5
    hidden = world.columns["treated"] if follows else world.columns["sick"]
    other = world.own(120)
    told = world.read(
        "regression",
        [
            Site("Cleveland", world.columns | {"hidden": hidden}, OPEN),
            Site("Basel", other.columns | {"hidden": other.columns["sick"]}, OPEN),
        ],
        outcome="age",
        terms=["treated", "hidden"],
        family="gaussian",
    )
    is_told = "told apart" in told.everything
    return float(hidden[-1]), [float(world.columns["treated"][-1])] if is_told else []


def pooled_fives(world: World) -> Found:
    """How many have a rare level, from pools with sites whose rows the attacker reads."""
    hidden = int(world.rng.integers(1, 5))
    ward = world.columns["ward"].copy()
    ward[-hidden:] = "rare"
    cleveland = Site("Cleveland", world.columns | {"ward": ward}, OPEN)
    others = [_with_rare(world, k) for k in range(5)]
    possible = set(range(1, 5))
    for some in chain.from_iterable(combinations(others, k) for k in range(1, len(others) + 1)):
        read = world.read("describe", [cleveland, *some], variables=["ward"])
        counts = variable(read, "ward")["overall"]["counts"]
        rare = next((one["n"] for one in counts if one["value"] == "rare"), None)
        if rare is not None:
            own = sum(int((one.columns["ward"] == "rare").sum()) for one in some)
            possible = {n for n in possible if abs(rare - own - n) <= 2}
    return float(hidden), sorted(possible) if len(possible) == 1 else []


def _with_rare(world: World, number: int) -> Site:
    rows, rare = int(world.rng.integers(60, 200)), int(world.rng.integers(8, 30))
    ward = texts(["rare"] * rare + ["north"] * (rows - rare))
    return Site(f"Own {number}", world.own(rows).columns | {"ward": ward}, OPEN)


def _with_and_without(world: World, method: str) -> Sequence[Told]:
    """The same question of all rows and of all but the victim's."""
    asked = {
        "regression": {
            "outcome": "income",
            "terms": ["age"],
            "site_effects": False,
            "family": "gaussian",
        },
        "correlation": {"variables": ["income", "age"]},
        "describe": {"variables": ["income"]},
    }[method]
    whole = Site("Cleveland", world.columns, OPEN)
    before = Site("Cleveland", {name: v[:-1] for name, v in world.columns.items()}, OPEN)
    return [world.read(method, [one], **asked) for one in (whole, before)]
