"""Profiles are one table; a dataset's own threshold only ever makes it stricter."""

from itertools import pairwise

import pytest

from datasets.engine.guard.rules import PROFILES, ROUNDING, rules_of
from portal.common.text import STEP_OF_COUNTS


def test_the_profiles_get_stricter():
    order = [PROFILES[name] for name in ("open", "standard", "strict", "sums_only")]
    assert [one.threshold for one in order] == [0, 5, 10, 10]
    for looser, stricter in pairwise(order):
        assert stricter.dominance_share <= looser.dominance_share
        assert stricter.columns_per_row <= looser.columns_per_row
        assert stricter.leverage <= looser.leverage
    assert [one.distributions for one in order] == [True, True, True, False]
    assert [one.query_sets for one in order] == [0, 8, 4, 4]


def test_what_the_engine_rounds_and_what_pages_round_is_the_same():
    """Neither may know the other: a sum in which some counts are rounded is rounded as they are."""
    assert STEP_OF_COUNTS == ROUNDING
    assert {one.rounding for one in PROFILES.values() if not one.is_open} == {ROUNDING}


@pytest.mark.parametrize(
    ("profile", "own", "used"),
    [
        ("standard", 3, 3),
        ("standard", 11, 11),
        ("strict", 3, 10),
        ("strict", 11, 11),
        ("open", 5, 0),
    ],
)
def test_the_threshold_of_the_dataset(profile, own, used):
    assert rules_of(profile, own).threshold == used


@pytest.mark.parametrize(
    ("threshold", "counts"),
    [
        (3, {0: 0, 2: 0, 3: 5, 7: 5, 8: 10, 303: 305}),
        (5, {4: 0, 5: 5, 7: 5, 8: 10, 12: 10, 13: 15}),
        (11, {10: 0, 11: 15, 12: 15, 17: 15, 18: 20}),
    ],
)
def test_a_rounded_count_is_never_between_0_and_the_threshold(threshold, counts):
    rules = rules_of("standard", threshold)
    assert {n: rules.rounded(n) for n in counts} == counts


def test_no_such_profile():
    with pytest.raises(KeyError):
        rules_of("secret")
