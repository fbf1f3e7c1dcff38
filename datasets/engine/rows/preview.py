"""Pages of rows from a Parquet file, sorted and filtered, without a word of the user's SQL."""

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from datasets.engine.rows.connection import reading
from datasets.engine.rows.echo import echo
from datasets.engine.rows.frame import NUMERIC_TYPES, SAFE_INTEGER, TYPE_NAMES
from datasets.engine.rows.table import ROW_NUMBER, Table
from datasets.engine.sentences import Sentence

MAX_LIMIT = 200
MAX_FILTERS = 10
MAX_TEXT = 2_000
MAX_VALUE = 200

COMPARISONS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
OPERATIONS = (*COMPARISONS, "contains", "isnull")
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


class PreviewError(ValueError):
    """`errors` maps the parameter (order_by, filter[column], cursor, limit) to its message."""

    def __init__(self, errors: dict[str, Sentence]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class FilterError(ValueError):
    """One filter that cannot be; `detail` says why."""

    def __init__(self, detail: Sentence) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class Filter:
    """`op` is one of eq ne lt lte gt gte contains isnull; `value` is as typed by the user."""

    column: str
    op: str
    value: str

    @classmethod
    def parse(cls, column: str, text: str) -> "Filter":
        """From the API's `op:value`; without a known op the text is compared with eq."""
        op, colon, value = text.partition(":")
        if colon and op in OPERATIONS:
            return cls(column, op, value)
        return cls(column, "eq", text)


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
    path: Path,
    columns: Sequence[tuple[str, str]],
    limit: int = 50,
    cursor: str | None = None,
    order_by: str | None = None,
    filters: Sequence[Filter] = (),
    descending: bool | None = None,
) -> Page:
    """A page of rows. `columns` are the (name, type) pairs the reader may see; `order_by` is a
    column name, with - in front for descending; with `descending` given it is the name alone, be
    there a column called so with a - or not. Ties are in file order. Raises PreviewError.

    Missing values come last, whichever the direction.
    """
    if not 1 <= limit <= MAX_LIMIT:
        detail = Sentence("Ask for 1 to %(most)s rows at a time.", most=MAX_LIMIT)
        raise PreviewError({"limit": detail})
    types = dict(columns)
    table = Table.open(path)
    where, values = _where(filters, types, table.places)
    order = _order(order_by, descending, types, table.places)
    offset = _read_cursor(cursor)
    shown = ", ".join(table.places[name] for name, _ in columns) or "NULL"
    with reading([path]) as connection:
        matching = connection.execute(
            f"SELECT count(*) FROM {table.relation}{where}", values
        ).fetchall()
        numbers = connection.execute(
            f"SELECT {ROW_NUMBER} FROM {table.relation}{where} ORDER BY {order} LIMIT ? OFFSET ?",
            [*values, limit, offset],
        ).fetchall()
        chosen = [number for (number,) in numbers]
        found = connection.execute(
            f"SELECT {ROW_NUMBER}, {shown} FROM {table.relation} "
            f"WHERE {ROW_NUMBER} IN (SELECT unnest(?::BIGINT[]))",
            [chosen],
        ).fetchall()
    by_number = {record[0]: record[1:] for record in found}
    count = int(matching[0][0])
    return Page(
        columns=[name for name, _ in columns],
        rows=[
            {"row": number + 1, "values": [_shown(value) for value in by_number[number]]}
            for number in chosen
        ],
        next=_cursor(offset + limit) if offset + limit < count else None,
        previous=_cursor(max(0, offset - limit)) if offset > 0 else None,
        matching=count,
    )


def _no_column(name: str) -> Sentence:
    return Sentence("This dataset has no column called %(name)s.", name=echo(name))


def _no_cursor() -> Sentence:
    return Sentence("This list gave out no such cursor. Start again without one.")


def _order(
    order_by: str | None, descending: bool | None, types: dict[str, str], places: dict[str, str]
) -> str:
    if not order_by:
        return ROW_NUMBER
    name, direction = order_by, "DESC" if descending else "ASC"
    if descending is None and name not in types and name.startswith("-"):
        name, direction = name[1:], "DESC"
    if name not in types:
        raise PreviewError({"order_by": _no_column(name)})
    return f"{places[name]} {direction} NULLS LAST, {ROW_NUMBER}"


def _where(
    filters: Sequence[Filter], types: dict[str, str], places: dict[str, str]
) -> tuple[str, list[Any]]:
    """The WHERE clause with a parameter for each value, and the values."""
    if len(filters) > MAX_FILTERS:
        detail = Sentence("Use at most %(most)s filters at a time.", most=MAX_FILTERS)
        raise PreviewError({"filter": detail})
    clauses, values, errors = [], [], {}
    for one in filters:
        try:
            clause, value = _clause(one, types, places)
        except FilterError as error:
            errors[f"filter[{one.column[:MAX_VALUE]}]"] = error.detail
            continue
        clauses.append(clause)
        values += value
    if errors:
        raise PreviewError(errors)
    return (f" WHERE {' AND '.join(clauses)}" if clauses else ""), values


def _clause(one: Filter, types: dict[str, str], places: dict[str, str]) -> tuple[str, list[Any]]:
    if one.column not in types:
        raise FilterError(_no_column(one.column))
    if len(one.value) > MAX_VALUE or "\0" in one.value:
        detail = Sentence(
            "Compare %(column)s with at most %(most)s characters, none of them NUL.",
            column=echo(one.column),
            most=MAX_VALUE,
        )
        raise FilterError(detail)
    column, type_ = places[one.column], types[one.column]
    if one.op == "isnull":
        return (f"{column} IS {'' if _boolean(one.value) else 'NOT '}NULL", [])
    if one.op == "contains":
        if type_ in NUMERIC_TYPES or type_ in ("date", "datetime"):
            detail = Sentence(
                "Use contains for columns of text only: %(column)s is none.",
                column=echo(one.column),
            )
            raise FilterError(detail)
        return (f"contains(lower({column}), lower(?))", [one.value])
    if one.op not in COMPARISONS:
        detail = Sentence("Begin the filter with one of %(names)s.", names=", ".join(OPERATIONS))
        raise FilterError(detail)
    return (f"{column} {COMPARISONS[one.op]} ?", [_parameter(one, type_)])


def _parameter(one: Filter, type_: str) -> Any:
    """The typed value of a filter. Raises FilterError with what to write."""
    try:
        return _PARAMETERS.get(type_, str)(one.value)
    except ValueError:
        detail = Sentence(
            "Compare %(column)s with a value of the type %(type)s.",
            column=echo(one.column),
            type=TYPE_NAMES[type_],
        )
        raise FilterError(detail) from None


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _boolean(text: str) -> bool:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise FilterError(Sentence("Write true or false."))
    return text.lower() in _TRUE


_PARAMETERS: dict[str, Callable[[str], Any]] = {
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "date": date.fromisoformat,
    "datetime": lambda text: datetime.fromisoformat(text).replace(tzinfo=None),
}


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        padded = cursor[:100] + "=" * (-len(cursor) % 4)
        (offset,) = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, TypeError, binascii.Error):
        raise PreviewError({"cursor": _no_cursor()}) from None
    if not isinstance(offset, int) or not 0 <= offset <= SAFE_INTEGER:
        raise PreviewError({"cursor": _no_cursor()})
    return offset


def _shown(value: Any) -> Any:
    """A cell as JSON shows it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return value[:MAX_TEXT] + "…"
    return value
