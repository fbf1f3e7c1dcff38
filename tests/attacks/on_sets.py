"""Attacks by subtracting answers about sets of rows that differ by the victim alone."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.attacks.world import THRESHOLD, Found, Site, Told, World, coefficient

GAUSSIAN = {"family": "gaussian", "site_effects": False}


def differenced_regressions(world: World) -> Found:
    """X'X and X'y from estimates, errors and n of two versions, one row apart."""
    return _differenced(world, (world.earlier(), "age"), (world.guarded(), "age"))


def differenced_with_a_colleague(world: World) -> Found:
    """The same, the newer version asked for first, beside rows of one's own in one of them."""
    own = world.own()
    sums = [
        sum_of_income(_asked(world, [site], "age")) for site in (world.guarded(), world.earlier())
    ]
    pooled = sum_of_income(_asked(world, [world.guarded(), own], "age"))
    if None in (*sums, pooled):
        return world.secret, []
    rest = pooled - float(own.columns["income"].sum())
    return world.secret, [sums[0] - sums[1], rest - sums[1]]


def differenced_variables(world: World) -> Found:
    """One version; of two variables that say the same one is missing for the victim."""
    incomplete = world.columns["age"].copy()
    incomplete[-1] = np.nan
    site = world.guarded(aged=incomplete)
    return _differenced(world, (site, "aged"), (site, "age"))


def differenced_among_other_changes(world: World) -> Found:
    """Between the versions every other column changed for everybody, and even the order."""
    order = world.rng.permutation(world.n)
    later = {name: values[order] for name, values in world.columns.items()}
    later |= {name: later[name][::-1] for name in ("ward", "visits", "treated")}
    return _differenced(world, (world.earlier(), "age"), (world.guarded(**later), "age"))


def differenced_after_ages_moved(world: World) -> Found:
    """Between the versions everybody's age was written in another way, and incomes stayed."""
    aged = world.columns["age"] + world.rng.uniform(-0.4, 0.4, world.n)
    return _differenced(world, (world.earlier(), "age"), (world.guarded(age=aged), "age"))


def differenced_correction(world: World) -> Found:
    """The victim's income was known to be 0 and was then corrected."""
    before = world.columns["income"].copy()
    before[-1] = 0.0
    return _differenced(world, (world.guarded(income=before), "age"), (world.guarded(), "age"))


def differenced_in_steps(world: World) -> Found:
    """Enough patients come with the victim to pass, and then all but the victim go again."""
    rows = {k: np.concatenate([v[:-1], v[:7], v[-1:]]) for k, v in world.columns.items()}
    alone = {k: np.concatenate([v[:-1], v[-1:]]) for k, v in world.columns.items()}
    asked = [
        sum_of_income(_asked(world, [site], "age"))
        for site in (
            world.earlier(),
            Site("Cleveland", rows, world.rules),
            Site("Cleveland", alone, world.rules),
        )
    ]
    if asked[2] is None or asked[0] is None:
        return world.secret, []
    return world.secret, [asked[2] - asked[0]]


def differenced_twins(world: World) -> Found:
    """One version; income and age are in it twice, and the victim's are missing in the copies."""
    copies = {f"{name}_again": world.columns[name].copy() for name in ("income", "age")}
    for values in copies.values():
        values[-1] = np.nan
    site = world.guarded(**copies)
    sums = [
        sum_of_income(_asked(world, [site], f"age{end}", f"income{end}")) for end in ("_again", "")
    ]
    return world.secret, [] if None in sums else [sums[1] - sums[0]]


def differenced_after_renaming(world: World) -> Found:
    """Between the versions every column got another name."""
    renamed = {f"{name}_new": values for name, values in world.columns.items()}
    later = Site("Cleveland", renamed, world.rules)
    sums = [
        sum_of_income(_asked(world, [world.earlier()], "age")),
        sum_of_income(_asked(world, [later], "age_new", "income_new")),
    ]
    return world.secret, [] if None in sums else [sums[1] - sums[0]]


def differenced_conditions(world: World) -> Found:
    """Whether the victim is sick; everybody's age was written in another way."""
    aged = world.columns["age"] + world.rng.uniform(-0.4, 0.4, world.n)
    later = Site("Cleveland", {"sick": world.columns["sick"], "age": aged}, world.rules)
    columns = {name: values[:-1] for name, values in world.columns.items()}
    before = Site("Cleveland", {name: columns[name] for name in ("sick", "age")}, world.rules)
    sums = [sum_of_income(_asked(world, [site], "age", "sick")) for site in (before, later)]
    return float(later.columns["sick"][-1]), [] if None in sums else [round(sums[1] - sums[0], 6)]


def halved_roundings(world: World) -> Found:
    """The exact sum of a group's incomes in two versions, from where the rounding of a pooled mean
    flips as the attacker moves the incomes of their own rows."""
    world.columns["treated"][-1] = 0.0
    sums = [sum_by_halving(world, site) for site in (world.earlier(), world.guarded())]
    return world.secret, [] if None in sums else [sums[1] - sums[0]]


def added_up_from_three(world: World) -> Found:
    """The same of three sets far from one another: all, those who have a second variable, and
    those who lack it but for the victim."""
    lacking = 60
    treated = world.columns["treated"]
    treated[-1] = 0.0
    have, lack = treated.copy(), np.full(world.n, np.nan)
    have[-lacking:] = np.nan
    lack[-lacking:-1] = treated[-lacking:-1]
    site = world.guarded(have=have, lack=lack)
    sums = [sum_by_halving(world, site, term) for term in ("treated", "have", "lack")]
    return world.secret, [] if None in sums else [sums[0] - sums[1] - sums[2]]


def added_up_over_versions(world: World) -> Found:
    """Sixty patients come with a new version, and another question is about all of them but one."""
    came = 60
    treated = world.columns["treated"]
    treated[-1] = 0.0
    of_new = np.full(world.n, np.nan)
    of_new[-came:-1] = treated[-came:-1]
    before = Site("Cleveland", {k: v[:-came] for k, v in world.columns.items()}, world.rules)
    after = world.guarded(lack=of_new)
    sums = [
        sum_by_halving(world, site, term)
        for site, term in ((before, "treated"), (after, "treated"), (after, "lack"))
    ]
    return world.secret, [] if None in sums else [sums[1] - sums[0] - sums[2]]


def counted_by_what_is_held(world: World) -> Found:
    """How many, 1 to 4, lack a number: beside another that few lack, whom one knows, the two are
    enough together from some number on, and a question is held no more. Before it or after it."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    order = world.rng.permutation(world.n).tolist()
    more = {}
    for name, few in (("hidden", hidden), *((f"known{k}", k) for k in range(1, THRESHOLD))):
        more[name] = world.rng.normal(0, 1, world.n)
        more[name][[order.pop() for _ in range(few)]] = np.nan
    site = world.guarded(**more)
    way = int(world.rng.choice([1, -1]))
    for k in range(1, THRESHOLD):
        # As if these were the first two questions.
        apart = replace(world, released=[], versions=[])
        for terms in (["age"], ["hidden", f"known{k}"])[::way]:
            apart.ask("regression", [site], outcome="income", terms=terms, **GAUSSIAN)
        if not apart.held:
            return float(hidden), [float(THRESHOLD - k)]
    return float(hidden), []


def sum_by_halving(world: World, site: Site, term: str = "treated") -> float | None:
    own = world.own()
    own.columns[term] = own.columns["treated"]
    untreated = own.columns[term] == 0

    def mean(shift: float) -> float | None:
        moved = Site("Own", own.columns | {"income": own.columns["income"] + shift}, own.rules)
        told = _asked(world, [site, moved], term)
        row = coefficient(told, "(Intercept)")
        return row.get("estimate")

    first = mean(0.0)
    low, high = 0.0, 1000.0
    if first is None:
        return None
    while mean(high) == first:
        low, high = high, 2 * high
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (middle, high) if mean(middle) == first else (low, middle)
    other = mean(high)
    if first is None or other is None:
        return None
    n = float((site.columns[term] == 0).sum() + untreated.sum())
    return n * (first + other) / 2 - float((own.columns["income"] + low)[untreated].sum())


def _differenced(world: World, *asked: tuple[Site, str]) -> Found:
    sums = [sum_of_income(_asked(world, [site], term)) for site, term in asked]
    if None in sums:
        return world.secret, []
    return world.secret, [sums[1] - sums[0]]


def _asked(world: World, sites: Sequence[Site], term: str, outcome: str = "income") -> Told:
    return world.ask(
        "regression",
        sites,
        outcome=outcome,
        terms=[term],
        **GAUSSIAN,
    )


def sum_of_income(told: Told) -> float | None:
    """Everybody's income together, from a regression of it on one number."""
    rows = [row for row in told.result.get("coefficients", ()) if "estimate" in row]
    if len(rows) != 2 or any(row["estimate"] is None for row in rows) or not told.result.get("n"):
        return None
    variance = told.result["deviance"] / told.result["df_residual"]
    n = told.result["n"]
    first, second = (row["se"] ** 2 / variance for row in rows)
    determinant = n / second
    squares = first * determinant
    total = math.sqrt(max(n * squares - determinant, 0.0))
    return n * rows[0]["estimate"] + total * rows[1]["estimate"]
