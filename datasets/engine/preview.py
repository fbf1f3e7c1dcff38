"""Pages of rows from a Parquet file, sorted and filtered, without a word of the user's SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class PreviewError(ValueError):
    """`errors` maps the parameter (order_by, filter[column], cursor, limit) to its message."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True)
class Filter:
    """`op` is one of eq ne lt lte gt gte contains isnull; `value` is as typed by the user."""

    column: str
    op: str
    value: str

    @classmethod
    def parse(cls, column: str, text: str) -> "Filter":
        """From the API's `op:value`; without a known op the text is compared with eq."""
        raise NotImplementedError


@dataclass(frozen=True)
class Page:
    """`rows` holds {"row": number in the file from 1, "values": [JSON-safe, as `columns`]};
    `next` and `previous` are cursors or None; `matching` counts all rows that match."""

    columns: list[str]
    rows: list[dict[str, Any]]
    next: str | None
    previous: str | None
    matching: int


def rows(
    parquet: Path,
    columns: Sequence[tuple[str, str]],
    limit: int = 50,
    cursor: str | None = None,
    order_by: str | None = None,
    filters: Sequence[Filter] = (),
) -> Page:
    """A page of rows. `columns` are the (name, type) pairs the reader may see; `order_by` is a
    column name, with - in front for descending. Ties are in file order. Raises PreviewError."""
    raise NotImplementedError
