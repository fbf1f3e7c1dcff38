"""Counts of two variables together: each 0 or enough, and no sum but what is told alone."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.guard.crossed import released_groups as beside_others
from datasets.engine.guard.crossed import within_margins
from datasets.engine.guard.rules import rules_of
from datasets.engine.guard.tables import released_line, room_of

released_groups = partial(beside_others, outside=0)
RULES = [rules_of("standard", t) for t in (3, 5, 10, 11)]


@st.composite
def tables(draw):
    shape = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    cells = draw(st.lists(st.integers(0, 60), min_size=shape[0] * shape[1], max_size=36))
    return np.array(cells[: shape[0] * shape[1]]).reshape(shape)


def lines_of(cells, rules):
    rows = released_line(cells.sum(axis=1).tolist(), rules)
    columns = released_line(cells.sum(axis=0).tolist(), rules, sum(rows))
    return np.array(rows), np.array(columns)


@settings(deadline=None, max_examples=50)
@given(tables(), st.sampled_from(RULES))
def test_cells_are_0_or_enough_and_near_and_add_up_to_what_is_told_alone(cells, rules):
    rows, columns = lines_of(cells, rules)
    told = within_margins(cells, rows, columns, rules)
    if told is None:
        return
    assert ((told == 0) | (told >= rules.threshold)).all()
    assert (told[cells < rules.threshold] == 0).all()
    assert told.sum() == rows.sum()
    is_enough = cells >= rules.threshold
    for axis, margin in ((1, rows), (0, columns)):
        if is_enough.any(axis=axis).all():
            assert told.sum(axis=axis).tolist() == margin.tolist()
    far = [abs(a - b) > room_of(b, rules) for a, b in zip(told.flat, cells.flat, strict=True) if a]
    assert not any(far)


@settings(deadline=None, max_examples=50)
@given(tables(), st.sampled_from(RULES))
def test_a_table_is_told_like_its_transpose(cells, rules):
    """Or a cell would be rounded twice."""
    rows, columns = lines_of(cells, rules)
    one = within_margins(cells, rows, columns, rules)
    other = within_margins(cells.T, columns, rows, rules)
    assert (one is None) is (other is None)
    assert one is None or (one == other.T).all()


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: str(rules.threshold))
def test_what_is_told_of_all_groups_is_what_is_told_without_groups(rules):
    """However the same people are grouped; 40 of 40 tables of enough people in each cell."""
    rng = np.random.default_rng(20)
    for _ in range(40):
        have = int(rng.integers(60, 140))
        flag = np.arange(300) < have
        groups = rng.integers(0, 3, 300)
        cells = np.array(
            [[np.sum(flag[groups == g]), np.sum(~flag[groups == g])] for g in range(3)]
        )
        alone = released_line([have, 300 - have], rules)
        told = released_groups(cells, rules, released_line(cells.sum(axis=1).tolist(), rules))
        assert np.sum([line for line in told if line], axis=0).tolist() == alone


def test_small_counts_of_groups_go_to_the_rest_of_their_levels():
    """Where each could be nobody's, which two levels of 8 rows could not; and where so many groups
    have few of a level that these are enough to be told without them."""
    rules = rules_of("standard", 5)
    counts = np.array([*[[40, 3, 2, 2, 0]] * 3, [40, 20, 20, 20, 0]])
    told = released_groups(counts, rules, [45, 45, 45, 100], rest=4)
    assert [line[1:4] for line in told] == [[0, 0, 0]] * 3 + [[20, 20, 20]]
    assert sum(line[4] for line in told) == 20
    assert all(line[4] for line in told[:3])
    counts[:3] = [40, 4, 4, 20, 0]
    told = released_groups(counts, rules, [70, 70, 70, 100], rest=4)
    assert not any(line[4] for line in told)


def test_small_counts_of_ordered_values_go_to_the_nearest():
    counts = np.array([[3, 30, 30, 3], [20, 20, 20, 20]])
    told = released_groups(counts, rules_of("standard", 5), [65, 80], ordered=True)
    assert told[0][0] == told[0][3] == 0
    assert abs(told[0][1] - 33) <= 7
    assert abs(told[0][2] - 33) <= 7


def test_a_group_too_thin_for_its_table_is_left_out():
    """Three groups of nothing but small counts beside a large one: no near table adds up."""
    counts = np.array(
        [
            [200, 200, 200],
            *[
                [
                    11,
                    9,
                    9,
                ]
            ]
            * 12,
        ]
    )
    rules = rules_of("standard", 11)
    told = released_groups(counts, rules, released_line(counts.sum(axis=1).tolist(), rules))
    assert told[0] is not None
    assert None in told
