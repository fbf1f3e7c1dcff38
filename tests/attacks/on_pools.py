"""Attacks on a guarded site's part in a pool, by rows of one's own beside it."""

from itertools import combinations, product

import numpy as np

from tests.attacks.on_sets import sum_by_halving
from tests.attacks.world import OPEN, Found, Site, World, coefficient

KINDS = ((0, 0), (1, 0), (0, 1), (1, 1))
ROWS = 60


def columns_that_differ_for_one(world: World) -> Found:
    """The sum of either group's incomes, of two yes-no columns that differ for the victim alone:
    of both questions the complete rows are the same."""
    before = (world.rng.random(world.n) < 0.3).astype(float)
    before[-1] = 1.0
    after = before.copy()
    after[-1] = 0.0
    site = world.guarded(before=before, after=after)
    sums = [sum_by_halving(world, site, term) for term in ("after", "before")]
    return world.secret, [] if None in sums else [sums[0] - sums[1]]


def added_up_from_four(world: World) -> Found:
    """All, less three sets far from one another that lack the victim alone."""
    treated = world.columns["treated"]
    treated[-1] = 0.0
    ends = np.linspace(0, world.n - 1, 4).astype(int)
    parts = {}
    for k in range(3):
        part = np.full(world.n, np.nan)
        part[ends[k] : ends[k + 1]] = treated[ends[k] : ends[k + 1]]
        parts[f"part{k}"] = part
    site = world.guarded(**parts)
    sums = [sum_by_halving(world, site, term) for term in ("treated", *parts)]
    return world.secret, [] if None in sums else [sums[0] - sum(sums[1:])]


def people_with_both(world: World) -> Found:
    """How many, 1 to 4, have both of two things, from how fast a pooled estimate goes with the
    outcomes of the attacker's own rows: that depends on X'X of all rows."""
    hidden = int(world.rng.integers(1, 5))
    one, other = (int(n) for n in world.rng.integers(15, 40, 2))
    order = world.rng.permutation(world.n)
    first, second = np.zeros(world.n), np.zeros(world.n)
    first[order[:one]] = 1
    second[order[one - hidden : one - hidden + other]] = 1
    site = world.guarded(first=first, second=second)
    own = {
        "first": np.tile([kind[0] for kind in KINDS], ROWS // 4).astype(float),
        "second": np.tile([kind[1] for kind in KINDS], ROWS // 4).astype(float),
        "income": np.round(world.rng.lognormal(10, 0.6, ROWS), 2),
    }
    marks = {kind: (own["first"] == kind[0]) & (own["second"] == kind[1]) for kind in KINDS}
    seen = {
        (name, kind): _slope(world, site, own, name, marks[kind])
        for name in ("first", "second")
        for kind in KINDS
    }
    if None in seen.values():
        return hidden, []
    x = np.column_stack([np.ones(ROWS), own["first"], own["second"]])
    guesses = {}
    for n, a, b, both in product(_near(world.n), _near(one), _near(other), range(6)):
        whole = x.T @ x + np.array([[n, a, b], [a, a, both], [b, both, b]])
        if np.linalg.matrix_rank(whole) < 3:
            continue
        back = np.linalg.inv(whole)
        expected = {
            (name, kind): float((back @ x[marks[kind]].sum(axis=0))[place])
            for place, name in ((1, "first"), (2, "second"))
            for kind in KINDS
        }
        off = sum((expected[key] - value) ** 2 for key, value in seen.items())
        guesses[both] = min(off, guesses.get(both, np.inf))
    return hidden, [min(guesses, key=guesses.__getitem__)]


def _near(count: int) -> range:
    """What a count may be that is told in fives."""
    told = 5 * round(count / 5)
    return range(told - 2, told + 3)


def _slope(
    world: World, site: Site, own: dict[str, np.ndarray], name: str, mark: np.ndarray
) -> float | None:
    """By how much the pooled estimate goes up with the outcomes of the attacker's marked rows."""
    found = []
    for more in (0.0, 100_000.0):
        rows = own | {"income": own["income"] + more * mark}
        told = world.ask(
            "regression",
            [site, Site("Own", rows, OPEN)],
            outcome="income",
            terms=["first", "second"],
            site_effects=False,
            family="gaussian",
        )
        found.append(coefficient(told, name).get("estimate"))
    return None if None in found else (found[1] - found[0]) / 100_000.0


def mean_by_distant_rows(world: World) -> tuple[float, list[float]]:
    """The mean income, and the attacker's guesses at it: with own incomes at 10^13 and own outcomes
    as a line of them, how far the pooled intercept follows the line tells where the site's are."""
    site = world.guarded()
    guesses = []
    for far in (2.7e13, 4.1e13, 6.1e13, 8.9e13, 1.5e14, 2.3e14):
        income = np.round(world.rng.uniform(-1, 1, ROWS) * far) + far
        slope = 2.0 ** round(np.log2(100 / far)) * 2**14
        told = [_intercept(world, site, income, a, b) for a, b in ((0, 0), (slope, 0), (0, 1024.0))]
        if None in told:
            continue
        start, tilted, raised = told
        moved = 1 - (raised - start) / 1024.0
        if moved:
            mean = -(tilted - start) / slope / moved
            pooled = income.sum() / (world.n + ROWS)
            spread = np.sqrt((income @ income) / (world.n + ROWS) - pooled**2)
            guesses += [mean - shift for shift in (0, round(-pooled / spread))]
    return float(world.columns["income"].mean()), guesses


def _intercept(
    world: World, site: Site, income: np.ndarray, slope: float, more: float
) -> float | None:
    rows = {"income": income, "age": slope * income + more}
    told = world.ask(
        "regression",
        [site, Site("Own", rows, OPEN)],
        outcome="age",
        terms=["income"],
        site_effects=False,
        family="gaussian",
    )
    return coefficient(told, "(Intercept)").get("estimate")


def voted_by_many_questions(world: World) -> Found:
    """Whether the victim is sick: of two columns that differ for them alone, each asked for with
    other covariates every time, most estimates that move do so to the victim's side."""
    sick = world.columns["sick"].copy()
    sick[-1] = float(world.rng.integers(0, 2))
    before = np.zeros(world.n)
    before[world.rng.permutation(world.n - 1)[:29]] = 1.0
    after = before.copy()
    after[-1] = 1.0
    site = world.guarded(before=before, after=after, sick=sick)
    vote = 0.0
    beside = ("age", "treated", "visits", "ward")
    for chosen in (c for r in range(3) for c in combinations(beside, r)):
        found = []
        for name in ("before", "after"):
            told = world.ask(
                "regression",
                [site],
                outcome="sick",
                terms=[name, *chosen],
                family="gaussian",
                site_effects=False,
            )
            found.append(coefficient(told, name).get("estimate"))
        if None not in found:
            vote += np.sign(found[1] - found[0])
    return sick[-1], [float(vote > 0)] if vote else []
