"""A step is rounded before the error of any outcome comes to it, and not after."""

import pytest

from datasets.engine.methods.regression import moved
from tests.attacks import on_steps
from tests.attacks.world import by_luck, hits


@pytest.mark.parametrize(
    ("attack", "luck", "worlds"),
    [(on_steps.people_by_steps, 0.2, 12), (on_steps.far_by_steps, 0.05, 6)],
    ids=["people", "far"],
)
def test_steps_of_many_outcomes_tell_nothing_together(attack, luck, worlds, monkeypatch):
    """As parts of errors they told how many have a level, of five numbers, in 21 worlds of 24 by
    forty outcomes that nobody lacks, and within 1 % how far off one patient is in 12."""
    found, seed = hits(attack, worlds, counts_query_sets=True)
    assert found <= by_luck(luck, worlds), f"recovered {found} of {worlds}, seed {seed}"
    monkeypatch.setattr(moved, "_as_told", lambda by_a_row, *_: by_a_row)
    assert hits(attack, 5, seed=3, counts_query_sets=True)[0] >= 3
