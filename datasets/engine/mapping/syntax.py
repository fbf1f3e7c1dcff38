"""A user's expression as a tree: of bounded size, one expression, and nothing around it."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from datasets.engine.mapping.problems import RuleError
from datasets.engine.rows.echo import echo
from datasets.engine.sentences import Sentence, grouped

MAX_LENGTH = 2_000
MAX_DEPTH = 40
MAX_NODES = 400


class ExpressionError(RuleError):
    """An expression that is not allowed; `detail` names the part that is not."""


def parse(sql: str) -> exp.Expression:
    """The tree of one expression, which nobody has judged yet. Raises ExpressionError."""
    if not isinstance(sql, str) or not sql.strip():
        raise ExpressionError("empty_expression", Sentence("Write an expression."))
    if len(sql) > MAX_LENGTH:
        detail = Sentence(
            "The expression is longer than %(most)s characters.", most=grouped(MAX_LENGTH)
        )
        raise ExpressionError("expression_too_long", detail)
    if not sql.isprintable() and any(not c.isprintable() and c not in "\n\t\r" for c in sql):
        raise ExpressionError(
            "bad_character", Sentence("The expression contains an invisible character.")
        )
    if _nesting(sql) > MAX_DEPTH:
        raise ExpressionError(
            "expression_too_deep", Sentence("The expression is nested too deeply.")
        )
    try:
        trees = sqlglot.parse(f"SELECT {sql}", read="duckdb")
    except (SqlglotError, RecursionError, ValueError) as error:
        raise ExpressionError("syntax_error", _misunderstood(error)) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        raise ExpressionError(
            "not_one_expression", Sentence("Write one expression, without a semicolon.")
        )
    select = trees[0]
    if len(select.expressions) != 1:
        raise ExpressionError(
            "not_one_expression", Sentence("Write one expression, without a comma.")
        )
    extra = [key for key, value in select.args.items() if value and key != "expressions"]
    if extra:
        part = extra[0].strip("_").upper()
        detail = Sentence("An expression may not contain %(part)s.", part=part)
        raise ExpressionError("not_allowed", detail)
    if any(node.comments for node in select.walk()):
        raise ExpressionError("not_allowed", Sentence("An expression may not contain comments."))
    if sum(1 for _ in select.walk()) > MAX_NODES:
        raise ExpressionError("expression_too_long", Sentence("The expression has too many parts."))
    return select.expressions[0]


def _misunderstood(error: Exception) -> Sentence:
    """Where reading stopped; the parser's own words speak of its insides."""
    places = [found["highlight"] for found in getattr(error, "errors", []) if found["highlight"]]
    if places:
        return Sentence(
            "The expression cannot be understood at “%(place)s”: look at what stands before and "
            "after it.",
            place=echo(places[0]),
        )
    return Sentence(
        "The expression cannot be understood. Is a quotation mark or a bracket left open?"
    )


def _nesting(sql: str) -> int:
    """How deep brackets go, so that a bomb of them never reaches the parser's recursion."""
    depth = deepest = 0
    for char in sql:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    return deepest
