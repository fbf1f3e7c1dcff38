"""A dataset's table: a Parquet file whose columns SQL knows by their place alone.

Names are data: a column may be called `v`, `file_row_number` or `select`. So no name of a user's
is part of any query: columns are c0, c1, ... in the order of the file, and nothing else is.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

from datasets.engine.rows.connection import literal

ROW_GROUP = 20_480
ROW_NUMBER = "file_row_number"
"""DuckDB's own column beside those of a file, from 0; a user's of that name is a c-something."""


def places(names: Iterable[str]) -> dict[str, str]:
    """How SQL calls the columns of these names, given in the order of the table."""
    return {name: f"c{index}" for index, name in enumerate(names)}


def placed(relation: str, columns: int) -> str:
    """The SQL `relation` with its columns called c0, c1, ... in order."""
    return f"{relation} AS t({', '.join(f'c{index}' for index in range(columns))})"


@dataclass(frozen=True)
class Table:
    """The Parquet file at `path`; `names` are those of its columns, in order."""

    path: Path
    names: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> "Table":
        """The table with the names from the file's footer."""
        return cls(path, tuple(pq.read_schema(path).names))

    @cached_property
    def places(self) -> dict[str, str]:
        """How SQL calls each column."""
        return places(self.names)

    @property
    def relation(self) -> str:
        """What stands behind FROM."""
        path = literal(str(self.path.resolve()))
        return placed(f"read_parquet({path}, hive_partitioning = false)", len(self.names))


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
