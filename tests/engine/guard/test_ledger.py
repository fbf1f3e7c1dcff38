"""By how many people two releases differ, within a version and between two."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.engine.guard.ledger import Comparison
from datasets.engine.guard.row_sets import RowSet, behind, rows_of
from datasets.engine.rows.contents import contents_of
from datasets.engine.rows.frame import Frame
from tests.engine.guard.asking import too_close

READS = (("age", ("age",)), ("income", ("income",)))
RNG = np.random.default_rng(7)
TABLE = {
    "id": np.arange(100),
    "age": RNG.integers(30, 80, 100),
    "income": np.round(RNG.lognormal(10, 0.6, 100), 2),
}


def compared(tmp_path, *tables):
    """A comparison of versions 0, 1, ... with real tables of these columns."""
    for number, columns in enumerate(tables):
        pq.write_table(pa.table(columns), tmp_path / f"{number}.parquet")
    return Comparison(lambda version, names: contents_of(tmp_path / f"{version}.parquet", names))


def every(version, columns, reads=READS, subtractable=True):
    return RowSet(
        version, reads, subtractable, np.ones(len(next(iter(columns.values()))), dtype=bool)
    )


def rows(places):
    return {name: values[places] for name, values in TABLE.items()}


def test_rows_that_went_and_rows_that_came(tmp_path):
    fewer, more = rows(slice(3, None)), TABLE
    comparison = compared(tmp_path, fewer, more)
    assert comparison.differs_by(every(1, more), every(0, fewer)) == 3
    assert comparison.differs_by(every(0, fewer), every(1, more)) == 3


def test_a_changed_row_is_one_person(tmp_path):
    changed = TABLE | {"income": np.where(TABLE["id"] == 5, 1.0, TABLE["income"])}
    comparison = compared(tmp_path, TABLE, changed)
    assert comparison.differs_by(every(1, changed), every(0, TABLE)) == 1


def test_order_type_and_other_columns_make_nobody_another(tmp_path):
    order = RNG.permutation(100)
    again = {name: values[order] for name, values in TABLE.items()}
    again |= {"id": np.arange(100) + 1000, "age": again["age"].astype(str), "new": np.ones(100)}
    comparison = compared(tmp_path, TABLE, again)
    assert comparison.differs_by(every(1, again), every(0, TABLE)) == 0


def test_equal_rows_count_as_often_as_they_occur(tmp_path):
    once, twice = {"age": np.full(50, 40)}, {"age": np.full(52, 40)}
    reads = (("age", ("age",)),)
    comparison = compared(tmp_path, once, twice)
    assert comparison.differs_by(every(1, twice, reads), every(0, once, reads)) == 2


def test_a_column_that_changed_for_all_hides_nobody(tmp_path):
    """Incomes alone tell that one person came: a model has sums over each of its columns."""
    moved = TABLE | {"age": TABLE["age"] + 1}
    comparison = compared(tmp_path, rows(slice(1, None)), moved)
    assert comparison.differs_by(every(1, moved), every(0, rows(slice(1, None)))) == 1


def test_a_renamed_column_of_the_same_variable_hides_nobody(tmp_path):
    renamed = {"years": TABLE["age"], "euro": TABLE["income"]}
    reads = (("age", ("years",)), ("income", ("euro",)))
    comparison = compared(tmp_path, rows(slice(1, None)), renamed)
    assert comparison.differs_by(every(1, renamed, reads), every(0, rows(slice(1, None)))) == 1


def test_within_a_version_rows_are_places():
    here = np.ones(100, dtype=bool)
    without = here.copy()
    without[[3, 4]] = False
    comparison = Comparison(lambda *_: pytest.fail("no file is read"))
    all_rows, fewer = RowSet(0, READS, True, here), RowSet(0, READS[:1], True, without)
    assert comparison.differs_by(fewer, all_rows) == comparison.differs_by(all_rows, fewer) == 2
    # Another column may hold the same.
    other = RowSet(0, (("ward", ("ward",)),), True, without)
    assert comparison.differs_by(other, all_rows) == 2


def test_rounded_figures_are_close_only_to_the_same_figures():
    here = np.ones(100, dtype=bool)
    without = here & (np.arange(100) != 3)
    comparison = Comparison(lambda *_: pytest.fail("no file is read"))
    one, other = RowSet(0, READS[:1], False, here), RowSet(0, READS, False, without)
    assert comparison.differs_by(other, one) is None
    assert comparison.differs_by(RowSet(0, READS[:1], False, without), one) == 1


@pytest.mark.parametrize(("missing", "close"), [(0, False), (1, True), (4, True), (5, False)])
def test_fewer_than_the_threshold_are_too_close(missing, close):
    here = np.ones(100, dtype=bool)
    fewer = here & (np.arange(100) >= missing)
    found = too_close(
        [RowSet(0, READS, True, fewer)],
        [RowSet(0, READS, True, here)],
        5,
        Comparison(lambda *_: np.empty(0)),
    )
    assert [(one.people, one.earlier) for one in found] == ([(missing, 0)] if close else [])


def test_figures_of_one_answer_are_compared_with_each_other():
    here = np.ones(100, dtype=bool)
    sets = [RowSet(0, READS, True, here), RowSet(0, READS[:1], True, here & (np.arange(100) > 0))]
    (found,) = too_close(sets, [], 5, Comparison(lambda *_: np.empty(0)))
    assert (found.people, found.earlier) == (1, None)


def test_columns_that_nearly_agree_are_told_beside_one_and_the_same_thing_once():
    names = ("before", "after", "sick", "rare", "rarer")
    columns = {name: np.zeros(100, dtype=np.uint64) for name in names}
    columns["before"][:40] = columns["after"][:41] = columns["sick"][30:70] = 1
    columns["rare"][96:] = columns["rarer"][3:5] = 1
    comparison = Comparison(lambda *_: np.empty(0), lambda _, rule: columns[rule])

    def figure(*names, subtractable=False):
        reads, rules = tuple((name, (name,)) for name in names), tuple((one, one) for one in names)
        return RowSet(1, reads, subtractable, np.ones(100, dtype=bool), rules)

    assert comparison.differs_by(figure("after"), figure("before")) is None
    assert comparison.differs_by(figure("after", "sick"), figure("before", "sick")) == 1
    both = [figure("before", "sick"), figure("after", "sick")]
    assert [close.people for close in too_close(both, [], 5, comparison)] == [1]
    assert too_close([figure(name) for name in names], [], 5, comparison) == []
    other = [figure(name, "sick") for name in ("before", "rare", "rarer")]
    assert too_close(other, [], 5, comparison) == [], "few have either"


def test_complete_rows_stand_behind_each_group_of_variables():
    age = np.array([1.0, np.nan, 3.0, 4.0])
    ward = np.array(["a", "b", None, "d"], dtype=object)
    frames = [
        Frame({"age": age[:2], "ward": ward[:2]}, 2),
        Frame({"age": age[2:], "ward": ward[2:]}, 2),
    ]
    reads = (("age", ("years",)), ("ward", ("ward",)))
    groups = [("age", "ward", "site"), ("age",)]
    groups = [(one, one) for one in groups]
    both, alone = behind(frames, groups, True, 1, 3, reads)
    assert both.rows.tolist() == [True, False, False, True]
    assert both.columns == {"years", "ward"}
    assert alone.rows.tolist() == [True, False, True, True]
    assert (alone.count, alone.version, alone.columns) == (3, 3, {"years"})
    assert rows_of(alone.to_bytes(), 4).tolist() == alone.rows.tolist()
    assert behind(frames, [(("none",), ("none",))], True, 1, 3, reads) == []
    of_each = [one.rows.tolist() for one in behind(frames, groups[:1], True, 2, 3, reads)]
    assert of_each == [both.rows.tolist(), alone.rows.tolist(), [True, True, False, True]]
