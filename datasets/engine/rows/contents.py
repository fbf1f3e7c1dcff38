"""What each row of a table holds, as one number: for finding the same rows in two tables."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from datasets.engine.rows.connection import connect
from datasets.engine.rows.table import Table


def contents_of(path: Path, columns: Sequence[str]) -> np.ndarray:
    """A uint64 for each row of the table at `path`, in order: equal where these columns are.

    A number is the same in a column of text, so that reading a file otherwise changes no row. The
    hashes are for comparing within one process: DuckDB's next version may have others.
    """
    table = Table.open(path)
    with connect([path], threads=1) as connection:
        described = connection.execute(f"DESCRIBE SELECT * FROM {table.relation}").fetchall()
        types = dict(zip(table.names, (row[1] for row in described), strict=True))
        texts = ", ".join(_as_text(table.places[name], types[name]) for name in columns)
        found = connection.execute(f"SELECT hash({texts}) AS h FROM {table.relation}").fetchnumpy()
    return np.asarray(found["h"], dtype=np.uint64)


def _as_text(place: str, type_: str) -> str:
    if type_ in ("BIGINT", "DOUBLE"):
        return f"{place}::DOUBLE::VARCHAR"
    if type_ == "BOOLEAN":
        return f"{place}::INTEGER::DOUBLE::VARCHAR"
    if type_ == "VARCHAR":
        return f"coalesce(TRY_CAST({place} AS DOUBLE)::VARCHAR, {place})"
    return f"{place}::VARCHAR"
