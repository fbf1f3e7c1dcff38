"""Attacks by correlations and tables of one thing over nearly the same people, voted upon."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from tests.attacks.world import Found, Site, Told, World, group, texts

KNOWN = ("age", "income", "treated", "visits")
NEW = range(8)


def voted_by_complete_rows(world: World) -> Found:
    """Whether the victim is sick, from correlations with what one knows of them: over all, and over
    the complete rows of a further number that the victim alone lacks."""
    site, sick = _with_secret(world)
    further = world.rng.normal(0, 1, world.n)
    further[-1] = np.nan
    site = Site(site.name, site.columns | {"further": further}, site.rules)
    vote = 0.0
    for name in KNOWN:
        values = site.columns[name]
        side = np.sign(values[-1] - values[:-1].mean())
        pair = {"variables": [name, "sick"]}
        listwise = {"variables": [name, "sick", "further"], "missing": "listwise"}
        vote += side * _moved(world, site, [listwise, pair])
    return sick, _voted(vote)


def voted_by_columns_that_nearly_agree(world: World) -> Found:
    """The same of two columns that differ for the victim alone, over the complete rows of others,
    each of which lacks other people."""
    site, sick = _with_secret(world)
    before = np.zeros(world.n)
    before[world.rng.permutation(world.n - 1)[:40]] = 1.0
    after = before.copy()
    after[-1] = 1.0
    more = {"before": before, "after": after}
    for k in range(4):
        more[f"beside{k}"] = world.rng.normal(0, 1, world.n)
        more[f"beside{k}"][world.rng.permutation(world.n - 1)[: world.n // 6]] = np.nan
    site = Site(site.name, site.columns | more, site.rules)
    vote = 0.0
    for beside in _some(f"beside{k}" for k in range(4)):
        asked = [
            {"variables": [name, "sick", *beside], "missing": "listwise"}
            for name in ("before", "after")
        ]
        vote += _moved(world, site, asked)
    return sick, _voted(vote)


def voted_by_groups_that_nearly_agree(world: World) -> Found:
    """The same of tables by groups that differ for the victim alone."""
    site, sick = _with_secret(world)
    more = {}
    for k in range(6):
        before = np.where(world.rng.random(world.n) < 0.3, "yes", "no").astype(object)
        before[-1] = "no"
        more[f"before{k}"], more[f"after{k}"] = before, before.copy()
        more[f"after{k}"][-1] = "yes"
    site = Site(site.name, site.columns | more, site.rules)
    vote = 0.0
    for k in range(6):
        told = [
            world.ask("describe", [site], variables=["sick"], by=f"{name}{k}")
            for name in ("before", "after")
        ]
        means = [group(one, "sick", "yes").get("mean") for one in told]
        if None not in means:
            vote += np.sign(means[1] - means[0])
    return sick, _voted(vote)


def voted_across_correlations_and_models(world: World) -> Found:
    """The same from correlations over all, and models of each pair beside a further number that the
    victim alone lacks."""
    site, sick, further = _lacking(
        world, {f"known{k}": world.rng.normal(0, 1, world.n) for k in NEW}
    )
    vote = 0.0
    for name in ("age", *(f"known{k}" for k in NEW)):
        values = site.columns[name]
        side = np.sign(values[-1] - values[:-1].mean())
        r = _r(world.ask("correlation", [site], variables=[name, "sick"]), (name, "sick"))
        slope = _slope_alone(world, site, name, values, further)
        if r is not None and slope is not None:
            vote += side * (r - slope * values[:-1].std() / np.std(site.columns["sick"][:-1]))
    return sick, _voted(vote)


def voted_across_tables_and_models(world: World) -> Found:
    """The same from tables by groups and models of these groups."""
    return _voted_across_tables(world, again="")


def voted_across_columns_that_say_the_same(world: World) -> Found:
    """The same where the file has each group in a second column, as a number."""
    return _voted_across_tables(world, again="_again")


def _voted_across_tables(world: World, again: str) -> Found:
    groups = {f"known{k}": (world.rng.random(world.n) < 0.3).astype(float) for k in NEW}
    for values in groups.values():
        values[-1] = 1.0
    more = {f"{name}_again": values for name, values in groups.items()}
    more |= {name: texts(["yes" if one else "no" for one in v]) for name, v in groups.items()}
    site, sick, further = _lacking(world, more)
    vote = 0.0
    for name, values in groups.items():
        told = world.ask("describe", [site], variables=["sick"], by=name)
        yes, no = (group(told, "sick", level).get("mean") for level in ("yes", "no"))
        slope = _slope_alone(world, site, f"{name}{again}", values, further)
        if None not in (yes, no, slope):
            vote += yes - no - slope
    return sick, _voted(vote)


def _lacking(world: World, more: dict[str, np.ndarray]) -> tuple[Site, float, np.ndarray]:
    """A site with a number that the victim alone lacks."""
    site, sick = _with_secret(world)
    further = world.rng.normal(0, 1, world.n)
    further[-1] = np.nan
    return Site(site.name, site.columns | more | {"further": further}, site.rules), sick, further


def _slope_alone(
    world: World, site: Site, name: str, values: np.ndarray, further: np.ndarray
) -> float | None:
    """The slope by one number in a model with the further one, as if that one were not in it."""
    asked = {"outcome": "sick", "terms": [name, "further"], "family": "gaussian"}
    if site.columns[name] is not values:
        asked["reference"] = {name: "no"}
    told = world.ask("regression", [site], site_effects=False, **asked)
    found = {row["term"]: row.get("estimate") for row in told.result.get("coefficients", ())}
    slope = next((one for term, one in found.items() if term.startswith(name)), None)
    beside = found.get("further")
    if slope is None or beside is None:
        return None
    shared = np.cov(values[:-1], further[:-1])[0, 1] / values[:-1].var()
    return float(slope + beside * shared)


def _with_secret(world: World) -> tuple[Site, float]:
    sick = world.columns["sick"].copy()
    sick[-1] = float(world.rng.integers(0, 2))
    return world.guarded(sick=sick), float(sick[-1])


def _some(names: Iterator[str]) -> Iterator[tuple[str, ...]]:
    known = list(names)
    for size in range(len(known) + 1):
        yield from combinations(known, size)


def _moved(world: World, site: Site, asked: Sequence[dict[str, object]]) -> float:
    """Whether the correlation of two variables is more by the second question, or less."""
    told = [_r(world.ask("correlation", [site], **one), one["variables"][:2]) for one in asked]
    return 0.0 if None in told else float(np.sign(told[1] - told[0]))


def _r(told: Told, pair: Sequence[str]) -> float | None:
    found = told.result.get("pairs", ())
    return next((one["r"] for one in found if {one["x"], one["y"]} == set(pair)), None)


def _voted(vote: float) -> list[float]:
    return [float(vote > 0)] if vote else []
