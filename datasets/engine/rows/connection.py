"""DuckDB connections that can reach the named files and nothing else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import duckdb

THREADS = 2
READ_MEMORY = "250MB"
KEPT_OPEN = 4


def connect(
    paths: Sequence[Path] = (),
    *,
    scratch: Path | None = None,
    memory_limit: str = READ_MEMORY,
    threads: int = THREADS,
) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that may read and write `paths` and spill into `scratch`.

    Nothing can be installed, no Python variable is visible, and the settings are locked. The
    memory limit is a budget DuckDB keeps for most operators, no wall: see sandbox.py for that.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
            "memory_limit": memory_limit,
            "threads": str(threads),
            # with them a COPY to Parquet that fails waits for itself for ever, now and then
            "async_threads": "0",
            "temp_directory": str(scratch.resolve()) if scratch else "",
            "preserve_insertion_order": "true",
            # what a file held is not kept beyond it
            "enable_external_file_cache": "false",
        },
    )
    allowed = ", ".join(literal(str(path.resolve())) for path in paths)
    connection.execute(f"SET allowed_paths = [{allowed}]")
    # common_subexpressions takes time with the square of the number of columns
    connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def reading(
    paths: Sequence[Path], *, threads: int = THREADS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may read `paths`, of a database that stays open for the next who do.

    To open one takes longer than to read a hospital's table, and four megabytes: the last few stay.
    """
    with _opened(tuple(sorted(set(paths))), threads).cursor() as connection:
        yield connection


@lru_cache(maxsize=KEPT_OPEN)
def _opened(paths: tuple[Path, ...], threads: int) -> duckdb.DuckDBPyConnection:
    return connect(paths, threads=threads)


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a quoted SQL string."""
    return "'" + text.replace("'", "''") + "'"
