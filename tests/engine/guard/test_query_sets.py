"""Two columns are told together over some selections of rows of a version, and over no other."""

import numpy as np
import pytest

from datasets.engine.guard.query_sets import UsedUp, used_up
from datasets.engine.guard.row_sets import RowSet, behind
from datasets.engine.rows.frame import Frame


def model(start, version=1, is_beside=False, **reads):
    """A model of these variables, each with the columns it reads, over all rows from `start` on."""
    rows = np.arange(100) >= start
    return RowSet(version, tuple(reads.items()), True, rows, is_beside=is_beside)


SICK, OLD, LAB = ("sick",), ("age",), ("lab",)
EARLIER = [model(10 * k, ill=SICK, old=OLD, **{f"lab{k}": (f"lab{k}",)}) for k in range(3)]


def test_another_selection_is_one_too_many():
    new = model(50, ill=SICK, old=OLD)
    assert used_up([new], EARLIER, 4) is None
    assert used_up([new], EARLIER, 3) == UsedUp(3, ("age", "sick"))


def test_the_same_rows_count_once_whatever_else_is_asked_of_them():
    same = model(20, ill=SICK, old=OLD, lab=LAB)
    assert used_up([same], EARLIER, 3) is None
    assert used_up([model(50, ill=SICK, old=OLD)], [*EARLIER, same], 4) is None


def test_rows_that_were_told_of_other_columns_are_another_selection():
    other = model(50, weight=("weight",), old=OLD)
    assert used_up([model(50, ill=SICK, old=OLD)], [*EARLIER, other], 3)


def test_columns_count_and_not_the_variables_made_of_them():
    recoded = model(50, decade=OLD, days_ill=SICK)
    assert used_up([recoded], EARLIER, 3)
    of_two = model(50, ill=SICK, index=("weight", "age"))
    assert used_up([of_two], EARLIER, 3) == UsedUp(3, ("age", "sick"))


def test_a_variable_of_several_columns_is_no_pair_of_them():
    earlier = [model(10 * k, index=("age", "weight"), ill=SICK) for k in range(3)]
    assert used_up([model(50, index=("age", "weight"), lab=LAB)], earlier, 3) is None


@pytest.mark.parametrize(
    "new",
    [model(50, version=2, ill=SICK, old=OLD), model(50, ill=SICK), model(50, old=OLD, lab=LAB)],
)
def test_another_version_one_variable_or_another_pair_is_no_more_of_it(new):
    assert used_up([new], EARLIER, 3) is None


def test_what_stands_beside_a_figure_was_not_told():
    beside = [model(10 * k, is_beside=True, ill=SICK, old=OLD) for k in range(3)]
    new = model(50, ill=SICK, old=OLD)
    assert used_up([new], beside, 3) is None
    assert used_up([model(50, is_beside=True, ill=SICK, old=OLD)], EARLIER, 3) is None


def test_a_model_of_variables_that_few_lack_is_one_selection():
    """Beside its own rows those stand in the ledger that have each of them."""
    columns = {name: np.arange(100.0) for name in ("ill", "old", "lab")}
    columns["old"][:2] = columns["lab"][2:4] = np.nan
    names = tuple(columns)
    reads = tuple((name, (name,)) for name in names)
    sets = behind([Frame(columns, 100)], [(names, names)], True, 5, 1, reads)
    assert [one.count for one in sets if one.is_beside] == [98, 98]
    assert [one.count for one in sets if not one.is_beside] == [96]
    new = RowSet(1, reads[:2], True, np.arange(100) >= 50)
    assert used_up([new], sets, 2) is None
    assert used_up([new], sets, 1)
