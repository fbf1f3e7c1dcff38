"""Attacks by ever more selections of nearly the same rows: each has roundings of its own, and their
average has none. Columns that 25 people lack each make them; what is told is one of five numbers.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.stats import hypergeom

from datasets.engine.methods.contract import ALL_HELD
from tests.attacks.world import THRESHOLD, Found, Site, Told, World, coefficient

LACKING = 25
HAVE = 40
"""So many have the one thing."""

LINEAR = {"family": "gaussian", "site_effects": False}

UNLIKELY = 1e-9


def nearly_few_valued(world: World, by: str, columns: int = 24) -> Found:
    """How many have two things, by r or by linear models of the one by the other; nine have an odd
    value of the other one."""
    other, site = _with_both(world, range(13, 18), others=90, columns=columns, odd=9)
    mean = _mean(_told_of_both(world, site, by))
    n, spread = world.n, float(other.std())

    def expected(both: int) -> float:
        effect = both / HAVE - 90 / (n - HAVE)
        of_flag = math.sqrt(HAVE * (n - HAVE)) / n
        return math.atanh(effect * of_flag / spread) if by == "r" else effect

    return _nearest(world, mean, range(13, 18), expected)


def robust_errors(world: World, columns: int = 40) -> Found:
    """The same by HC1's errors of linear models, less those that rest on told counts, where the two
    go together strongly."""
    _, site = _with_both(world, range(28, 33), others=10, columns=columns)
    found = []
    pairs = zip(
        _asked(world, site, "other", ["flag"], standard_errors="hc1"),
        _asked(world, site, "other", ["flag"]),
        strict=True,
    )
    for robust, told in pairs:
        errors = [coefficient(one, "flag").get("se") for one in (robust, told)]
        if None not in errors:
            counts = {(one["variable"], one["level"]): one["n"] for one in told.result["counts"]}
            people, all_people = counts["flag", "1"], told.result["n"]
            of_told = told.result["sigma"] ** 2 * all_people / (all_people - people)
            found.append((errors[0] ** 2 - errors[1] ** 2) * people + of_told)

    def expected(both: int) -> float:
        share, rest = both / HAVE, 10 / (world.n - HAVE)
        return share * (1 - share) + rest * (1 - rest) * HAVE / (world.n - HAVE)

    return _nearest(world, _mean(found), range(28, 33), expected)


def two_terms(world: World, columns: int = 40) -> Found:
    """The same by what each of two terms makes of the other's effect on a third thing."""
    _, site = _with_both(world, range(13, 18), others=90, columns=columns)
    site.columns["third"] = 3 * site.columns["other"] + world.rng.normal(size=world.n).round(3)
    both_terms = _asked(world, site, "third", ["flag", "other"])
    alone = _asked(world, site, "third", ["flag"])
    found = []
    for full, short in zip(both_terms, alone, strict=True):
        effects = [coefficient(full, one).get("estimate") for one in ("flag", "other")]
        effects.append(coefficient(short, "flag").get("estimate"))
        if None not in effects and effects[1]:
            found.append((effects[2] - effects[0]) / effects[1])
    return _nearest(
        world, _mean(found), range(13, 18), lambda both: both / HAVE - 90 / (world.n - HAVE)
    )


def near_the_threshold(world: World, columns: int = 24) -> Found:
    """How many have a thing, one of 5 to 9, by which models of it and a second one are refused."""
    size = int(world.rng.integers(THRESHOLD, THRESHOLD + 5))
    site = _with_columns(world, {"flag": world.rng.permutation(world.flag(size))}, columns)
    asked = [told for told in _asked(world, site, "age", ["flag"]) if ALL_HELD not in told.texts]
    refused = sum(coefficient(told, "flag").get("estimate") is None for told in asked)

    def likelihood(people: int) -> float:
        # Refused where so many lack the column that fewer than the threshold are left.
        chance = hypergeom.sf(people - THRESHOLD, world.n, people, LACKING)
        told = math.log(max(1 - chance, UNLIKELY)) * (len(asked) - refused)
        return told + math.log(max(chance, UNLIKELY)) * refused

    sizes = range(THRESHOLD, THRESHOLD + 5)
    return float(size), [float(max(sizes, key=likelihood))] if asked else []


def _with_both(
    world: World, sizes: range, others: int, columns: int, odd: int = 0
) -> tuple[np.ndarray, Site]:
    both = world.both = int(world.rng.choice(sizes))
    flag, other = world.flag(HAVE), world.flag(both)
    other[world.rng.choice(world.n - HAVE, others, replace=False)] = 1.0
    some = world.rng.choice(np.flatnonzero(other), odd, replace=False)
    other[some] = 1 + np.arange(1, odd + 1) / 100
    return other, _with_columns(world, {"flag": flag, "other": other}, columns)


def _with_columns(world: World, more: dict[str, np.ndarray], columns: int) -> Site:
    for k in range(columns):
        values = more[f"lab{k}"] = world.rng.normal(size=world.n).round(3)
        values[world.rng.choice(world.n, LACKING, replace=False)] = np.nan
    return world.guarded(**more)


def _asked(world: World, site: Site, outcome: str, terms: list[str], **more: Any) -> Iterator[Told]:
    """A linear model beside each column."""
    for name in site.columns:
        if name.startswith("lab"):
            asked = {"outcome": outcome, "terms": [*terms, name], **LINEAR, **more}
            yield world.ask("regression", [site], **asked)


def _told_of_both(world: World, site: Site, by: str) -> list[float]:
    if by == "linear":
        effects = _asked(world, site, "other", ["flag"])
        found = [coefficient(told, "flag").get("estimate") for told in effects]
    else:
        found = []
        for name in site.columns:
            if name.startswith("lab"):
                asked = {"variables": ["flag", "other", name], "missing": "listwise"}
                told = world.ask("correlation", [site], **asked)
                pairs = told.result.get("pairs", ())
                rs = [one["r"] for one in pairs if {one["x"], one["y"]} == {"flag", "other"}]
                found += [math.atanh(r) for r in rs if r is not None]
    return [one for one in found if one is not None]


def _mean(found: list[float]) -> float | None:
    return float(np.mean(found)) if found else None


def _nearest(
    world: World, mean: float | None, sizes: range, expected: Callable[[int], float]
) -> Found:
    guesses = [] if mean is None else [min(sizes, key=lambda one: abs(expected(one) - mean))]
    return float(world.both), [float(one) for one in guesses]
