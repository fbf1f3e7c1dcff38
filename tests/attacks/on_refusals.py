"""Attacks by what a site refuses: of a count one under the threshold, whether one more came."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from datasets.engine.methods.contract import ALL_HELD
from tests.attacks.on_sets import GAUSSIAN
from tests.attacks.world import THRESHOLD, Found, Site, Told, World, coefficient, group, variable

Question = tuple[str, dict[str, Any], Callable[[Told], bool]]
"""A method, its parameters, and whether an answer tells of what few have."""

OF_FLAG: list[Question] = [
    (
        "describe",
        {"variables": ["age", "flag"]},
        lambda told: variable(told, "flag").get("overall", {}).get("mean") is not None,
    ),
    (
        "correlation",
        {"variables": ["earned", "flag"]},
        lambda told: any(one["r"] is not None for one in told.result.get("pairs", ())),
    ),
    (
        "regression",
        {"outcome": "income", "terms": ["flag"], **GAUSSIAN},
        lambda told: coefficient(told, "flag").get("estimate") is not None,
    ),
]
OF_WARD: list[Question] = [
    ("describe", {"variables": ["ward"]}, lambda told: "asylum" in told.everything),
    (
        "describe",
        {"variables": ["earned"], "by": "ward"},
        lambda told: bool(group(told, "earned", "asylum")),
    ),
    (
        "regression",
        {"outcome": "age", "terms": ["ward"], **GAUSSIAN},
        lambda told: "asylum" in told.everything,
    ),
]
PAIRS = [(one, other) for asked in (OF_FLAG, OF_WARD) for one in asked for other in asked]


def refused_then_answered(world: World) -> Found:
    """Whether the victim has what few have, asked before and after they came; any two questions."""
    return _crossed(world, PAIRS[world.rng.integers(len(PAIRS))], (0, 1))


def answered_then_refused(world: World) -> Found:
    """The same, asked before and after they left."""
    return _crossed(world, PAIRS[world.rng.integers(len(PAIRS))], (1, 0))


def refused_for_a_missing_value(world: World) -> Found:
    """The same of one version: of two incomes the victim lacks one."""
    has, flag, _ward = _planted(world)
    earned = world.columns["income"].copy()
    earned[-1] = np.nan
    site = world.guarded(flag=flag, earned=earned)
    method, asked, tells = OF_FLAG[2]
    without = (method, asked | {"outcome": "earned"}, tells)
    return has, _guesses(world, [without, OF_FLAG[2]], [site, site])


def related_then_refused(world: World) -> Found:
    """The same of a correlation and a model of it beside a number that the victim alone lacks, in
    either order."""
    has, flag, _ward = _planted(world)
    further = world.rng.normal(0, 1, world.n)
    further[-1] = np.nan
    site = world.guarded(flag=flag, further=further)
    _, asked, tells = OF_FLAG[1]
    related: Question = ("correlation", asked | {"variables": ["income", "flag"]}, tells)
    _, asked, tells = OF_FLAG[2]
    model: Question = ("regression", asked | {"terms": ["flag", "further"]}, tells)
    way = int(world.rng.choice([1, -1]))
    return has, _guesses(world, [related, model][::way], [site, site])


def _crossed(world: World, asked: Sequence[Question], order: Sequence[int]) -> Found:
    """Of a number that thirty others lack as well; what few have is counted in all rows."""
    has, flag, ward = _planted(world)
    earned = world.columns["income"].copy()
    earned[np.flatnonzero(flag[:-1] == 0)[:30]] = np.nan
    more = {"flag": flag, "ward": ward, "earned": earned}
    versions = [world.earlier(**more), world.guarded(**more)]
    return has, _guesses(world, asked, [versions[k] for k in order])


def _planted(world: World) -> tuple[float, np.ndarray, np.ndarray]:
    """Whether the victim has it; and it as a number and a ward, of which the others are too few."""
    has = float(world.rng.integers(0, 2))
    few = np.append(world.rng.permutation(world.n - 1) < THRESHOLD - 1, bool(has))
    ward = world.columns["ward"].copy()
    ward[few] = "asylum"
    return has, few.astype(float), ward


def _guesses(world: World, asked: Sequence[Question], sites: Sequence[Site]) -> list[float]:
    """That one answer tells of it and the other does not, unless one of them is held."""
    told = [
        (world.ask(method, [site], **parameters), tells)
        for (method, parameters, tells), site in zip(asked, sites, strict=True)
    ]
    if any(ALL_HELD in one.texts for one, _ in told):
        return []
    first, second = (tells(one) for one, tells in told)
    return [float(first != second)]
