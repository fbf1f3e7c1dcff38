"""What mapping expressions are made of: types, operators, casts and functions on the list."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from sqlglot import exp

from datasets.engine.sentences import Sentence

TEXTS = frozenset({"text", "category", "identifier"})
NUMBERS = frozenset({"integer", "number", "boolean"})
DATES = frozenset({"date", "datetime"})
ANY = "missing"
"""The type of NULL, which fits everywhere."""


@dataclass(frozen=True)
class Term:
    """SQL of ours and the type of its value."""

    sql: str
    type: str


@dataclass(frozen=True)
class Function:
    """An allowed function: its name in DuckDB, which of the node's parts are its arguments, the
    types it takes (None: any one type) and gives (empty: that of its arguments)."""

    name: str
    parts: tuple[str, ...]
    takes: frozenset[str] | None
    gives: str = ""
    least: int = 1
    most: int = 1
    harmless: tuple[str, ...] = ()
    guard: str = ""


FUNCTIONS: dict[type[exp.Expression], Function] = {
    exp.Abs: Function("abs", ("this",), NUMBERS),
    exp.Floor: Function("floor", ("this",), NUMBERS, "integer"),
    exp.Ceil: Function("ceil", ("this",), NUMBERS, "integer"),
    exp.Ln: Function("ln", ("this",), NUMBERS, "number", guard="> 0"),
    exp.Exp: Function("exp", ("this",), NUMBERS, "number", guard="<= 700"),
    exp.Sqrt: Function("sqrt", ("this",), NUMBERS, "number", guard=">= 0"),
    exp.Coalesce: Function("coalesce", ("this", "expressions"), None, most=20),
    exp.Nullif: Function("nullif", ("this", "expression"), None, least=2, most=2),
    exp.Least: Function(
        "least", ("this", "expressions"), None, most=20, harmless=("ignore_nulls",)
    ),
    exp.Greatest: Function(
        "greatest", ("this", "expressions"), None, most=20, harmless=("ignore_nulls",)
    ),
    exp.Lower: Function("lower", ("this",), TEXTS, "text"),
    exp.Upper: Function("upper", ("this",), TEXTS, "text"),
    exp.Trim: Function("trim", ("this",), TEXTS, "text"),
    exp.Length: Function("length", ("this",), TEXTS, "integer"),
    exp.Year: Function("year", ("this",), DATES, "integer"),
    exp.Month: Function("month", ("this",), DATES, "integer"),
    exp.Day: Function("day", ("this",), DATES, "integer"),
}

ARITHMETIC: dict[type[exp.Expression], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
}

COMPARISONS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}

CASTS: dict[object, tuple[str, str]] = {
    exp.DataType.Type.INT: ("BIGINT", "integer"),
    exp.DataType.Type.BIGINT: ("BIGINT", "integer"),
    exp.DataType.Type.DOUBLE: ("DOUBLE", "number"),
    exp.DataType.Type.FLOAT: ("DOUBLE", "number"),
    exp.DataType.Type.TEXT: ("VARCHAR", "text"),
    exp.DataType.Type.VARCHAR: ("VARCHAR", "text"),
    exp.DataType.Type.BOOLEAN: ("BOOLEAN", "boolean"),
    exp.DataType.Type.DATE: ("DATE", "date"),
    exp.DataType.Type.TIMESTAMP: ("TIMESTAMP", "datetime"),
    exp.DataType.Type.TIMESTAMPNTZ: ("TIMESTAMP", "datetime"),
}


def as_number(term: Term) -> str:
    """SQL of a term that can be counted with: true is 1 and false is 0."""
    return f"({term.sql})::BIGINT" if term.type == "boolean" else term.sql


def as_double(term: Term) -> str:
    """Arithmetic is done in float64, where it cannot overflow into an error."""
    return f"({as_number(term)})::DOUBLE"


FAMILIES = {
    ANY: Sentence("missing"),
    "number": Sentence("a number"),
    "date": Sentence("a date"),
    "text": Sentence("a text"),
}
"""Types that can be compared with one another, by the name of one."""


def family(type_: str) -> str:
    """A key of FAMILIES."""
    if type_ == ANY:
        return ANY
    if type_ in NUMBERS:
        return "number"
    return "date" if type_ in DATES else "text"


def families_of(types: Iterable[str]) -> list[Sentence]:
    """The families of these types in words."""
    return sorted({FAMILIES[family(type_)] for type_ in types})


def spoken(types: Set[str]) -> Sentence:
    """What a place needs, or has."""
    if types == {"boolean"}:
        return Sentence("a yes or no")
    said, *others = families_of(types)
    for other in others:
        said = Sentence("%(first)s or %(second)s", first=said, second=other)
    return said
