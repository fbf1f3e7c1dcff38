"""A part of the rows is told as all of them less those left out: it has no number of its own.

Nor has a mean or a spread that is made of counts.
"""

from functools import partial

import numpy as np
import pytest

from datasets.engine.guard import crossed
from datasets.engine.guard.tables import released_line
from datasets.engine.methods.correlation.few_values import FewValues
from datasets.engine.methods.regression import rounded as regression
from datasets.engine.methods.regression.crossed_counts import CrossedCounts
from datasets.engine.methods.regression.margins import Margins
from tests.attacks import on_counts, on_levels, on_moments
from tests.attacks.world import WORLDS, Site, World, by_luck, hits, texts


@pytest.mark.parametrize(
    "attack",
    [
        on_counts.part_by_an_error,
        on_counts.part_by_a_thin_group,
        on_counts.part_by_a_cell,
        on_moments.part_by_a_correlation,
        partial(on_moments.part_by_an_estimate, family="gaussian"),
        partial(on_moments.part_by_an_estimate, family="binomial"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_a_part_of_the_rows_is_told_in_no_number_of_its_own(attack, monkeypatch):
    """By errors, forty columns that ten people lack told how many have a level in 20 worlds of 24;
    by groups, as many that eight lack in 18; by cells, as many that 25 lack how many have two
    things, in 19."""
    of_part = crossed.within_margins

    def by_itself(counts, _of_all, rules, total):
        return released_line(counts, rules, total)

    def cell_by_itself(*asked):
        return of_part(*asked[:4])

    assert hits(attack, 8, keeps_ledger=False)[0] == 0
    monkeypatch.setattr(crossed, "released_part", by_itself)
    monkeypatch.setattr(regression, "within_margins", cell_by_itself)
    monkeypatch.setattr(FewValues, "correlation", lambda *_: None)
    monkeypatch.setattr(CrossedCounts, "few_outcomes", False)
    monkeypatch.setattr(Margins, "shares", lambda _, columns, _back: np.ones(len(columns)))
    assert hits(attack, 8, seed=2, keeps_ledger=False)[0] == 8


def test_a_mean_behind_a_correlation_tells_no_count(monkeypatch):
    """It was told finer than one of ten people: their number was found in 17 to 20 worlds of 24."""
    attack = on_moments.people_by_own_rows
    found, seed = hits(attack, keeps_ledger=False)
    assert found <= by_luck(0.2), f"recovered {found} of {WORLDS}, seed {seed}"
    monkeypatch.setattr(FewValues, "moments", lambda *_: None)
    assert hits(attack, 12, seed=2, keeps_ledger=False)[0] > 6


@pytest.mark.parametrize("coefficient", ["pearson", "spearman"])
def test_a_number_of_few_values_that_few_have_each_is_correlated_all_the_same(coefficient):
    world = World(np.random.default_rng(5), keeps_ledger=False)
    some, others = np.arange(30) % 10.0, np.where(np.arange(30) < 20, 0.0, np.arange(30) % 3)
    for values in (some, others):
        columns = {"age": world.columns["age"][:30], "few": values}
        site = Site("Cleveland", columns, world.rules)
        asked = {"variables": ["age", "few"], "coefficient": coefficient}
        (pair,) = world.ask("correlation", [site], **asked).result["pairs"]
        assert pair["r"] is not None


def test_a_correlation_over_a_part_of_the_rows_tells_no_cell(monkeypatch):
    """In steps, its average over eight columns that some lack told how many have two things in 20
    worlds of 24."""
    attack = on_moments.people_with_both
    found, seed = hits(attack, keeps_ledger=False)
    assert found <= by_luck(0.2), f"recovered {found} of {WORLDS}, seed {seed}"
    monkeypatch.setattr(FewValues, "correlation", lambda *_: None)
    assert hits(attack, seed=3, keeps_ledger=False)[0] > by_luck(0.2)


@pytest.mark.parametrize("kind", ["number", "category"])
def test_where_an_intercept_is_told_is_made_of_told_counts(kind):
    """In twentieths of exact ones forty columns that ten people lack told how many have a thing, of
    five numbers, in 24 worlds of 24, and now in 6."""
    world = World(np.random.default_rng(5), keeps_ledger=False)
    columns = {"income": world.rng.normal(size=230).round(3)}
    found = []
    for size in (40, 41):
        flag = (np.arange(230) < size).astype(float)
        named = texts(np.where(flag == 1, "yes", "no").tolist())
        site = Site(
            "Cleveland", columns | {"flag": flag if kind == "number" else named}, world.rules
        )
        term = "flag" if kind == "number" else "flag[yes]"
        found.append(on_moments.share_by_an_intercept(world, site, term))
    assert found[0] == pytest.approx(found[1], abs=0.005), "of both forty are told"


def test_estimates_over_parts_of_the_rows_tell_no_cell(monkeypatch):
    """In steps, the average of linear models over columns that some lack told how many have two
    things as r did."""
    attack = on_moments.people_with_both_by_models
    found, seed = hits(attack, keeps_ledger=False)
    assert found <= by_luck(0.2), f"recovered {found} of {WORLDS}, seed {seed}"
    monkeypatch.setattr(CrossedCounts, "few_outcomes", False)
    assert hits(attack, 12, seed=3, keeps_ledger=False)[0] > 6


@pytest.mark.parametrize("third", [0, 4], ids=["nine odd ones", "four of a third value"])
@pytest.mark.parametrize("kind", on_moments.NEARLY)
def test_a_few_odd_values_end_no_table(kind, third, monkeypatch):
    """They left estimates and r in steps: 24 columns told how many have both in 21 worlds of 24
    where nine people had 1.01 to 1.09, in 42 of 48 where four had another value."""
    attack = partial(on_moments.NEARLY[kind], third=third)
    found, seed = hits(attack, keeps_ledger=False)
    assert found <= by_luck(0.2), f"recovered {found} of {WORLDS}, seed {seed}"
    if kind == "pearson" and third:
        return  # Whose few values meet in small numbers are not correlated.
    monkeypatch.setattr(FewValues, "correlation", lambda *_: None)
    monkeypatch.setattr(CrossedCounts, "few_outcomes", False)
    assert hits(attack, 12, seed=3, keeps_ledger=False)[0] >= 5


def test_a_few_odd_values_have_no_error_tell_how_many_there_are():
    """Where three of those who have a level had 1.01 to 1.03, eight outcomes told 14 people from 16
    in 11 worlds of 24."""
    attack = partial(on_levels.people_by_robust_errors, errors="model", odd=3)
    found, seed = hits(attack, 8, keeps_ledger=False)
    assert not found, f"recovered {found} of 8, seed {seed}"
