"""Databases stay open for the next who read the same files, and nothing of anybody in them."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.engine.rows.connection import literal, reading


def table(path: Path, *values: int) -> Path:
    pq.write_table(pa.table({"a": list(values)}), path)
    return path


def sum_of(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    return connection.execute(f"SELECT sum(a) FROM {literal(str(path))}").fetchall()[0][0]


def test_a_database_that_stays_open_reads_its_own_files_alone(tmp_path):
    ours, another = table(tmp_path / "ours.parquet", 1), table(tmp_path / "another.parquet", 2)
    for path in (ours, another, ours):
        with reading([path]) as connection:
            assert sum_of(connection, path) == (1 if path is ours else 2)
            with pytest.raises(duckdb.PermissionException, match="disabled"):
                sum_of(connection, another if path is ours else ours)


def test_a_file_that_is_replaced_or_gone_is_read_from_no_memory(tmp_path):
    path = table(tmp_path / "kept.parquet", 1, 2)
    with reading([path]) as connection:
        assert sum_of(connection, path) == 3
    table(path, 5, 6)
    with reading([path]) as connection:
        assert sum_of(connection, path) == 11
    path.unlink()
    with reading([path]) as connection, pytest.raises(duckdb.Error):
        sum_of(connection, path)


def test_what_one_reader_sets_aside_the_next_does_not_find(tmp_path):
    path = table(tmp_path / "kept.parquet", 1)
    with reading([path]) as connection:
        connection.execute(f"CREATE TEMP TABLE aside AS SELECT * FROM {literal(str(path))}")
    with reading([path]) as connection, pytest.raises(duckdb.CatalogException, match="aside"):
        connection.execute("SELECT * FROM aside")
