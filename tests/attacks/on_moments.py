"""Attacks on correlations and estimates of few values: they are made of counts, and so are the
means and spreads behind r, which rows of one's own make out."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.optimize import least_squares
from scipy.special import expit

from datasets.engine.guard.rules import OPEN
from tests.attacks.on_counts import with_both_apart
from tests.attacks.world import Columns, Found, Site, World, coefficient

QUESTIONS, OWN_ROWS = 6, 40
LACKED = [f"lab{k}" for k in range(8)]
EITHER = 90
"""So many others have one of two things."""

Asked = Callable[[World, Site, str], float | None]
"""How two things go together over those who have a column."""

Expected = Callable[[np.ndarray, np.ndarray], float]
"""What is told of two things over all rows, were it exact."""


def people_by_own_rows(world: World) -> Found:
    """How many have a thing, one of five numbers that counts do not tell apart: the mean of a yes
    or no is their share, and r over all rows beside rows of one's own tells it."""
    size = int(world.rng.integers(8, 13))
    site = world.guarded(flag=world.rng.permutation(world.flag(size)))
    asked = [_asked(world, site) for _ in range(QUESTIONS)]
    if None in asked:
        return float(size), []

    def off(unknown: np.ndarray) -> list[float]:
        return [_r_of(unknown, own, n, alone) - r for own, n, alone, r in asked]

    starts = ([10 / world.n, 0.2, mean, 14.0] for mean in (45.0, 50.0, 55.0, 60.0))
    scale = [0.05, 0.2, 50.0, 14.0]
    solved = [
        least_squares(off, one, x_scale=scale, xtol=1e-14, ftol=1e-14, gtol=1e-14) for one in starts
    ]
    best = min(solved, key=lambda one: one.cost)
    return float(size), [float(round(best.x[0] * asked[0][1]))]


def people_with_both(world: World) -> Found:
    """How many have two things, one of five numbers, by whoever knows how many have either: r over
    those who have another column, by columns that 25 each lack."""

    def expected(both: int) -> float:
        return math.atanh(_r_of_cell(both, 40, both + EITHER, world.n))

    return _with_both(world, _z_of_both, expected)


def people_with_both_by_models(world: World) -> Found:
    """The same by linear models of the one thing by the other and each such column."""

    def expected(both: int) -> float:
        return both / 40 - EITHER / (world.n - 40)

    return _with_both(world, partial(_effect_on_both, family="gaussian"), expected)


def _with_both(world: World, asked: Asked, expected: Callable[[int], float]) -> Found:
    both = int(world.rng.integers(13, 18))
    flag, other = world.flag(40), world.flag(both)
    other[world.rng.choice(world.n - 40, EITHER, replace=False)] = 1.0
    return float(both), _of_five(world, {"flag": flag, "other": other}, asked, expected)


def nearly_with_both(world: World, asked: Asked, expected: Expected, third: int) -> Found:
    """The same where a thing is nearly a yes or no: so many others have a `third` value, or nine of
    the forty have 1.01 to 1.09 in place of 1."""
    both = int(world.rng.integers(13, 18))
    flag = world.flag(40)
    known = world.n - 40 - third
    if third:
        flag[known:-40] = 2.0
    else:
        flag[world.rng.choice(np.arange(world.n - 40, world.n), 9, False)] += np.arange(1, 10) / 100
    either = world.rng.choice(known, EITHER, replace=False)

    def other_of(both: int) -> np.ndarray:
        found = world.flag(both)
        found[either] = 1.0
        return found

    more = {"flag": flag, "other": other_of(both)}
    return float(both), _of_five(world, more, asked, lambda one: expected(flag, other_of(one)))


def _of_five(
    world: World, more: Columns, asked: Asked, expected: Callable[[int], float]
) -> list[float]:
    for name in LACKED:
        more[name] = world.rng.normal(size=world.n)
        more[name][world.rng.choice(world.n, 25, replace=False)] = np.nan
    site = world.guarded(**more)
    told = [one for name in LACKED if (one := asked(world, site, name)) is not None]
    if not told:
        return []
    mean = float(np.mean(told))
    return [float(min(range(13, 18), key=lambda one: abs(expected(one) - mean)))]


def _slope(flag: np.ndarray, other: np.ndarray) -> float:
    return float(np.polyfit(flag, other, 1)[0])


def _log_odds(flag: np.ndarray, other: np.ndarray) -> float:
    x, beta = np.column_stack([np.ones_like(flag), flag]), np.zeros(2)
    for _ in range(20):
        mean = expit(x @ beta)
        beta += np.linalg.solve((x.T * (mean * (1 - mean))) @ x, x.T @ (other - mean))
    return float(beta[1])


def _z(flag: np.ndarray, other: np.ndarray) -> float:
    return math.atanh(float(np.corrcoef(flag, other)[0, 1]))


def part_by_a_correlation(world: World) -> Found:
    """How many of those who have a column have two things, in a number that is theirs alone."""
    fives, site = with_both_apart(world)
    z = _z_of_both(world, site, "lab")
    if z is None:
        return fives, []
    r_of = {one: _r_of_cell(one, 95, 95, 190) for one in range(20, 60, 5)}
    return fives, [float(min(r_of, key=lambda one: abs(math.atanh(r_of[one]) - z)))]


def part_by_an_estimate(world: World, family: str) -> Found:
    """The same by a model of the one thing by the other."""
    fives, site = with_both_apart(world)
    effect = _effect_on_both(world, site, "lab", family)
    if effect is None:
        return fives, []

    def expected(both: int) -> float:
        odds = both / (95 - both)
        return 2 * math.log(odds) if family == "binomial" else (2 * both - 95) / 95

    return fives, [float(min(range(20, 60, 5), key=lambda one: abs(expected(one) - effect)))]


def _effect_on_both(world: World, site: Site, lacked: str, family: str) -> float | None:
    """That of one thing on the other over those who have a column."""
    asked = {"outcome": "other", "terms": ["flag", lacked], "family": family}
    told = world.ask("regression", [site], site_effects=False, **asked)
    return coefficient(told, "flag").get("estimate")


def _z_of_both(world: World, site: Site, lacked: str) -> float | None:
    """Fisher's z of two things over those who have a column."""
    asked = {"variables": ["flag", "other", lacked], "missing": "listwise"}
    pairs = world.ask("correlation", [site], **asked).result.get("pairs", ())
    found = [one["r"] for one in pairs if {one["x"], one["y"]} == {"flag", "other"}]
    return math.atanh(found[0]) if found and found[0] is not None else None


def _r_of_cell(both: int, first: int, second: int, n: int) -> float:
    """r of two things of which so many have both, and so many each."""
    of_first, of_second = first / n, second / n
    spread = of_first * (1 - of_first) * of_second * (1 - of_second)
    return (both / n - of_first * of_second) / math.sqrt(spread)


def _asked(world: World, site: Site) -> tuple[np.ndarray, int, float, float] | None:
    """Own rows, and what is told beside them: the site's rows, its r, and r over all."""
    flag = world.rng.normal(world.rng.normal(0, 1), 0.4, OWN_ROWS)
    age = world.rng.normal(world.rng.normal(55, 30), 15, OWN_ROWS)
    own = Site("Own", {"flag": flag, "age": age}, OPEN)
    told = world.ask("correlation", [site, own], variables=["flag", "age"]).result
    studies = [one for pair in told.get("across_sites", ()) for one in pair["studies"]]
    of_site = next((one for one in studies if one["site"] == site.name), None)
    if of_site is None:
        return None
    return np.array([flag, age]), of_site["n"], of_site["r"], told["pairs"][0]["r"]


def _r_of(unknown: np.ndarray, own: np.ndarray, n: int, r: float) -> float:
    """r over all rows, if these are the site's means and spreads."""
    first, first_sd, second, second_sd = unknown.tolist()
    apart = own.mean(axis=1) - [first, second]
    sums = np.cov(own, bias=True) * OWN_ROWS + np.outer(apart, apart) * n * OWN_ROWS / (
        n + OWN_ROWS
    )
    spreads = np.array([first_sd, second_sd])
    sums += np.outer(spreads, spreads) * np.array([[1, r], [r, 1]]) * (n - 1)
    return float(sums[0, 1] / math.sqrt(sums[0, 0] * sums[1, 1]))


def share_by_an_intercept(world: World, site: Site, term: str) -> float | None:
    """How many have a thing, by how an intercept's error hangs together with their effect's: it is
    told where the site's average row is."""
    asked = {"outcome": "income", "terms": ["flag"], "family": "gaussian", "site_effects": False}
    told = world.ask("regression", [site], **asked)
    errors = [coefficient(told, name).get("se") for name in ("(Intercept)", term)]
    if None in errors:
        return None
    rest = errors[0] ** 2 - told.result["sigma"] ** 2 / told.result["n"]
    return float(np.sqrt(max(rest, 0.0))) / errors[1]


NEARLY = {
    "linear": partial(
        nearly_with_both, asked=partial(_effect_on_both, family="gaussian"), expected=_slope
    ),
    "logistic": partial(
        nearly_with_both, asked=partial(_effect_on_both, family="binomial"), expected=_log_odds
    ),
    "pearson": partial(nearly_with_both, asked=_z_of_both, expected=_z),
}
"""How one thing goes together with another that is nearly a yes or no."""
