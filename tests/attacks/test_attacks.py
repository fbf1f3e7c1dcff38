"""Nobody without row rights recovers a planted value, exactly or within 1 %, in any world.

Each attack is tried against the wall that stops it, and works where that wall is not.
"""

import inspect
import secrets

import numpy as np
import pytest

from datasets.engine.guard.rules import OPEN
from datasets.engine.methods import METHODS
from datasets.engine.methods.contract import NOTHING_RELEASED
from tests.attacks import in_words, on_models, on_sets, on_tables
from tests.attacks.world import WORLDS, Refused, World, by_luck, hits, near

CLOSED = [
    # What a blind guess hits: 2 % of a range, or one of the counts under the threshold.
    (on_tables.padded_mean_by_group, 0.02),
    (on_tables.padded_mean_by_site_pair, 0.02),
    (on_tables.differenced_means, 0.02),
    (on_tables.differenced_spreads, 0.02),
    (on_tables.few_valued_moments, 0.0),
    (on_tables.counted_rare_level, 0.0),
    (on_tables.counted_missing, 0.25),
    (on_models.counted_missing_in_a_regression, 0.0),
    (on_tables.linked_tables, 0.0),
    (on_tables.extremes, 0.02),
    (on_models.flagged_coefficient, 0.02),
    (on_models.padded_coefficient, 0.02),
    (on_models.isolating_interaction, 0.02),
    (on_models.saturated_model, 0.02),
    (on_models.rare_correlation, 0.02),
    (on_models.padded_correlation, 0.02),
    (on_models.table_from_correlation, 0.0),
    (on_models.table_from_ranks, 0.0),
    (in_words.likely_missing_code, 0.0),
]
BY_DIFFERENCE = [
    on_sets.differenced_regressions,
    on_sets.differenced_with_a_colleague,
    on_sets.differenced_variables,
    on_sets.differenced_among_other_changes,
    on_sets.differenced_after_ages_moved,
    on_sets.differenced_correction,
    on_sets.differenced_in_steps,
    on_models.padded_sums_of_correlations,
]
CLOSED += [(one, 0.02) for one in BY_DIFFERENCE]
CLOSED_BY_ROW_RIGHTS = [on_tables.shifted_expressions, on_models.isolating_expression]


@pytest.mark.parametrize(("attack", "luck"), CLOSED, ids=lambda one: getattr(one, "__name__", ""))
def test_an_attack_does_no_better_than_blind_guesses(attack, luck):
    """The gate alone is enough: the ledger does not help it here."""
    found, seed = hits(attack, keeps_ledger=False)
    assert found <= by_luck(luck), f"recovered {found} of {WORLDS}, seed {seed}"


@pytest.mark.parametrize("attack", BY_DIFFERENCE, ids=lambda one: one.__name__)
def test_answers_about_rows_that_differ_by_one_person_are_held(attack):
    """Rounding is one wall before these, the ledger is another."""
    found = world()
    attack(found)
    assert found.held


def test_roundings_are_no_wall_alone_and_the_ledger_is():
    """An attacker who moves their own rows finds what a rounded estimate was made of."""
    found, _ = hits(on_sets.halved_roundings, 4, keeps_ledger=False)
    assert found >= 2
    found, seed = hits(on_sets.halved_roundings, 8)
    assert found <= by_luck(0.02, 8), f"recovered {found} of 8, seed {seed}"


@pytest.mark.parametrize("attack", CLOSED_BY_ROW_RIGHTS, ids=lambda one: one.__name__)
def test_whoever_reads_no_rows_defines_no_variable_by_an_expression(attack):
    with pytest.raises(Refused):
        attack(world())
    opened = World(np.random.default_rng(secrets.randbits(32)), OPEN)
    secret, guesses = attack(opened)
    assert any(near(guess, secret) for guess in guesses)


def world():
    return World(np.random.default_rng(secrets.randbits(32)))


def test_the_name_of_a_rare_level_is_nowhere():
    name, everything = in_words.telling_names(world())
    assert len(everything) == 4 * len(METHODS)
    assert not any(name in one for one in everything)


def test_a_refusal_is_one_sentence_whatever_the_reason():
    assert set(in_words.telling_errors(world())) == {(NOTHING_RELEASED,)}


def test_nothing_is_said_of_every_row_of_a_kind():
    told = in_words.telling_separation(world())
    assert "every row" not in told.everything
    assert "flag = 1" not in told.everything
    assert any(text.startswith("Withheld by Cleveland") for text in told.texts)


def test_an_open_hospital_is_answered_as_before():
    """What is given away where the owner said so: the attacks are no use because of the gate."""
    found = World(np.random.default_rng(secrets.randbits(32)), OPEN)
    secret, guesses = on_tables.differenced_means(found)
    assert any(abs(one - secret) < 0.01 * secret for one in guesses)


def test_every_method_is_attacked():
    asked = "".join(inspect.getsource(one) for one in (on_tables, on_models, on_sets, in_words))
    for name in METHODS:
        assert f'"{name}"' in asked, f"no attack asks for {name}"
