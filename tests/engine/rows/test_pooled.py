"""Rows of several tables in one: nothing lost, each with its source, always the same bytes."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.engine.rows import pooled
from datasets.engine.rows.frame import InputInfo
from datasets.engine.rows.pooled import Source, row_count, source_column, write_pooled


def go_on():
    pass


@pytest.fixture
def sources(tmp_path):
    found = []
    for index, (site, country, ages) in enumerate(
        [("Oslo", "NOR", [40, None, 42]), ("Lima", "PER", [50, 51])]
    ):
        path = tmp_path / f"{index}.parquet"
        pq.write_table(pa.table({"source": ["a"] * len(ages), "age": pa.array(ages)}), path)
        info = InputInfo(index, site, country, "region")
        found.append(Source(path, info, f"{7 + index}/1"))
    return found


def test_every_row_says_where_it_came_from(sources, tmp_path, monkeypatch):
    monkeypatch.setattr(pooled, "BATCH_ROWS", 2)
    write_pooled(sources, ["age"], tmp_path / "all", go_on)
    rows = pq.read_table(tmp_path / "all").to_pylist()
    assert [row["age"] for row in rows] == [40, None, 42, 50, 51]
    assert [row["source"] for row in rows] == ["7/1/1", "7/1/2", "7/1/3", "8/1/1", "8/1/2"]
    assert [row["site"] for row in rows] == ["Oslo"] * 3 + ["Lima"] * 2
    assert {(row["country"], row["region"]) for row in rows[3:]} == {("PER", "region")}
    assert row_count(tmp_path / "all") == 5


def test_a_variable_called_source_keeps_its_name(sources, tmp_path):
    assert source_column(["source", "source_"]) == "source__"
    write_pooled(sources, ["source", "age"], tmp_path / "all", go_on)
    first = pq.read_table(tmp_path / "all").to_pylist()[0]
    assert (first["source"], first["source_"]) == ("a", "7/1/1")


def test_the_same_tables_give_the_same_bytes(sources, tmp_path):
    for name in ("one", "two"):
        write_pooled(sources, ["age"], tmp_path / name, go_on)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_it_stops_when_asked(sources, tmp_path):
    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write_pooled(sources, ["age"], tmp_path / "all", stop)
