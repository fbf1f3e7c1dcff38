"""Attacks by somebody far from all others, and by values that few have."""

import math

import numpy as np

from datasets.engine.guard.disclosure import gate_column
from tests.attacks.world import Found, Site, World, variable


def far_from_the_spread(world: World) -> Found:
    """Of a score that is known to have mean 100 and sd 15 one patient's is very high."""
    score = _with_outlier(world)
    told = world.ask("describe", [world.guarded(score=score)], variables=["score"])
    return float(score[-1]), [_outlier(variable(told, "score").get("overall", {}).get("sd"), world)]


def far_from_a_line(world: World) -> Found:
    """The same from a model's deviance, its sigma and the errors of its coefficients."""
    score = _with_outlier(world)
    told = world.ask(
        "regression",
        [world.guarded(score=score)],
        outcome="score",
        terms=["treated"],
        family="gaussian",
        site_effects=False,
    )
    sd = told.result.get("sigma")
    guesses = [_outlier(sd, world)]
    rows = {row["term"]: row for row in told.result.get("coefficients", ())}
    if rows and rows["treated"]["se"]:
        p = float(world.columns["treated"].mean())
        guesses.append(_outlier(rows["treated"]["se"] * math.sqrt(world.n * p * (1 - p)), world))
    return float(score[-1]), guesses


def far_in_two_ways(world: World) -> Found:
    """The same from r with a number in which the victim is as far, and which one knows."""
    score, known = _with_outlier(world), world.rng.normal(0, 1, world.n)
    known[-1] = math.sqrt(world.n * world.rng.uniform(1, 4))
    told = world.ask(
        "correlation", [world.guarded(score=score, known=known)], variables=["score", "known"]
    )
    pairs = told.result.get("pairs", ())
    r = pairs[0]["r"] if pairs else None
    if r is None or abs(r) >= 1:
        return float(score[-1]), []
    # r² = (d k)² / ((n 225 + d²) K), of which d alone, the distance from the mean, is unknown.
    share = r**2 * float(((known - known.mean()) ** 2).sum()) / known[-1] ** 2
    if share >= 1:
        return float(score[-1]), []
    return float(score[-1]), [100 + math.sqrt(share * world.n * 225 / (1 - share))]


def far_from_where_effects_are_told(world: World) -> Found:
    """The same from the places along a number, a spread apart, at which an effect is told."""
    n, share = 5_000, world.rng.uniform(0.35, 0.45)
    score = world.rng.normal(0, 0.4, n)
    score[-1] = 0.4 * math.sqrt(n * share / (1 - share))
    columns = {
        "score": score,
        "age": world.rng.integers(30, 80, n).astype(float),
        "income": np.round(world.rng.lognormal(10, 0.6, n), 2),
    }
    told = world.ask(
        "regression",
        [Site("Cleveland", columns, world.rules)],
        outcome="income",
        terms=["age", "score"],
        interaction_with="score",
        family="gaussian",
        site_effects=False,
    )
    levels = [float(one["level"]) for one in (told.result.get("answer") or {}).get("by") or ()]
    if len(levels) != 3:
        return float(score[-1]), []
    rest = n * ((levels[2] - levels[0]) / 2) ** 2 - n * 0.4**2
    return float(score[-1]), [math.sqrt(rest)] if rest > 0 else []


def one_value_of_few(world: World) -> Found:
    """Nearly all had no day in intensive care; five had, each another number of days."""
    days = np.zeros(world.n)
    days[-5:] = world.rng.choice(np.arange(20, 400), 5, replace=False)
    told = world.ask("describe", [world.guarded(days=days)], variables=["days"])
    return float(days.max()), list(told.numbers())


def far_from_a_profile(world: World) -> Found:
    """The same from the profile that everybody sees who sees the dataset."""
    score = _with_outlier(world)
    column = {
        "name": "score",
        "type": "number",
        "n": world.n,
        "missing": 0,
        "distinct": len(np.unique(score)),
        "min": float(score.min()),
        "max": float(score.max()),
        "mean": float(score.mean()),
        "sd": float(score.std(ddof=1)),
        "quantiles": None,
        "histogram": None,
        "top": [],
    }
    shown = column if world.rules.is_open else gate_column(column, world.n, 5)
    return float(score[-1]), [_outlier(shown["sd"], world)]


def _with_outlier(world: World) -> np.ndarray:
    score = world.rng.normal(100, 15, world.n)
    share = world.rng.uniform(0.6, 0.85)
    score[-1] = 100 + 15 * math.sqrt(world.n * share / (1 - share))
    return np.round(score, 1)


def _outlier(sd: float | None, world: World) -> float | None:
    """Who makes the spread so large, where everybody else's is 15 about 100."""
    if not sd:
        return None
    rest = (world.n - 1) * sd**2 - (world.n - 2) * 15**2
    return 100 + math.sqrt(rest * world.n / (world.n - 1)) if rest > 0 else None
