"""Attacks on counts told by fives: tables by other groupings round the same people anew."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import log
from typing import Any

import numpy as np
from scipy.stats import hypergeom

from datasets.engine.rows.frame import Domain
from tests.attacks.world import (
    Columns,
    Found,
    Site,
    World,
    coefficient,
    group,
    texts,
    variable,
)

ASKED = 14
"""Questions, each by another yes or no that has nothing to do with what is counted."""

OTHERS = [f"other{k}" for k in range(ASKED)]
LACKED = [f"lab{k}" for k in range(30)]
LINEAR = {"family": "gaussian", "site_effects": False}

UP = {-2: 0.0, -1: 0.0, 0: 0.0, 1: 0.2, 2: 0.4}
"""How often two roundings together are five more than one, by what that one took away."""

UNLIKELY = 0.001

Asked = Callable[[World, Site, str | None], int | None]
"""How many have the flag: as the sum of two numbers, by another variable, or else as one."""


def people_by_groups(world: World) -> Found:
    """How many have a thing, one of five numbers that counts do not tell apart, by describing it
    within groups."""
    return _one_of_five(world, _by_groups)


def people_by_cells(world: World) -> Found:
    """The same from the cells of an interaction beside how many have the level."""
    return _one_of_five(world, _by_cells)


def people_by_rows_of_groups(world: World) -> Found:
    """The same from the other variables described within those that have the thing."""
    return _one_of_five(world, _by_rows_of_groups)


def people_by_missing(world: World) -> Found:
    """How many have no value somewhere, as they are told with groups and without."""
    return _one_of_five(world, _by_missing)


def people_by_bins(world: World) -> Found:
    """How many are of some age, whose bins are declared."""
    world.domains["age"] = Domain(edges=(30.0, 40.0, 50.0, 60.0, 70.0, 80.0))
    size = int(world.rng.integers(38, 43))
    age = world.rng.integers(40, 80, world.n).astype(float)
    age[:size] = world.rng.integers(30, 40, size)
    return float(size), [_people(world, _with_others(world, age, "age"), _by_bins)]


def newcomers(world: World) -> Found:
    """How many of six who came with a version have a thing: all who have it now, less all who had
    it before."""
    came, secret = 6, int(world.rng.integers(0, 7))
    flag = np.zeros(world.n)
    flag[: int(world.rng.integers(40, 60))] = 1.0
    flag[world.n - came : world.n - came + secret] = 1.0
    columns = _with_others(world, flag)
    before = {name: values[:-came] for name, values in columns.items()}
    first, second = (_people(world, one, _by_groups) for one in (before, columns))
    # One more of both, since of nobody a hundredth is nobody.
    return secret + 1.0, [] if first is None or second is None else [second - first + 1.0]


def people_by_who_lacks(world: World) -> Found:
    """The same from models of columns that some ten people lack: of each column others."""
    size, lacking = int(world.rng.integers(38, 43)), 10
    columns = dict(world.columns)
    for name in LACKED:
        values = world.rng.normal(size=world.n).round(3)
        values[world.rng.choice(world.n, lacking, replace=False)] = np.nan
        columns[name] = values
    flag = world.rng.permutation(world.flag(size))
    site = Site("Cleveland", columns | {"flag": flag}, world.rules, world.domains)
    told = [_of_those_with(world, site, name) for name in LACKED]
    likely = {
        n: sum(
            log(max(UNLIKELY, _chance_to_be_told(one, n, lacking, world)))
            for one in told
            if one is not None
        )
        for n in range(38, 43)
    }
    return float(size), [float(max(likely, key=likely.__getitem__))]


def part_by_an_error(world: World) -> Found:
    """How many of those who have a column have a level, in a number that is theirs alone, by the
    error of a model of it: what many such columns tell is averaged by nothing."""
    fives, site = _part_apart(world, world.rng.normal(size=world.n))
    told = world.ask("regression", [site], outcome="lab", terms=["flag"], **LINEAR)
    error = coefficient(told, "flag").get("se")
    if error is None:
        return fives, []
    shares = (error / told.result["sigma"]) ** 2
    n = told.result["n"]
    return fives, [min(range(5, n // 2, 5), key=lambda k: abs(log(shares / (1 / k + 1 / (n - k)))))]


def part_by_a_thin_group(world: World) -> Found:
    """The same of those in two groups, beside a third of which too few have the level."""
    lab = texts(np.where(world.rng.random(world.n) < 0.5, "yes", "no").tolist())
    fives, site = _part_apart(world, lab)
    told = world.ask("describe", [site], variables=["flag"], by="lab")
    found = [_counted(group(told, "flag", level)) for level in ("no", "yes")]
    return fives, [] if None in found else [float(sum(one or 0 for one in found))]


def part_by_a_cell(world: World) -> Found:
    """How many of those who have a column have two things, by the cells of an interaction."""
    fives, site = with_both_apart(world)
    asked = {"outcome": "lab", "terms": ["flag", "other"], "interaction_with": "other"}
    told = world.ask("regression", [site], **asked, **LINEAR)
    counts = {(one["variable"], one["level"]): one["n"] for one in told.result["counts"]}
    return fives, [counts.get(("flag:other", "1:1"))]


def with_both_apart(world: World) -> tuple[float, Site]:
    """A column that four of forty with two things lack, and one with either and four others; and
    how many of these have both who have the column, as that would be told by itself."""
    flag, other, lab = np.zeros(200), np.zeros(200), world.rng.normal(size=200)
    flag[:100] = other[60:160] = 1.0
    lab[[0, 60, 61, 62, 63, 100, -1, -2, -3, -4]] = np.nan
    columns = {"flag": flag, "other": other, "lab": lab}
    return float(world.rules.rounded(36)), Site("Cleveland", columns, world.rules)


def _part_apart(world: World, lab: np.ndarray) -> tuple[float, Site]:
    """A column that four of forty with a level lack, and six others; and how many of these have it
    who have the column, as that would be told by itself."""
    flag = world.flag(40)
    lab[-4:] = lab[:6] = None
    return float(world.rules.rounded(36)), world.guarded(flag=flag, lab=lab)


def _of_those_with(world: World, site: Site, name: str) -> int | None:
    told = world.ask(
        "regression",
        [site],
        outcome=name,
        terms=["flag"],
        **LINEAR,
    )
    counts = {(one["variable"], one["level"]): one["n"] for one in told.result.get("counts", ())}
    return counts.get(("flag", "1"))


def _chance_to_be_told(count: int, people: int, lacking: int, world: World) -> float:
    """That of so many people, of whom those who lack a column are drawn, this count is told."""
    without = np.arange(lacking + 1)
    told = np.array([world.rules.rounded(people - n) for n in without.tolist()])
    return float(hypergeom.pmf(without, world.n, people, lacking)[told == count].sum())


def _one_of_five(world: World, asked: Asked) -> Found:
    size = int(world.rng.integers(38, 43))
    return float(size), [_people(world, _with_others(world, world.flag(size)), asked)]


def _with_others(world: World, values: np.ndarray, name: str = "flag") -> Columns:
    """The hospital's columns, many of which are a yes or no."""
    shares = world.rng.uniform(0.35, 0.65, ASKED)
    others = {
        name: texts(np.where(world.rng.random(world.n) < share, "yes", "no").tolist())
        for name, share in zip(OTHERS, shares, strict=True)
    }
    return world.columns | others | {name: values}


def _people(world: World, columns: Columns, asked: Asked) -> float | None:
    """How many have the flag: by the roundings of many sums, what that of all took away."""
    site = Site("Cleveland", columns, world.rules, world.domains)
    alone = asked(world, site, None)
    sums = [one for name in OTHERS if (one := asked(world, site, name)) is not None]
    if alone is None or not sums:
        return None
    return alone + _likeliest(one - alone for one in sums)


def _likeliest(differences: Iterable[int]) -> float:
    seen = Counter(int(np.sign(one)) for one in differences)

    def likelihood(rest: int) -> float:
        up, down = max(UP[rest], UNLIKELY), max(UP[-rest], UNLIKELY)
        return seen[1] * log(up) + seen[-1] * log(down) + seen[0] * log(1 - up - down)

    return max(UP, key=likelihood)


def _by_groups(world: World, site: Site, other: str | None) -> int | None:
    told = world.ask("describe", [site], variables=["flag"], by=other)
    return _counted(variable(told, "flag").get("overall", {}))


def _counted(part: dict[str, Any]) -> int | None:
    counts = part.get("counts") or ()
    return next((one["n"] for one in counts if one["value"] == 1), None)


def _by_rows_of_groups(world: World, site: Site, other: str | None) -> int | None:
    named = texts(["ill" if one else "well" for one in site.columns["flag"]])
    site = replace(site, columns=site.columns | {"flag": named})
    told = world.ask("describe", [site], variables=[other or OTHERS[0]], by="flag")
    if not other:
        return next((one["n"] for one in told.result["groups"] if one["level"] == "ill"), None)
    counts = [one["n"] for one in group(told, other, "ill").get("counts") or ()]
    return sum(counts) if counts and None not in counts else None


def _by_missing(world: World, site: Site, other: str | None) -> int | None:
    held = np.where(site.columns["flag"] == 1, np.nan, world.columns["age"])
    site = replace(site, columns=site.columns | {"held": held})
    return _overall(world, site, "held", other).get("missing")


def _by_bins(world: World, site: Site, other: str | None) -> int | None:
    bins = _overall(world, site, "age", other).get("histogram")
    if not bins:
        return None
    of_each = zip(bins["edges"][1:], bins["counts"], strict=True)
    return sum(n for edge, n in of_each if edge <= 40) or None


def _overall(world: World, site: Site, name: str, other: str | None) -> dict[str, Any]:
    told = world.ask("describe", [site], variables=[name], by=other)
    return variable(told, name).get("overall", {})


def _by_cells(world: World, site: Site, other: str | None) -> int | None:
    beside = other or OTHERS[0]
    told = world.ask(
        "regression",
        [site],
        outcome="age",
        terms=["flag", beside],
        interaction_with=beside,
        **LINEAR,
    )
    counts = {(one["variable"], one["level"]): one["n"] for one in told.result.get("counts", ())}
    if not other:
        return counts.get(("flag", "1"))
    cells = [counts.get((f"flag:{other}", f"1:{value}")) for value in ("no", "yes")]
    return None if None in cells else sum(one or 0 for one in cells)
