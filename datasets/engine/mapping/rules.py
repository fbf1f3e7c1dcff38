"""Turns a mapping rule into SQL that gives a shared variable's value, or says why it cannot."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from datasets.engine.mapping.expressions import compile_expression
from datasets.engine.mapping.problems import RuleError, no_column
from datasets.engine.mapping.terms import DATES, NUMBERS, TEXTS
from datasets.engine.mapping.units import analyte_in, conversion, ucum, unit_named
from datasets.engine.rows.connection import literal
from datasets.engine.rows.echo import echo
from datasets.engine.rows.frame import LARGEST, SAFE_INTEGER, TYPE_NAMES, VariableInfo
from datasets.engine.rows.table import places
from datasets.engine.sentences import Sentence, grouped

Rule = dict[str, Any]

MAX_MAP = 2_000
SQL_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "category": "VARCHAR",
    "text": "VARCHAR",
    "identifier": "VARCHAR",
}
KEEP = {"kind": "copy"}
"""As a recode's `otherwise`: values that are not in the map stay as they are.

What is missing is no value: it stays missing, whatever `otherwise` says, but for `if_missing`.
"""
_PARTS = {
    "copy": ("kind", "column"),
    "recode": ("kind", "column", "map", "otherwise", "if_missing"),
    "unit": ("kind", "column", "from", "to", "analyte", "missing"),
    "expression": ("kind", "sql"),
}


@dataclass(frozen=True)
class Limits:
    """What a column of numbers may hold: from `low` to `high`, or these `codes` alone. A rule gives
    no value where a column that it reads holds anything else."""

    low: float | None = None
    high: float | None = None
    codes: tuple[float, ...] = ()

    def outside(self, place: str) -> str:
        """SQL that is true where the column at this place holds something else."""
        tests = [f"{place} < {_number(self.low)}"] if self.low is not None else []
        tests += [f"{place} > {_number(self.high)}"] if self.high is not None else []
        if self.codes:
            tests.append(f"{place} NOT IN ({', '.join(_number(one) for one in self.codes)})")
        return " OR ".join(tests) or "false"


@dataclass(frozen=True)
class Mapped:
    """SQL of a rule over a placed table: `converted` is of the variable's type, `value` also keeps
    to its levels; `columns` are the names of those read, `places` what SQL calls them;
    `on_purpose` is true where the rule itself says that the value is missing."""

    converted: str
    value: str
    columns: tuple[str, ...]
    places: tuple[str, ...]
    on_purpose: str = "false"

    @property
    def all_present(self) -> str:
        """SQL that is true where every column the rule reads has a value."""
        return " AND ".join(f"{place} IS NOT NULL" for place in self.places) or "true"

    def within(self, limits: Mapping[str, Limits]) -> "Mapped":
        """The rule with no value where a column it reads is outside its limits."""
        outside = " OR ".join(
            f"coalesce({limits[name].outside(place)}, false)"
            for name, place in zip(self.columns, self.places, strict=True)
            if name in limits
        )
        if not outside:
            return self
        return replace(self, value=f"CASE WHEN NOT ({outside}) THEN {self.value} END")


def map_rule(rule: Rule, columns: Mapping[str, str], variable: VariableInfo) -> Mapped:
    """The SQL of `rule` for `variable`. Raises RuleError.

    `columns` maps the table's column names, in its order, to their types.
    """
    kind = rule.get("kind") if isinstance(rule, dict) else None
    if kind not in _PARTS:
        detail = Sentence("A rule's kind is one of %(kinds)s.", kinds=", ".join(_PARTS))
        raise RuleError("bad_rule", detail)
    unknown = sorted(set(rule).difference(_PARTS[kind]))
    if unknown:
        detail = Sentence(
            "A rule of the kind %(kind)s has no %(part)s; its parts are %(parts)s.",
            kind=kind,
            part=echo(str(unknown[0])),
            parts=", ".join(_PARTS[kind]),
        )
        raise RuleError("bad_rule", detail)
    if kind == "expression":
        expression = compile_expression(rule.get("sql", ""), columns)
        converted = _converted(expression.sql, expression.type, variable)
        return _mapped(converted, expression.columns, columns, variable, expression.on_purpose)
    name = rule.get("column")
    if name in (None, ""):
        raise RuleError("unknown_column", Sentence("Name the column that the rule reads."))
    if not isinstance(name, str) or name not in columns:
        raise RuleError("unknown_column", no_column(str(name)))
    place, type_ = places(columns)[name], columns[name]
    if kind == "copy":
        return _mapped(_converted(place, type_, variable), (name,), columns, variable)
    if kind == "unit":
        meant = _missing_in(rule, place, type_)
        converted = _in_unit(rule, place, type_, variable)
        value = f"CASE WHEN {meant} THEN NULL ELSE {converted} END"
        return _mapped(value, (name,), columns, variable, meant)
    recoded = _recoded(rule, place, type_, variable)
    missing = [_key(key, type_) for key, value in rule["map"].items() if value is None]
    on_purpose = f"({place} IN ({', '.join(missing)}))" if missing else "false"
    return _mapped(recoded, (name,), columns, variable, on_purpose)


def levels_of(
    rule: Rule, columns: Mapping[str, str], declared: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...] | None:
    """All levels that the rule can give a category without codes, from what was written down: the
    rule itself and the levels `declared` of the columns it reads. None: they would come from the
    data."""
    kind, column = rule["kind"], rule.get("column", "")
    own = ("false", "true") if columns.get(column) == "boolean" else declared.get(column)
    if kind == "copy":
        return own
    if kind != "recode":
        return None
    keeps = rule.get("otherwise") == KEEP
    if keeps and own is None:
        return None
    targets = [*rule["map"].values(), rule.get("if_missing")]
    targets += own or () if keeps else [rule.get("otherwise")]
    texts = (
        str(one).lower() if isinstance(one, bool) else str(one)
        for one in targets
        if one is not None
    )
    return tuple(dict.fromkeys(texts))


def loses_nothing(
    rule: Rule,
    columns: Mapping[str, str],
    variable: VariableInfo,
    words: Mapping[str, tuple[str, str]],
) -> bool:
    """Whether the types alone say that every value of the column becomes one of the variable.

    What such a rule does to a value, and whether it fits, tells nothing about the values. `words`
    has the columns' labels and units: a number is converted from its own unit alone, which its
    dictionary says or its name. Rounded in very many others it would be known to the last digit.
    """
    if not isinstance(rule, dict) or variable.levels is not None:
        return False
    type_ = columns.get(str(rule.get("column")), "")
    if rule.get("kind") == "unit":
        numbers = type_ in ("integer", "number") and variable.type == "number"
        return numbers and not rule.get("missing") and _is_from_own_unit(rule, words)
    return rule.get("kind") == "copy" and (
        type_ == variable.type or (bool(type_) and type_ in _NARROWER.get(variable.type, ()))
    )


def _is_from_own_unit(rule: Rule, words: Mapping[str, tuple[str, str]]) -> bool:
    name = str(rule.get("column"))
    label, unit = words.get(name, ("", ""))
    own = ucum(unit) if unit else unit_named(name, label)
    analyte = rule.get("analyte") or ""
    return bool(own) and ucum(rule.get("from")) == own and analyte in ("", analyte_in(name, label))


_NARROWER: dict[str, Set[str]] = {
    "number": {"integer", "boolean"},
    "integer": {"boolean"},
    "datetime": {"date"},
    "text": frozenset(SQL_TYPES),
    "identifier": frozenset(SQL_TYPES),
    "category": {"boolean"},
}
"""Of which types every value is one of the wider type, too. Levels are not for text, identifiers
and numbers: they would list every patient's own."""


def _missing_in(rule: Rule, column: str, type_: str) -> str:
    """SQL that is true where the column has a value that stands for none."""
    codes = rule.get("missing") or []
    if not isinstance(codes, list) or len(codes) > MAX_MAP:
        detail = Sentence(
            "The values that mean missing are a list of up to %(most)s.", most=grouped(MAX_MAP)
        )
        raise RuleError("bad_rule", detail)
    keys = ", ".join(_key(code, type_) for code in codes)
    return f"({column} IN ({keys}))" if keys else "false"


def _in_unit(rule: Rule, column: str, type_: str, variable: VariableInfo) -> str:
    """The column's numbers in another unit."""
    if variable.type not in ("integer", "number") or type_ not in {"integer", "number"} | TEXTS:
        raise RuleError(
            "type_mismatch",
            Sentence(
                "Units are converted from numbers to numbers; %(name)s is of the type %(type)s.",
                name=echo(variable.name),
                type=TYPE_NAMES[variable.type],
            ),
        )
    into = conversion(rule.get("from"), rule.get("to"), rule.get("analyte"))
    number = f"TRY_CAST(trim({column}) AS DOUBLE)" if type_ in TEXTS else f"({column})::DOUBLE"
    value = f"({number} * {_number(into.factor)} + {_number(into.offset)})"
    return _converted(value, "number", variable)


def _mapped(
    converted: str,
    read: tuple[str, ...],
    columns: Mapping[str, str],
    variable: VariableInfo,
    on_purpose: str = "false",
) -> Mapped:
    called = places(columns)
    read_places = tuple(called[name] for name in read)
    if variable.levels is None or variable.type != "category":
        return Mapped(converted, converted, read, read_places, on_purpose)
    levels = ", ".join(literal(level) for level in variable.levels)
    # Without coalesce DuckDB 2.0 folds a recode that none of the file's values matches into a
    # broken plan; what is missing is no level either way.
    known = f"coalesce({converted}, '') IN ({levels})"
    value = f"CASE WHEN {known} THEN {converted} END" if levels else "NULL"
    return Mapped(converted, f"({value})::VARCHAR", read, read_places, on_purpose)


def _converted(sql: str, type_: str, variable: VariableInfo) -> str:
    """SQL for `sql`, which is of `type_`, as the variable's type; what does not fit is missing."""
    wanted = variable.type
    if wanted in TEXTS:
        return _as_text(sql, type_)
    allowed = NUMBERS | TEXTS if wanted in NUMBERS else DATES | TEXTS
    if type_ not in allowed:
        detail = Sentence(
            "%(name)s is of the type %(wanted)s; the rule gives the type %(given)s.",
            name=echo(variable.name),
            wanted=TYPE_NAMES[wanted],
            given=TYPE_NAMES[type_],
        )
        raise RuleError("type_mismatch", detail)
    if wanted in DATES:
        source = f"trim({sql})" if type_ in TEXTS else f"({sql})"
        value = f"TRY_CAST({source} AS {SQL_TYPES[wanted]})"
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    if wanted == "boolean":
        return _as_boolean(sql, type_)
    number = f"TRY_CAST(trim({sql}) AS DOUBLE)" if type_ in TEXTS else f"({sql})::DOUBLE"
    if wanted == "number":
        # A number in the file is refused in words where it is computed with; one that is read from
        # text is a code at most.
        fits = f"abs({number}) < {LARGEST!r}" if type_ in TEXTS else f"isfinite({number})"
        return f"CASE WHEN {fits} THEN {number} END"
    whole = f"{number} = trunc({number}) AND abs({number}) <= {SAFE_INTEGER}"
    return f"CASE WHEN {whole} THEN {number}::BIGINT END"


def _as_text(sql: str, type_: str) -> str:
    if type_ == "number":
        whole = f"{sql} = trunc({sql}) AND abs({sql}) <= {SAFE_INTEGER}"
        return f"CASE WHEN {whole} THEN ({sql})::BIGINT::VARCHAR ELSE ({sql})::VARCHAR END"
    return f"({sql})::VARCHAR"


def _as_boolean(sql: str, type_: str) -> str:
    if type_ == "boolean":
        return f"({sql})"
    if type_ in TEXTS:
        text = f"lower(trim({sql}))"
        yes, no = "'true', 'yes', '1'", "'false', 'no', '0'"
        return f"CASE WHEN {text} IN ({yes}) THEN true WHEN {text} IN ({no}) THEN false END"
    return f"CASE WHEN {sql} = 1 THEN true WHEN {sql} = 0 THEN false END"


def _recoded(rule: Rule, column: str, type_: str, variable: VariableInfo) -> str:
    codes = rule.get("map")
    if not isinstance(codes, dict) or not codes or len(codes) > MAX_MAP:
        detail = Sentence("A recode needs a map of 1 to %(most)s values.", most=grouped(MAX_MAP))
        raise RuleError("bad_map", detail)
    keys = {key: _key(key, type_) for key in codes}
    if len(set(keys.values())) < len(keys):
        # The order of keys would decide, which a database does not keep.
        detail = Sentence("The map has one value in two spellings, such as 1 and 1.0.")
        raise RuleError("bad_map", detail)
    whens = " ".join(
        f"WHEN {column} = {keys[key]} THEN {_target(value, variable)}"
        for key, value in codes.items()
    )
    otherwise = rule.get("otherwise")
    if otherwise == KEEP:
        rest = _converted(column, type_, variable)
    else:
        rest = _target(otherwise, variable)
    empty = _target(rule.get("if_missing"), variable)
    return f"CASE WHEN {column} IS NULL THEN {empty} {whens} ELSE {rest} END"


def _key(key: Any, type_: str) -> str:
    """A value of the source column as SQL, from its spelling in the map."""
    text = str(key)
    if type_ in TEXTS:
        return literal(text)
    try:
        if type_ == "boolean":
            return {"true": "true", "1": "true", "false": "false", "0": "false"}[text.lower()]
        if type_ == "date":
            return f"DATE {literal(date.fromisoformat(text).isoformat())}"
        if type_ == "datetime":
            return f"TIMESTAMP {literal(datetime.fromisoformat(text).isoformat(sep=' '))}"
        return _number(float(text))
    except (ValueError, KeyError):
        detail = Sentence(
            "“%(value)s” is not a value of the type %(type)s, which the column has.",
            value=echo(text),
            type=TYPE_NAMES[type_],
        )
        raise RuleError("bad_map", detail) from None


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(value)
    return f"({value!r})::DOUBLE"


def _target(value: Any, variable: VariableInfo) -> str:
    """A value of the shared variable as SQL."""
    sql_type = SQL_TYPES[variable.type]
    if value is None:
        return f"NULL::{sql_type}"
    try:
        if variable.type in TEXTS:
            return _level(value, variable)
        if variable.type == "boolean":
            return {"true": "true", "1": "true", "false": "false", "0": "false"}[str(value).lower()]
        if variable.type == "date":
            return f"DATE {literal(date.fromisoformat(str(value)).isoformat())}"
        if variable.type == "datetime":
            stamp = datetime.fromisoformat(str(value)).isoformat(sep=" ")
            return f"TIMESTAMP {literal(stamp)}"
        number = float(value)
        if variable.type == "integer" and (number % 1 or abs(number) > SAFE_INTEGER):
            raise ValueError(value)
        if not abs(number) < LARGEST:
            raise ValueError(value)
        return f"{_number(number)}::{sql_type}"
    except RuleError:
        raise
    except (ValueError, KeyError, TypeError, OverflowError):
        detail = Sentence(
            "“%(value)s” is not a value of the type %(type)s, which %(name)s needs.",
            value=echo(str(value)),
            type=TYPE_NAMES[variable.type],
            name=variable.name,
        )
        raise RuleError("bad_map", detail) from None


def _level(value: Any, variable: VariableInfo) -> str:
    if not isinstance(value, str | int | float):
        raise ValueError(value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if variable.type == "category" and variable.levels and text not in variable.levels:
        detail = Sentence(
            "“%(value)s” is not one of the codes of %(name)s.",
            value=echo(text),
            name=variable.name,
        )
        raise RuleError("outside_levels", detail)
    return literal(text)
