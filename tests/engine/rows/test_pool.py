"""Harmonised data in blocks of arrays, as the statistical methods take it."""

import numpy as np
import pytest

from datasets.engine.mapping.harmonise import harmonise
from datasets.engine.rows.frame import InputInfo, VariableInfo
from datasets.engine.rows.pool import open_rows
from tests.engine.reading.reading import read

INFO = InputInfo(0, "Hungary", "HUN", "Eastern Europe")
VARIABLES = [
    VariableInfo("n", "integer"),
    VariableInfo("x", "number"),
    VariableInfo("ok", "boolean"),
    VariableInfo("sex", "category"),
    VariableInfo("day", "date"),
    VariableInfo("moment", "datetime"),
]


@pytest.fixture
def parquet(tmp_path):
    read(
        tmp_path,
        "n,x,ok,sex,day,moment\n"
        "1,1.5,true,F,2020-01-31,2020-01-31 10:30:00\n"
        ",,,,,\n"
        "3,-2,false,M,1960-12-01,1960-12-01 00:00:00\n",
    )
    target = tmp_path / "shared.parquet"
    rules = {one.name: {"kind": "copy", "column": one.name} for one in VARIABLES}
    harmonise(tmp_path / "out.parquet", rules, VARIABLES, target)
    return target


def test_arrays_by_type(parquet):
    (frame,) = open_rows(parquet, VARIABLES, INFO)
    assert frame.n == 3
    for name, expected in [("n", [1, np.nan, 3]), ("x", [1.5, np.nan, -2]), ("ok", [1, np.nan, 0])]:
        assert frame.columns[name].dtype == np.float64
        np.testing.assert_array_equal(frame.columns[name], expected)
    for name, expected in [
        ("sex", ["F", None, "M"]),
        ("day", ["2020-01-31", None, "1960-12-01"]),
        ("moment", ["2020-01-31T10:30:00", None, "1960-12-01T00:00:00"]),
        ("site", ["Hungary"] * 3),
        ("country", ["HUN"] * 3),
        ("region", ["Eastern Europe"] * 3),
    ]:
        assert frame.columns[name].dtype == object
        assert frame.columns[name].tolist() == expected


def test_blocks_can_be_read_again(parquet):
    rows = open_rows(parquet, VARIABLES[:1], INFO, block=2)
    for _ in range(2):
        assert [frame.n for frame in rows] == [2, 1]
        joined = np.concatenate([frame.columns["n"] for frame in rows])
        np.testing.assert_array_equal(joined, [1, np.nan, 3])


def test_a_variable_that_is_not_there_is_named(parquet):
    with pytest.raises(KeyError, match="height"):
        list(open_rows(parquet, [VariableInfo("height", "number")], INFO))
