"""One scalar SQL expression over a dataset's columns, checked node by node and rebuilt.

The user's text is parsed by sqlglot and thrown away. What runs is built here from the nodes of
the tree, each of which must be on the list below and of a type its place allows.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from datasets.engine.mapping.problems import no_column
from datasets.engine.mapping.syntax import MAX_DEPTH, ExpressionError, parse
from datasets.engine.mapping.terms import (
    ANY,
    ARITHMETIC,
    CASTS,
    COMPARISONS,
    DATES,
    FUNCTIONS,
    NUMBERS,
    TEXTS,
    Term,
    as_double,
    as_number,
    families_of,
    family,
    spoken,
)
from datasets.engine.rows.connection import literal
from datasets.engine.rows.echo import echo
from datasets.engine.rows.frame import SAFE_INTEGER
from datasets.engine.rows.table import places
from datasets.engine.sentences import Sentence, listed


@dataclass(frozen=True)
class Expression:
    """`sql` is rebuilt from the checked tree, never the user's text, and calls columns by their
    place; `columns` are the names of those it reads; `type` is integer, number, boolean, date,
    datetime or text; `on_purpose` is true where the expression says itself that it is missing."""

    sql: str
    columns: tuple[str, ...]
    type: str
    on_purpose: str


def compile_expression(sql: str, columns: Mapping[str, str]) -> Expression:
    """The SQL of an expression over a placed table. Raises ExpressionError.

    `columns` maps the names of all the table's columns, in its order, to their types.
    """
    builder = _Builder(columns)
    tree = parse(sql)
    term = builder.build(tree, 0)
    if term.type == ANY:
        raise ExpressionError("no_value", Sentence("The expression is always missing."))
    return Expression(term.sql, tuple(builder.read), term.type, builder.on_purpose(tree, 0))


class _Builder:
    """Turns allowed nodes into terms and remembers the columns read."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self.columns = columns
        self.places = places(columns)
        self.read: dict[str, None] = {}

    def build(self, node: exp.Expression, depth: int) -> Term:
        if depth > MAX_DEPTH:
            raise ExpressionError(
                "expression_too_deep", Sentence("The expression is nested too deeply.")
            )
        if type(node) in ARITHMETIC:
            return self._arithmetic(node, depth)
        if type(node) in COMPARISONS:
            return self._comparison(node, depth)
        if type(node) in FUNCTIONS:
            return self._function(node, depth)
        method = _METHODS.get(type(node))
        if method is None:
            raise _not_allowed(node)
        return method(self, node, depth)

    def on_purpose(self, node: exp.Expression, depth: int) -> str:
        """SQL that is true where a checked tree is missing since it says NULL or NULLIF there.

        A CASE without ELSE says nothing of what reaches its end.
        """
        if isinstance(node, exp.Null):
            return "true"
        if isinstance(node, exp.Case):
            meant = [self.on_purpose(one.args["true"], depth + 1) for one in node.args["ifs"]]
            rest = node.args.get("default")
            pairs = zip(self._tests(node, depth), meant, strict=True)
            whens = " ".join(f"WHEN {test} THEN {value}" for test, value in pairs)
            otherwise = self.on_purpose(rest, depth + 1) if rest else "false"
            return f"(CASE {whens} ELSE {otherwise} END)"
        parts = []
        if isinstance(node, exp.Nullif):
            left, right = self._alike([node.this, node.expression], depth, "NULLIF")
            parts.append(f"({left.sql} = {right.sql})")
        if not isinstance(node, exp.Is):
            parts += [self.on_purpose(one, depth + 1) for one in node.iter_expressions()]
        parts = [part for part in parts if part != "false"]
        return f"({' OR '.join(parts)})" if parts else "false"

    def _only(self, node: exp.Expression, *allowed: str) -> None:
        """Refuses what a node carries besides the named parts."""
        for key, value in node.args.items():
            if value and key not in allowed:
                detail = Sentence(
                    "Leave out %(key)s: it is not allowed in %(part)s.",
                    key=echo(key),
                    part=_named(node),
                )
                raise ExpressionError("not_allowed", detail)

    def _typed(self, node: exp.Expression, depth: int, types: frozenset[str], where: str) -> Term:
        term = self.build(node, depth + 1)
        if term.type not in types | {ANY}:
            detail = Sentence(
                "At %(part)s there must be %(wanted)s, not %(given)s.",
                part=where,
                wanted=spoken(types),
                given=spoken({term.type}),
            )
            raise ExpressionError("type_mismatch", detail)
        return term

    def _column(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this")
        name = node.name
        if not isinstance(node.this, exp.Identifier):
            raise _not_allowed(node)
        if name not in self.columns and not node.this.args.get("quoted"):
            same = [column for column in self.columns if column.lower() == name.lower()]
            name = same[0] if len(same) == 1 else name
        # Forms send every line end as CR LF; no two columns differ by those alone.
        if name not in self.columns and len(_lines(name)) > 1:
            name = next((one for one in self.columns if _lines(one) == _lines(name)), name)
        if name not in self.columns:
            raise ExpressionError("unknown_column", no_column(name))
        self.read[name] = None
        type_ = self.columns[name]
        return Term(self.places[name], "text" if type_ in TEXTS else type_)

    def _literal(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "is_string")
        text = str(node.this)
        if node.args.get("is_string"):
            return Term(literal(text), "text")
        try:
            number = float(text)
        except ValueError:
            number = math.inf
        if not math.isfinite(number) or not text.replace(".", "").isascii():
            detail = Sentence("“%(value)s” is not a number we can use.", value=echo(text))
            raise ExpressionError("bad_number", detail)
        if text.isdigit() and number <= SAFE_INTEGER:
            return Term(str(int(text)), "integer")
        return Term(f"{number!r}::DOUBLE", "number")

    def _boolean(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this")
        return Term("true" if node.this else "false", "boolean")

    def _null(self, node: exp.Expression, depth: int) -> Term:
        return Term("NULL", ANY)

    def _paren(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this")
        term = self.build(node.this, depth + 1)
        return Term(f"({term.sql})", term.type)

    def _negative(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this")
        term = self._typed(node.this, depth, NUMBERS, "-")
        return Term(f"(- {as_number(term)})", "number" if term.type == "number" else "integer")

    def _arithmetic(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "expression", "typed", "safe")
        sign = ARITHMETIC[type(node)]
        left = self._typed(node.this, depth, NUMBERS, sign)
        right = self._typed(node.expression, depth, NUMBERS, sign)
        whole = {left.type, right.type} <= {"integer", "boolean", ANY} and sign != "/"
        sql = f"({as_double(left)} {sign} {as_double(right)})"
        if sign in "/%":
            sql = f"({as_double(left)} {sign} nullif({as_double(right)}, 0))"
        return Term(sql, "integer" if whole else "number")

    def _comparison(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "expression")
        sign = COMPARISONS[type(node)]
        left, right = self._alike([node.this, node.expression], depth, sign)
        return Term(f"({left.sql} {sign} {right.sql})", "boolean")

    def _alike(self, nodes: list[exp.Expression], depth: int, where: str) -> list[Term]:
        """Terms that can be compared: all numbers, all texts, or all dates; texts that stand
        beside a date are read as one."""
        terms = [self.build(node, depth + 1) for node in nodes]
        families = {family(term.type) for term in terms} - {ANY}
        if families == {"date", "text"}:
            terms = [_as_date(term, node) for term, node in zip(terms, nodes, strict=True)]
        elif families == {"number"}:
            return [Term(as_number(term), term.type) for term in terms]
        elif len(families) > 1:
            raise _mixed(families, where)
        return terms

    def _logic(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "expression")
        sign = "AND" if isinstance(node, exp.And) else "OR"
        truth = frozenset({"boolean"})
        left = self._typed(node.this, depth, truth, sign)
        right = self._typed(node.expression, depth, truth, sign)
        return Term(f"({left.sql} {sign} {right.sql})", "boolean")

    def _not(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this")
        term = self._typed(node.this, depth, frozenset({"boolean"}), "NOT")
        return Term(f"(NOT {term.sql})", "boolean")

    def _is(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "expression")
        if not isinstance(node.expression, exp.Null | exp.Boolean):
            raise ExpressionError(
                "not_allowed", Sentence("IS is allowed before NULL, TRUE and FALSE only.")
            )
        left = self.build(node.this, depth + 1)
        if isinstance(node.expression, exp.Boolean) and left.type not in ("boolean", ANY):
            raise ExpressionError(
                "type_mismatch", Sentence("IS TRUE and IS FALSE need a yes or no.")
            )
        right = self.build(node.expression, depth + 1)
        return Term(f"({left.sql} IS {right.sql})", "boolean")

    def _in(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "expressions")
        if not node.expressions:
            raise ExpressionError("not_allowed", Sentence("IN needs a list of values in brackets."))
        first, *rest = self._alike([node.this, *node.expressions], depth, "IN")
        return Term(f"({first.sql} IN ({', '.join(term.sql for term in rest)}))", "boolean")

    def _between(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "low", "high")
        parts = [node.this, node.args["low"], node.args["high"]]
        value, low, high = self._alike(parts, depth, "BETWEEN")
        return Term(f"({value.sql} BETWEEN {low.sql} AND {high.sql})", "boolean")

    def _case(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "ifs", "default")
        branches = node.args["ifs"]
        tests = self._tests(node, depth)
        nodes = [branch.args["true"] for branch in branches]
        nodes += [node.args["default"]] if node.args.get("default") else []
        values, type_ = self._one_type(nodes, depth, "CASE")
        pairs = zip(tests, values, strict=False)
        whens = " ".join(f"WHEN {test} THEN {value}" for test, value in pairs)
        otherwise = f" ELSE {values[-1]}" if node.args.get("default") else ""
        return Term(f"(CASE {whens}{otherwise} END)", type_)

    def _tests(self, node: exp.Expression, depth: int) -> list[str]:
        """What each branch of a CASE asks."""
        tests = []
        for branch in node.args["ifs"]:
            self._only(branch, "this", "true")
            if node.this:
                value, wanted = self._alike([node.this, branch.this], depth, "CASE")
                tests.append(f"({value.sql} = {wanted.sql})")
            else:
                tests.append(self._typed(branch.this, depth, frozenset({"boolean"}), "WHEN").sql)
        return tests

    def _one_type(
        self, nodes: list[exp.Expression], depth: int, where: str
    ) -> tuple[list[str], str]:
        """Terms that can be values of the same column, and that column's type."""
        terms = [self.build(node, depth + 1) for node in nodes]
        types = {term.type for term in terms} - {ANY}
        if len(types) <= 1:
            return [term.sql for term in terms], types.pop() if types else ANY
        if types <= NUMBERS:
            type_ = "number" if "number" in types else "integer"
            return [as_number(term) for term in terms], type_
        if types == DATES:
            return [f"({term.sql})::TIMESTAMP" for term in terms], "datetime"
        raise _mixed(types, where)

    def _cast(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "to", "safe", "requires_string")
        wanted = node.args["to"]
        target = CASTS.get(wanted.this) if isinstance(wanted, exp.DataType) else None
        if target is None or wanted.expressions or wanted.args.get("nested"):
            detail = Sentence("CAST to %(type)s is not allowed.", type=echo(str(wanted)))
            raise ExpressionError("not_allowed", detail)
        term = self.build(node.this, depth + 1)
        sql_type, type_ = target
        source = f"trim({term.sql})" if term.type == "text" and type_ != "text" else term.sql
        return Term(f"TRY_CAST({source} AS {sql_type})", type_)

    def _round(self, node: exp.Expression, depth: int) -> Term:
        self._only(node, "this", "decimals")
        term = self._typed(node.this, depth, NUMBERS, "ROUND")
        decimals = node.args.get("decimals") or exp.Literal.number(0)
        if not isinstance(decimals, exp.Literal) or str(decimals.this) not in _DECIMALS:
            raise ExpressionError("bad_arguments", Sentence("ROUND takes 0 to 15 decimals."))
        return Term(f"round({as_double(term)}, {int(str(decimals.this))})", "number")

    def _function(self, node: exp.Expression, depth: int) -> Term:
        rule = FUNCTIONS[type(node)]
        arguments: list[exp.Expression] = []
        for key in rule.parts:
            value = node.args.get(key)
            arguments += value if isinstance(value, list) else [value] if value is not None else []
        self._only(node, *rule.parts, *rule.harmless)
        where = rule.name.upper()
        if not rule.least <= len(arguments) <= rule.most:
            detail = Sentence.counting(
                "The function %(part)s cannot take %(count)s argument.",
                "The function %(part)s cannot take %(count)s arguments.",
                len(arguments),
                part=where,
            )
            raise ExpressionError("bad_arguments", detail)
        if rule.takes is None:
            values, type_ = self._one_type(arguments, depth, where)
        else:
            terms = [self._typed(one, depth, rule.takes, where) for one in arguments]
            values = [as_number(term) if rule.takes == NUMBERS else term.sql for term in terms]
            type_ = "number" if any(term.type == "number" for term in terms) else "integer"
        sql = f"{rule.name}({', '.join(values)})"
        if rule.guard:
            sql = f"(CASE WHEN {values[0]} {rule.guard} THEN {sql} END)"
        return Term(sql, rule.gives or type_)


_DECIMALS = frozenset(map(str, range(16)))

_Method = Callable[[_Builder, exp.Expression, int], Term]
_METHODS: dict[type[exp.Expression], _Method] = {
    exp.Column: _Builder._column,
    exp.Literal: _Builder._literal,
    exp.Boolean: _Builder._boolean,
    exp.Null: _Builder._null,
    exp.Paren: _Builder._paren,
    exp.Neg: _Builder._negative,
    exp.And: _Builder._logic,
    exp.Or: _Builder._logic,
    exp.Not: _Builder._not,
    exp.Is: _Builder._is,
    exp.In: _Builder._in,
    exp.Between: _Builder._between,
    exp.Case: _Builder._case,
    exp.Cast: _Builder._cast,
    exp.TryCast: _Builder._cast,
    exp.Round: _Builder._round,
}


def _lines(name: str) -> list[str]:
    return re.split("\r\n?|\n", name)


def _as_date(term: Term, node: exp.Expression) -> Term:
    if term.type != "text":
        return term
    if not isinstance(node, exp.Literal):
        raise ExpressionError("type_mismatch", Sentence("A text column is compared with a date."))
    return Term(f"TRY_CAST({term.sql} AS TIMESTAMP)", "datetime")


def _mixed(types: Iterable[str], where: str) -> ExpressionError:
    detail = Sentence(
        "At %(part)s there are %(families)s: give it values of one type.",
        part=where,
        families=listed(families_of(types)),
    )
    return ExpressionError("type_mismatch", detail)


def _not_allowed(node: exp.Expression) -> ExpressionError:
    part = _named(node)
    detail = Sentence("This is not allowed in an expression: %(part)s.", part=part)
    if isinstance(node, exp.Func):
        detail = Sentence("The function %(name)s is not allowed.", name=part)
    return ExpressionError("not_allowed", detail)


def _named(node: exp.Expression) -> str:
    """The part of the user's text a node stands for, short enough to show."""
    if isinstance(node, exp.Anonymous):
        return echo(node.name).upper()
    if isinstance(node, exp.Func):
        return echo(node.sql_name())
    return f"{type(node).__name__} ({echo(node.sql(dialect='duckdb'))[:40]})"
