"""One scalar SQL expression over a dataset's columns, checked node by node and rebuilt."""

from collections.abc import Mapping
from dataclasses import dataclass

from datasets.engine.problems import RuleError


class ExpressionError(RuleError):
    """An expression that is not allowed; `detail` names the part that is not."""


@dataclass(frozen=True)
class Expression:
    """`sql` is rebuilt from the checked tree, never the user's text; `columns` are those it reads;
    `type` is integer, number, boolean, date, datetime or text."""

    sql: str
    columns: tuple[str, ...]
    type: str


def compile_expression(sql: str, columns: Mapping[str, str]) -> Expression:
    """`columns` maps the names an expression may read to their types. Raises ExpressionError."""
    raise NotImplementedError
