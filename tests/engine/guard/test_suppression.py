"""Hidden cells of tables: what an attacker can derive of them, by integer programming."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from datasets.engine.guard.suppression import complementary, hidden_in_line, hidden_in_table
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
