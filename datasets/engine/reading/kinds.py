"""The kinds a column can be parsed as, their spellings, and the SQL that holds values to them."""

import re
from dataclasses import dataclass

from datasets.engine.rows.connection import literal
from datasets.engine.rows.frame import SAFE_INTEGER

DATE_FORMATS = {
    "%Y-%m-%d": r"\d{4}-\d{1,2}-\d{1,2}",
    "%Y/%m/%d": r"\d{4}/\d{1,2}/\d{1,2}",
    "%d.%m.%Y": r"\d{1,2}\.\d{1,2}\.\d{4}",
    "%d/%m/%Y": r"(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])/\d{4}",
    "%m/%d/%Y": r"(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/\d{4}",
    "%d-%m-%Y": r"(0?[1-9]|[12]\d|3[01])-(0?[1-9]|1[0-2])-\d{4}",
}
DATETIME_FORMATS = {
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "%Y-%m-%dT%H:%M:%S": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "%Y-%m-%dT%H:%M:%SZ": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    "%Y-%m-%d %H:%M": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}",
    "%Y-%m-%dT%H:%M": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}",
    "%Y-%m-%d %H:%M:%S.%f": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{1,6}",
    "%Y-%m-%dT%H:%M:%S.%f": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{1,6}",
    "%d.%m.%Y %H:%M": r"\d{1,2}\.\d{1,2}\.\d{4} \d{2}:\d{2}",
    "%d.%m.%Y %H:%M:%S": r"\d{1,2}\.\d{1,2}\.\d{4} \d{2}:\d{2}:\d{2}",
}


@dataclass(frozen=True)
class Kind:
    """How a column is parsed: `type` is integer, number, boolean, date, datetime or text;
    `form` is the format of dates."""

    type: str
    form: str = ""


TEXT = Kind("text")


def number_pattern(decimal: str) -> str:
    """The spelling of a number; without leading zeros or separators of thousands."""
    sign = re.escape(decimal)
    return rf"\s*[+-]?((0|[1-9]\d*)({sign}\d*)?|{sign}\d+)([eE][+-]?\d{{1,3}})?\s*"


def as_number(column: str, decimal: str) -> str:
    """SQL for the number a text column holds, or NULL."""
    text = column if decimal == "." else f"replace({column}, {literal(decimal)}, '.')"
    return f"TRY_CAST({text} AS DOUBLE)"


_TRUE = "'true', 't', 'yes', 'y', '1'"
_FALSE = "'false', 'f', 'no', 'n', '0'"


def misfitting(kind: Kind, column: str, decimal: str) -> str:
    """SQL that is true where the text in `column` is present and not of the kind."""
    if kind.type in ("integer", "number"):
        value = as_number(column, decimal)
        pattern = literal(r"\s*[+-]?\s*0\d.*|" + number_pattern(decimal))
        fits = f"regexp_full_match({column}, {pattern}) AND isfinite({value})"
        if kind.type == "integer":
            fits += f" AND {value} = trunc({value}) AND abs({value}) <= {SAFE_INTEGER}"
    elif kind.type == "boolean":
        fits = f"lower(trim({column})) IN ({_TRUE}, {_FALSE})"
    elif kind.type in ("date", "datetime"):
        pattern = literal({**DATE_FORMATS, **DATETIME_FORMATS}[kind.form])
        fits = (
            f"regexp_full_match({column}, {pattern}) "
            f"AND try_strptime({column}, {literal(kind.form)}) IS NOT NULL"
        )
    else:
        return "false"
    return f"({column} IS NOT NULL AND NOT coalesce({fits}, false))"


def typed(kind: Kind, column: str) -> str:
    """SQL for the value of a column as its kind; it raises an error that names the column.

    Numbers are read as DOUBLE, the other kinds as VARCHAR.
    """
    fail = f"error('{column}')"
    if kind.type == "integer":
        return (
            f"CASE WHEN {column} <> trunc({column}) OR abs({column}) > {SAFE_INTEGER} "
            f"THEN {fail}::BIGINT ELSE {column}::BIGINT END"
        )
    if kind.type == "number":
        refused = f"NOT isfinite({column})"
        if not kind.form:
            refused += f" OR (abs({column}) > {SAFE_INTEGER})"
        return f"CASE WHEN {refused} THEN {fail}::DOUBLE ELSE {column} END"
    if kind.type == "boolean":
        return (
            f"CASE WHEN {column} IS NULL THEN NULL "
            f"WHEN lower(trim({column})) IN ({_TRUE}) THEN true "
            f"WHEN lower(trim({column})) IN ({_FALSE}) THEN false ELSE {fail}::BOOLEAN END"
        )
    if kind.type in ("date", "datetime"):
        sql_type = "DATE" if kind.type == "date" else "TIMESTAMP"
        if kind.form.startswith("%Y-%m-%d"):  # faster, and as strict behind the pattern
            parsed = f"TRY_CAST({column} AS {sql_type})"
        else:
            parsed = f"try_strptime({column}, {literal(kind.form)})::{sql_type}"
        pattern = literal({**DATE_FORMATS, **DATETIME_FORMATS}[kind.form])
        return (
            f"CASE WHEN {column} IS NULL THEN NULL WHEN regexp_full_match({column}, {pattern}) "
            f"THEN coalesce({parsed}, {fail}::{sql_type}) ELSE {fail}::{sql_type} END"
        )
    return column
