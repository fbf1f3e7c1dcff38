"""A result's lists as flat tables, for spreadsheets and statistics programs."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet program takes for the beginning of a formula; the last four are the signs as
East Asian keyboards write them, in full width."""

SIGNED_NUMBER = re.compile(r"[+-](Inf|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)", re.ASCII | re.IGNORECASE)
"""Text that is a number and no formula, such as the direction of what goes without end."""

FIRST: tuple[str, ...] = (
    "term",
    "x",
    "y",
    "name",
    "label",
    "site",
    "country",
    "region",
    "variable",
    "level",
)
FIRST += ("value", "n", "missing", "estimate", "se", "statistic", "df", "p_value")
"""The order of columns, the rest after them: a database keeps no order of an object's keys."""

Table = list[dict[str, Any]]
"""Rows of a table; their keys are its columns."""


def tables_of(result: dict[str, Any]) -> dict[str, Table]:
    """Every list of objects in a result, by name, with nested objects spread over columns.

    A list inside rows, such as the coefficients of each site, is a table of its own named after
    both (`by_site_coefficients`); its rows repeat the text of the row they belong to.
    """
    tables: dict[str, Table] = {}
    for name, value in result.items():
        if _is_table(value):
            _add(tables, name, value, {})
    return tables


def to_csv(table: Table) -> str:
    """The table as CSV with a header; null is empty, text a spreadsheet would run is quoted."""
    columns = sorted({name for row in table for name in row}, key=_place)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in table:
        writer.writerow(_cell(row.get(name)) for name in columns)
    return out.getvalue()


def harmless(text: str) -> str:
    """Text for a cell; what a spreadsheet program would run as a formula is quoted."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _place(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def _add(tables: dict[str, Table], name: str, rows: Iterable[dict[str, Any]], of: dict) -> None:
    for row in rows:
        flat = of | _flat(row)
        tables.setdefault(name, []).append(flat)
        texts = {key: value for key, value in flat.items() if isinstance(value, str)}
        for key, value in row.items():
            if _is_table(value):
                _add(tables, f"{name}_{key}", value, texts)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Objects spread over `a_b` columns, pairs over `_low` and `_high`; tables left out."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        name = prefix + key
        if isinstance(value, dict):
            flat |= _flat(value, f"{name}_")
        elif isinstance(value, list):
            if len(value) == 2 and not any(isinstance(v, dict | list) for v in value):
                flat[f"{name}_low"], flat[f"{name}_high"] = value
        else:
            flat[name] = value
    return flat


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and not SIGNED_NUMBER.fullmatch(value):
        return harmless(value)
    return value
