"""Attacks by the steps that estimates are told in: each is a part of an error, and many outcomes
beside the same term have errors of many sizes. No column lacks anybody, so nothing is held.
"""

import math
from collections.abc import Sequence

import numpy as np

from tests.attacks.world import Found, Site, Told, World, coefficient

LADDER = np.sort([m * 10.0**k for k in range(-8, 5) for m in (1, 2, 5)])
"""Of the steps that there may be."""

MOST_TIMES = 6
"""A step is not so many times an error."""

SIZES = range(13, 18)


def people_by_steps(world: World, outcomes: int = 40) -> Found:
    """How many have a thing, of the five numbers that are told alike."""
    size = int(world.rng.choice(SIZES))
    site = _with_outcomes(world, outcomes, flag=world.rng.permutation(world.flag(size)))
    told, finest, steps = _steps(world, site, "flag", outcomes)
    if not told:
        return size, []
    n = told[0].result["n"]

    def unlike(people: int) -> int:
        # The site tells its rows in fives as well.
        return min(
            int(np.count_nonzero(_step(finest, _far(people, rows), n) != steps))
            for rows in range(n - 2, n + 3)
        )

    counts = [unlike(people) for people in SIZES]
    likeliest = [one for one, count in zip(SIZES, counts, strict=True) if count == min(counts)]
    return size, [float(world.rng.choice(likeliest))]


def far_by_steps(world: World, outcomes: int = 40) -> Found:
    """Of a score that is known to have mean 100 and sd 15 one patient's is high, not too high for a
    model; between two steps of each outcome lies how far."""
    world.n, share = 3_000, world.rng.uniform(0.1, 0.42)
    score = world.rng.normal(100, 15, world.n)
    score[-1] = 100 + 15 * math.sqrt(world.n * share / (1 - share))
    world.columns = {}
    site = _with_outcomes(world, outcomes, score=score.round(1))
    told, finest, steps = _steps(world, site, "score", outcomes)
    if not told:
        return float(score[-1]), []
    before = LADDER[np.searchsorted(LADDER, steps * 0.999) - 1]
    pull = (float((steps / finest).min()) + float((before / finest).max())) / 4
    far = math.sqrt(pull**2 * world.n / (1 - pull**2)) * 15 if pull < 1 else math.nan
    return float(score[-1]), [100 + far]


def _with_outcomes(world: World, outcomes: int, **term: np.ndarray) -> Site:
    more = {
        f"lab{k}": world.rng.normal(0, 10 ** world.rng.uniform(0, 1), world.n).round(4)
        for k in range(outcomes)
    }
    return Site("Cleveland", term | more, world.rules)


def _steps(
    world: World, site: Site, term: str, outcomes: int
) -> tuple[Sequence[Told], np.ndarray, np.ndarray]:
    """Answers with the term's error before its step came to it, and that step; none where what is
    told has no such parts.

    An error is sigma times what is the same for all outcomes, so one answer's step gives that.
    """
    asked = {"terms": [term], "family": "gaussian", "site_effects": False}
    told = [world.ask("regression", [site], outcome=f"lab{k}", **asked) for k in range(outcomes)]
    told = [one for one in told if coefficient(one, term).get("se")]
    if not told:
        return [], np.empty(0), np.empty(0)
    squares = np.array([coefficient(one, term)["se"] for one in told]) ** 2
    sigma = np.array([one.result["sigma"] for one in told])
    best = math.inf, np.empty(0), np.empty(0)
    for step in LADDER[MOST_TIMES * math.sqrt(squares[0]) > LADDER]:
        of_all = (squares[0] - step**2 / 12) / sigma[0] ** 2
        left = 12 * (squares - of_all * sigma**2)
        if of_all > 0 and (left > 0).all():
            steps = LADDER[np.abs(np.log(np.sqrt(left)[:, None] / LADDER)).argmin(axis=1)]
            off = float(np.abs(np.log(left / steps**2)).max())
            best = min(best, (off, math.sqrt(of_all) * sigma, steps), key=lambda one: one[0])
    off, finest, steps = best
    return (told, finest, steps) if off < 1e-6 else ([], finest, steps)


def _far(people: int, rows: int) -> float:
    """How far one of so many moves a level's estimate, in its errors."""
    return 2 * math.sqrt(1 / people - 1 / rows)


def _step(error: np.ndarray, moved: float, n: int) -> np.ndarray:
    at_least = np.maximum(_above(2 * error / math.sqrt(n)), _above(error * moved))
    below = LADDER[np.searchsorted(LADDER, error / 2 * 1.000001) - 1]
    return np.maximum(below, at_least)


def _above(size: np.ndarray) -> np.ndarray:
    return LADDER[np.searchsorted(LADDER, size * 0.999999)]
