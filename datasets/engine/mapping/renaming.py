"""A rule over columns of other names: the same thing measured at another time."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from datasets.engine.mapping.syntax import parse

Rename = Callable[[str], str]


def renamed(rule: dict[str, Any], rename: Rename) -> dict[str, Any]:
    """The rule with each column's name as `rename` says. Raises RuleError for no expression."""
    if rule.get("kind") != "expression":
        return rule | {"column": rename(str(rule["column"]))}
    tree = parse(rule["sql"])
    other = [one for one in tree.find_all(exp.Column) if rename(one.name) != one.name]
    for column in other:
        column.set("this", exp.to_identifier(rename(column.name), quoted=True))
    return rule | {"sql": tree.sql(dialect="duckdb")} if other else rule


def with_ending(old: str, new: str) -> Rename:
    """Names that end in `old` end in `new` instead; others stay."""
    return lambda name: name.removesuffix(old) + new if name.endswith(old) else name
