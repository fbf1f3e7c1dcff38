"""Levels that one site copies beside those that other sites' rules name."""

import pytest

from datasets.mappings.levels import Levels, is_foreign

NAMED = Levels("Oslo", frozenset({"male", "female"}), whole=True, by_rule=True)


def copied(*seen, whole=True):
    return Levels("Turin", frozenset(seen), whole, by_rule=False)


@pytest.mark.parametrize(
    ("own", "foreign"),
    [
        (copied("1", "2"), True),
        (copied("1", "male"), False),
        (copied("1", "2", whole=False), False),
        (copied(), False),
        (None, False),
    ],
)
def test_only_who_is_seen_to_copy_none_of_them_is_foreign(own, foreign):
    """Of levels that are not all seen, one of the others' may be among the rest."""
    assert is_foreign(own, [NAMED]) is foreign
