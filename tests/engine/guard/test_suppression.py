"""Hidden cells of tables: what an attacker can derive of them, by integer programming."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from datasets.engine.guard.rules import rules_of
from datasets.engine.guard.suppression import complementary, hidden_in_line, hidden_in_table
from datasets.engine.guard.tables import released_line
from tests.engine.methods.cases import expected

TABLES = expected("disclosure_tables")
THRESHOLDS = (3, 5, 10, 11)


def attacker(table, hidden, row_totals=True, column_totals=True):
    """The least and most that each hidden cell can be, given the rest and the totals."""
    cells = sorted(hidden)
    sums, known = [], []
    for axis, use in ((0, row_totals), (1, column_totals)):
        for line in range(table.shape[axis]) if use else ():
            inside = [1.0 if cell[axis] == line else 0.0 for cell in cells]
            sums.append(inside)
            known.append(sum(int(table[c]) for c in cells if c[axis] == line))
    found = {}
    for k, cell in enumerate(cells):
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(cells))
            goal[k] = sign
            answer = milp(
                goal,
                constraints=LinearConstraint(np.array(sums), known, known),
                integrality=np.ones(len(cells)),
                bounds=Bounds(0, table.sum()),
            )
            ends.append(round(answer.x[k]))
        found[cell] = tuple(ends)
    return found


def _cells(mask):
    return {(int(i), int(j)) for i, j in zip(*np.nonzero(mask), strict=True)}


cases = [(name, t) for name in TABLES["tables"] for t in THRESHOLDS]


@pytest.mark.parametrize(("name", "threshold"), cases)
def test_tables_against_the_exact_reference(name, threshold):
    table = np.array(TABLES["tables"][name]["counts"])
    reference = TABLES["tables"][name][f"t={threshold}"]
    primary = {tuple(cell) for cell in reference["primary"]}
    assert _cells((table > 0) & (table < threshold)) == primary
    bounds = attacker(table, primary)
    assert {f"{i},{j}": list(b) for (i, j), b in bounds.items()} == (
        reference["bounds_primary_only"]
    )
    mask = complementary(table, threshold)
    if not primary:
        assert mask is not None
        assert not mask.any()
    elif reference["fewest_complementary_cells"] is None:
        assert mask is None
    else:
        assert mask is not None
        hidden = _cells(mask)
        assert primary <= hidden
        assert len(hidden - primary) == reference["fewest_complementary_cells"]
        for cell in primary:
            low, high = attacker(table, hidden)[cell]
            assert high - low >= threshold


small_tables = st.integers(2, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 30), min_size=columns, max_size=columns), min_size=2, max_size=4
    )
)


@settings(max_examples=40, deadline=None)
@given(small_tables, st.sampled_from(THRESHOLDS))
def test_no_table_gives_a_small_cell_back(rows, threshold):
    table = np.array(rows)
    mask = complementary(table, threshold)
    if mask is None:
        return
    bounds = attacker(table, _cells(mask))
    for cell in _cells((table > 0) & (table < threshold)):
        low, high = bounds[cell]
        assert high - low >= threshold


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.sampled_from(THRESHOLDS))
def test_a_line_hides_at_least_two_and_enough(counts, threshold):
    array = np.array(counts)
    hidden = hidden_in_line(array, threshold)
    small = {k for k, n in enumerate(counts) if 0 < n < threshold}
    if hidden is None:
        assert small
    elif small:
        assert small <= hidden
        assert len(hidden) >= 2
        assert array[list(hidden)].sum() >= threshold
    else:
        assert hidden == set()


@settings(max_examples=40, deadline=None)
@given(small_tables, st.sampled_from(THRESHOLDS))
def test_small_totals_are_hidden_with_their_cells(rows, threshold):
    table = np.array(rows)
    hidden_rows = hidden_in_line(table.sum(axis=1), threshold)
    if hidden_rows is None:
        return
    answer = hidden_in_table(table, threshold, hidden_rows)
    if answer is None:
        return
    mask, columns = answer
    for i, j in product(range(table.shape[0]), range(table.shape[1])):
        if 0 < table[i, j] < threshold or i in hidden_rows or j in columns:
            assert mask[i, j]
    assert all(n == 0 or n >= threshold or j in columns for j, n in enumerate(table.sum(axis=0)))


@settings(max_examples=40, deadline=None)
@given(small_tables, st.sampled_from(THRESHOLDS))
def test_nothing_released_bounds_a_small_cell_or_total_under_the_threshold(rows, threshold):
    """By its cells, totals and number of rows, as a description shows them."""
    table = np.array(rows)
    hidden_rows = hidden_in_line(table.sum(axis=1), threshold)
    answer = None if hidden_rows is None else hidden_in_table(table, threshold, hidden_rows)
    if answer is None:
        return
    mask, hidden_columns = answer
    shown = {(i, j): n for (i, j), n in np.ndenumerate(table) if not mask[i, j]}
    lines = [(0, i) for i in range(table.shape[0]) if i not in hidden_rows]
    lines += [(1, j) for j in range(table.shape[1]) if j not in hidden_columns]
    small = [[place] for place, n in np.ndenumerate(table) if 0 < n < threshold]
    for axis, hidden in ((0, hidden_rows), (1, hidden_columns)):
        for line in hidden:
            if 0 < table.sum(axis=1 - axis)[line] < threshold:
                small.append([place for place in np.ndindex(table.shape) if place[axis] == line])
    for places in small:
        assert most_of(table, shown, lines, places) >= threshold


def most_of(table, shown, lines, places):
    """How many rows these cells together have at most, by all that is shown of a table."""
    cells = list(np.ndindex(table.shape))
    fixed = [[float(cell == one) for cell in cells] for one in shown]
    sums = [[float(cell[axis] == line) for cell in cells] for axis, line in lines]
    known = [*shown.values(), *(table.sum(axis=1 - axis)[line] for axis, line in lines)]
    answer = milp(
        [-float(cell in places) for cell in cells],
        constraints=LinearConstraint(
            np.array([*fixed, *sums, np.ones(len(cells))]), *(2 * [[*known, table.sum()]])
        ),
        integrality=np.ones(len(cells)),
        bounds=Bounds(0, table.sum()),
    )
    return round(-answer.fun)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=8), st.sampled_from(THRESHOLDS))
def test_a_rounded_line_tells_no_small_count_from_none(counts, threshold):
    """Whoever knows the rules and how many rows there are cannot say that a hidden cell has any."""
    rules = rules_of("standard", threshold)
    shown = released_line(counts, rules)
    assume(any(shown))
    largest = counts.index(max(counts))
    low, high = [], []
    for k in range(len(counts)):
        told = [n for n in range(sum(counts) + 1) if rules.rounded(n) == shown[k]]
        # The largest stands for itself and for all that was hidden or rounded.
        ends = (threshold, sum(counts)) if k == largest and shown[k] else (told[0], told[-1])
        low.append(ends[0])
        high.append(ends[1])
    for k, n in enumerate(counts):
        if 0 < n < threshold:
            goal = np.eye(len(counts))[k]
            answer = milp(
                goal,
                constraints=LinearConstraint(np.ones((1, len(counts))), sum(counts), sum(counts)),
                integrality=np.ones(len(counts)),
                bounds=Bounds(low, high),
            )
            assert round(answer.fun) == 0
