"""Whoever asks about two columns over ever more selections of nearly the same rows is told some."""

from functools import partial

import numpy as np
import pytest

from datasets.engine.guard.rules import rules_of
from tests.attacks import on_query_sets
from tests.attacks.world import THRESHOLD, World

COLUMNS, SEED = 12, 5
STANDARD, STRICT = (rules_of(one, THRESHOLD) for one in ("standard", "strict"))


@pytest.mark.parametrize("rules", [STANDARD, STRICT], ids=lambda one: one.profile)
@pytest.mark.parametrize(
    ("attack", "questions"),
    [
        (partial(on_query_sets.nearly_few_valued, by="r"), 1),
        (partial(on_query_sets.nearly_few_valued, by="linear"), 1),
        (on_query_sets.robust_errors, 2),
        (on_query_sets.two_terms, 2),
        (on_query_sets.near_the_threshold, 1),
    ],
    ids=["r", "linear", "robust errors", "two terms", "refusals"],
)
def test_over_more_selections_than_the_rules_let_pass_all_is_held(attack, questions, rules):
    world = World(np.random.default_rng(SEED), rules, counts_query_sets=True)
    attack(world, columns=COLUMNS)
    assert world.held == questions * (COLUMNS - rules.query_sets)
    unlimited = World(np.random.default_rng(SEED), rules)
    attack(unlimited, columns=COLUMNS)
    assert not unlimited.held, "no other wall holds it"
