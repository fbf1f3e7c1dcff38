"""Attacks by what a check tells of a question before it is asked, of which no ledger is kept."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from tests.attacks.world import THRESHOLD, Found, Site, World

BESIDE = 6


def counted_with_and_without(world: World) -> Found:
    """Whether the victim is sick: how many are is counted over the complete rows of known numbers,
    with and without one more that the victim alone lacks."""
    further = world.rng.normal(0, 1, world.n)
    further[-1] = np.nan
    sick, site = _with_secret(world, further=further)
    for beside in _some():
        pair = [_sick(world, site, *beside, *more) for more in ((), ("further",))]
        if pair[0] != pair[1]:
            return sick, [1.0]
    return sick, [0.0]


def counted_over_versions(world: World) -> Found:
    """The same of two versions, of which one lacks the victim: by how many are left out who lack a
    number that the victim lacks as well."""
    further = world.rng.normal(0, 1, world.n)
    further[-1] = np.nan
    sick, site = _with_secret(world, further=further)
    columns = {name: values[:-1] for name, values in site.columns.items()}
    earlier = Site(site.name, columns, site.rules)
    moved = set()
    for beside in _some():
        before, after = (_sick(world, one, *beside, "further") for one in (earlier, site))
        moved.add((after or 0) - (before or 0))
        # All of them move together where how many are sick is rounded to another five.
        if len(moved) > 1:
            return sick, [1.0]
    return sick, [0.0]


def refused_then_counted(world: World) -> Found:
    """Whether the victim has what one fewer than the threshold have, by what is withheld."""
    has = float(world.rng.random() < 0.5)
    flag = world.flag(THRESHOLD)
    flag[-1] = has
    sites = world.earlier(flag=flag), world.guarded(flag=flag)
    told = [world.check([one], outcome="age", terms=["flag"])[0] for one in sites]
    return has, [float(told[0] is None and told[1] is not None)]


def _with_secret(world: World, **more: np.ndarray) -> tuple[float, Site]:
    """Whether the victim is sick, and a site with numbers that some others lack."""
    world.columns["sick"][-1] = sick = float(world.rng.random() < 0.5)
    for k in range(BESIDE):
        more[f"beside{k}"] = world.rng.normal(0, 1, world.n)
        more[f"beside{k}"][world.rng.permutation(world.n - 1)[: world.n // 12]] = np.nan
    return sick, world.guarded(**more)


def _some() -> Iterator[tuple[str, ...]]:
    names = [f"beside{k}" for k in range(BESIDE)]
    return (some for size in range(BESIDE + 1) for some in combinations(names, size))


def _sick(world: World, site: Site, *terms: str) -> int | None:
    """How many are sick of the complete rows."""
    asked = {"outcome": "sick", "terms": ["age", *terms], "family": "binomial"}
    (told,) = world.check([site], **asked)
    return told and told.rarer
