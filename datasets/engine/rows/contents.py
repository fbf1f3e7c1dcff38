"""What each row of a table holds, as one number: for finding the same rows in two tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import numpy as np

from datasets.engine.rows.connection import reading
from datasets.engine.rows.table import Table

Contents = Callable[[Path, Sequence[str]], np.ndarray]


def contents_of(path: Path, columns: Sequence[str]) -> np.ndarray:
    """A uint64 for each row of the table at `path`, in order: equal where these columns are.

    A number is the same in a column of text, so that reading a file otherwise changes no row. The
    hashes are for comparing within one process: DuckDB's next version may have others.
    """
    with contents_within([path]) as contents:
        return contents(path, columns)


@contextmanager
def contents_within(paths: Sequence[Path]) -> Iterator[Contents]:
    """`contents_of` for many a look at the same tables, each of which is opened once."""
    with reading(paths) as connection:

        @cache
        def opened(path: Path) -> tuple[Table, dict[str, str]]:
            table = Table.open(path)
            return table, _types(connection, table)

        def contents(path: Path, columns: Sequence[str]) -> np.ndarray:
            table, types = opened(path)
            texts = ", ".join(as_text(table.places[name], types[name]) for name in columns)
            found = connection.execute(f"SELECT hash({texts}) AS h FROM {table.relation}")
            return np.asarray(found.fetchnumpy()["h"], dtype=np.uint64)

        yield contents


def filled_in(path: Path, column: str) -> np.ndarray:
    """Which rows of the table at `path`, in order, have a value in this column."""
    table = Table.open(path)
    with reading([path]) as connection:
        there = f"SELECT {table.places[column]} IS NOT NULL AS there FROM {table.relation}"
        found = connection.execute(there).fetchnumpy()
    return np.asarray(found["there"], dtype=bool)


def _types(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {table.relation}").fetchall()
    return dict(zip(table.names, (row[1] for row in described), strict=True))


def as_text(place: str, type_: str) -> str:
    """SQL that writes a value the same in whatever type it is kept."""
    if type_ in ("BIGINT", "DOUBLE"):
        return f"{place}::DOUBLE::VARCHAR"
    if type_ == "BOOLEAN":
        return f"{place}::INTEGER::DOUBLE::VARCHAR"
    if type_ == "VARCHAR":
        return f"coalesce(TRY_CAST({place} AS DOUBLE)::VARCHAR, {place})"
    return f"{place}::VARCHAR"
