"""Attacks on descriptions: counts, means and what is missing."""

import math
from functools import cache
from itertools import product

import numpy as np

from datasets.engine.mapping.units import conversion, convertible
from datasets.engine.mapping.units_table import ANALYTES, UNITS
from tests.attacks.world import (
    THRESHOLD,
    Found,
    Refused,
    Site,
    World,
    group,
    rest_of_mean,
    texts,
    variable,
)


def padded_mean_by_group(world: World) -> Found:
    """A group of the victim and one's own rows: their mean, less what one brought."""
    mark = texts(["x" if one else "y" for one in world.flag()])
    own = world.own(mark="x")
    told = world.ask("describe", [world.guarded(mark=mark), own], variables=["income"], by="mark")
    part = group(told, "income", "x")
    return world.secret, [rest_of_mean(part.get("mean"), part.get("n"), own.columns["income"])]


def padded_mean_by_site_pair(world: World) -> Found:
    """Everybody's mean, less one's own rows, times n, from two versions."""
    own = world.own()
    sums = []
    for one in (world.guarded(), world.earlier()):
        whole = variable(world.ask("describe", [one, own], variables=["income"]), "income")
        overall = whole["overall"]
        sums.append((overall["mean"] or 0) * (overall["n"] or 0))
    return world.secret, [sums[0] - sums[1]]


def differenced_means(world: World) -> Found:
    """The mean of two versions, one row apart, with the number of rows known."""
    means = [_mean(world, [one]) for one in (world.guarded(), world.earlier())]
    if None in means:
        return world.secret, []
    n = world.n
    return world.secret, [n * means[0] - (n - 1) * means[1]]


def differenced_spreads(world: World) -> Found:
    """Mean and sd of two versions: two equations for one value."""
    parts = []
    for one in (world.guarded(), world.earlier()):
        parts.append(
            variable(world.ask("describe", [one], variables=["income"]), "income")["overall"]
        )
    squares = []
    for n, part in zip((world.n, world.n - 1), parts, strict=True):
        if part.get("mean") is None or part.get("sd") is None:
            return world.secret, []
        squares.append((n - 1) * part["sd"] ** 2 + n * part["mean"] ** 2)
    gap = squares[0] - squares[1]
    return world.secret, [math.sqrt(gap)] if gap > 0 else []


def shifted_expressions(world: World) -> Found:
    """The mean of income + c for very many c, whose roundings average out; two versions.

    Whoever maps columns writes the expressions.
    """
    world.columns["income"][-1] = np.round(world.rng.uniform(30_000, 60_000), 2)
    means = []
    shifts = np.arange(601) * 5000 / 601
    for site_of in (world.guarded, world.earlier):
        found = []
        for part in np.array_split(shifts, 4):
            columns = {f"v{k}": shift for k, shift in enumerate(part)}
            site = site_of()
            income = site.columns["income"]
            mapped = world.mapped(
                site, **{name: (f"income + {c}", income + c) for name, c in columns.items()}
            )
            told = world.ask("describe", [mapped], variables=list(columns))
            for name, c in zip(columns, part, strict=True):
                mean = variable(told, name).get("overall", {}).get("mean")
                found += [] if mean is None else [mean - c]
        means.append(float(np.mean(found)) if found else math.nan)
    return world.secret, [world.n * means[0] - (world.n - 1) * means[1]]


def averaged_units(world: World) -> Found:
    """A mean in very many units, whose roundings leave little room together; of a number that the
    site has twice, and once without the victim's."""
    glucose = np.round(world.rng.normal(100, 15, world.n))
    glucose[-1] = np.round(world.rng.uniform(140, 180))
    again = glucose.copy()
    again[-1] = np.nan
    site = world.guarded(glucose=glucose, glucose_again=again)
    found = [_mean_by_units(world, site, name) for name in ("glucose", "glucose_again")]
    if None in found:
        return float(glucose[-1]), []
    return float(glucose[-1]), [world.n * found[0] - (world.n - 1) * found[1]]


def _mean_by_units(world: World, site: Site, column: str) -> float | None:
    """The middle of what the mean can be, by how it is rounded in every unit."""
    low, high = -math.inf, math.inf
    for unit, to, analyte in _conversions():
        try:
            converted = world.converted(site, column, unit, to, analyte)
        except Refused:
            continue
        told = world.ask("describe", [converted], variables=["converted"])
        overall = variable(told, "converted").get("overall", {})
        if overall.get("mean") is None or conversion(unit, to, analyte).offset:
            continue
        factor = conversion(unit, to, analyte).factor
        step = _step_of(overall["sd"] / math.sqrt(world.n))
        low = max(low, (overall["mean"] - step / 2) / factor)
        high = min(high, (overall["mean"] + step / 2) / factor)
    return (low + high) / 2 if math.isfinite(low) else None


@cache
def _conversions() -> list[tuple[str, str, str]]:
    """From a unit to another, of an analyte: all that there are, a few thousand."""
    return [
        (unit, to, analyte)
        for unit, analyte in product(UNITS, ("", *ANALYTES))
        for to in convertible(unit, analyte)
    ]


def _step_of(error: float) -> float:
    """The largest 1, 2 or 5 · 10^k in it."""
    magnitude = 10.0 ** math.floor(math.log10(error))
    return max(m * magnitude for m in (1, 2, 5) if m * magnitude <= error * 1.000001)


def few_valued_moments(world: World) -> Found:
    """How many have 2 of 0, 1 and 2: from mean and sd."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    visits = world.columns["visits"].copy()
    visits[-hidden:] = 2.0
    told = world.ask("describe", [world.guarded(visits=visits)], variables=["visits"])
    part = variable(told, "visits")["overall"]
    if part.get("mean") is None or part.get("sd") is None:
        return hidden, []
    n = world.n
    total = n * part["mean"]
    squares = (n - 1) * part["sd"] ** 2 + n * part["mean"] ** 2
    return hidden, [(squares - total) / 2]


def counted_rare_level(world: World) -> Found:
    """A rare level, padded with thirty of one's own."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    ward = world.columns["ward"].copy()
    ward[-hidden:] = "rare"
    own = world.own(30, ward="rare")
    told = world.ask("describe", [world.guarded(ward=ward), own], variables=["ward"])
    counts = {one["value"]: one["n"] for one in variable(told, "ward")["overall"]["counts"]}
    return hidden, [(counts.get("rare") or 0) - 30]


def counted_missing(world: World) -> Found:
    """How many lack an income: rows less n."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    income = world.columns["income"].copy()
    income[-hidden:] = np.nan
    told = world.ask("describe", [world.guarded(income=income)], variables=["income"])
    part = variable(told, "income")["overall"]
    return hidden, [part.get("missing"), world.n - (part.get("n") or math.nan)]


def linked_tables(world: World) -> Found:
    """A cell of ward by sick: the margin of one question less the groups of another."""
    hidden = int(world.rng.integers(1, THRESHOLD))
    ward, sick = world.columns["ward"].copy(), world.columns["sick"].copy()
    sick[ward == "west"] = 0.0
    sick[np.flatnonzero(ward == "west")[:hidden]] = 1.0
    site = world.guarded(sick=sick, ill=texts(["yes" if one else "no" for one in sick]))
    margin = world.ask("describe", [site], variables=["ill"])
    crossed = world.ask("describe", [site], variables=["ill"], by="ward")
    total = _count(variable(margin, "ill").get("overall", {}), "yes")
    others = [_count(group(crossed, "ill", name), "yes") for name in ("north", "south", "east")]
    guesses = [_count(group(crossed, "ill", "west"), "yes")]
    if total is not None and None not in others:
        guesses.append(total - sum(others))
    turned = world.ask("describe", [site], variables=["ward"], by="ill")
    guesses.append(_count(group(turned, "ward", "yes"), "west"))
    return hidden, guesses


def extremes(world: World) -> Found:
    """The largest income, far beyond all others, among all numbers of the answer."""
    income = world.columns["income"].copy()
    income[-1] = float(np.round(income[:-1].max() * world.rng.uniform(1.4, 2.2), 2))
    site = world.guarded(income=income)
    told = world.ask("describe", [site], variables=["income"], by="ward")
    return float(income[-1]), list(told.numbers())


def _mean(world: World, sites: list[Site]) -> float | None:
    told = world.ask("describe", sites, variables=["income"])
    return variable(told, "income").get("overall", {}).get("mean")


def _count(part: dict, level: str) -> float | None:
    counts = {one["value"]: one["n"] for one in part.get("counts") or ()}
    return counts.get(level)
