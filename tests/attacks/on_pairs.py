"""Attacks by correlations and tables of one thing over nearly the same people, voted upon."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from tests.attacks.world import Found, Site, Told, World, group

KNOWN = ("age", "income", "treated", "visits")


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
