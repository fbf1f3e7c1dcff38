"""Mapping expressions: what is allowed works as in SQL, everything else is refused by name."""

import string

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.mapping.expressions import compile_expression
from datasets.engine.mapping.syntax import ExpressionError
from datasets.engine.rows.connection import connect
from datasets.engine.rows.table import placed

COLUMNS = {
    "age": "integer",
    "chol": "integer",
    "oldpeak": "number",
    "sex": "category",
    "note": "text",
    "pid": "identifier",
    "smoker": "boolean",
    "visit": "date",
    "seen": "datetime",
    'we"ird; --': "number",
}
TABLE = placed(
    "(SELECT 60::BIGINT AS age, 0::BIGINT AS chol, 1.25::DOUBLE AS oldpeak, 'F' AS sex, "
    "' 12,5 mg' AS note, 'P1' AS pid, true AS smoker, DATE '2020-02-29' AS visit, "
    'TIMESTAMP \'2020-02-29 10:30:00\' AS seen, 3.5::DOUBLE AS "we""ird; --")',
    len(COLUMNS),
)


def value(sql: str):
    expression = compile_expression(sql, COLUMNS)
    with connect() as connection:
        return connection.execute(f"SELECT {expression.sql} FROM {TABLE}").fetchone()[0]


@pytest.mark.parametrize(
    ("sql", "type_", "expected"),
    [
        ("age", "integer", 60),
        ("AGE", "integer", 60),
        ('"we""ird; --" * 2', "number", 7.0),
        ("age / 8", "number", 7.5),
        ("age + chol - 1", "integer", 59),
        ("-age", "integer", -60),
        ("age / chol", "number", None),
        ("age % 7", "integer", 4),
        ("2 * (age + 1)", "integer", 122),
        ("NULLIF(chol, 0)", "integer", None),
        ("COALESCE(NULLIF(chol, 0), age)", "integer", 60),
        ("chol > 0", "boolean", False),
        ("num > 0".replace("num", "age"), "boolean", True),
        ("NOT age > 65 AND (sex = 'F' OR smoker)", "boolean", True),
        ("smoker IS TRUE", "boolean", True),
        ("chol IS NOT NULL", "boolean", True),
        ("age BETWEEN 50 AND 60", "boolean", True),
        ("age NOT IN (1, 2, 60)", "boolean", False),
        ("sex IN ('F', 'M')", "boolean", True),
        ("CASE WHEN age = 4 THEN 1 ELSE 0 END", "integer", 0),
        ("CASE sex WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' END", "text", "female"),
        ("CASE WHEN age > 3 THEN 1 ELSE 2.5 END", "number", 1.0),
        ("CAST(oldpeak AS INTEGER)", "integer", 1),
        ("CAST('x' AS INTEGER)", "integer", None),
        ("TRY_CAST('7' AS DOUBLE)", "number", 7.0),
        ("'8'::DOUBLE", "number", 8.0),
        ("ROUND(oldpeak, 1)", "number", 1.3),
        ("ROUND(oldpeak)", "number", 1.0),
        ("ABS(-oldpeak)", "number", 1.25),
        ("LEAST(age, 7)", "integer", 7),
        ("GREATEST(oldpeak, 7)", "number", 7.0),
        ("LN(chol)", "number", None),
        ("LN(EXP(1))", "number", 1.0),
        ("SQRT(0 - age)", "number", None),
        ("FLOOR(oldpeak)", "integer", 1),
        ("CEIL(oldpeak)", "integer", 2),
        ("EXP(1000)", "number", None),
        ("UPPER(LOWER(TRIM(note)))", "text", "12,5 MG"),
        ("LENGTH(note)", "integer", 8),
        ("YEAR(visit) * 100 + MONTH(seen)", "integer", 202002),
        ("DAY(visit)", "integer", 29),
        ("visit > '2020-01-01'", "boolean", True),
        ("visit < DATE '2020-01-01'", "boolean", False),
        ("pid = 'P1'", "boolean", True),
        ("smoker = 1", "boolean", True),
        ("smoker + 1", "integer", 2),
        ("'it''s; -- fine'", "text", "it's; -- fine"),
    ],
)
def test_allowed(sql, type_, expected):
    assert compile_expression(sql, COLUMNS).type == type_
    assert value(sql) == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_columns_read_are_told():
    assert compile_expression("age + COALESCE(chol, age)", COLUMNS).columns == ("age", "chol")


ATTACKS = [
    ("", "empty_expression"),
    ("   ", "empty_expression"),
    ("NULL", "no_value"),
    ("age; DROP TABLE t", "not_one_expression"),
    ("age; SELECT 1", "not_one_expression"),
    ("age, chol", "not_one_expression"),
    ("age FROM t", "not_allowed"),
    ("age FROM read_csv('/etc/passwd')", "not_allowed"),
    ("age WHERE 1=1", "not_allowed"),
    ("age UNION SELECT 1", "not_one_expression"),
    ("age LIMIT 1", "not_allowed"),
    ("age ORDER BY 1", "not_allowed"),
    ("DISTINCT age", "not_allowed"),
    ("*", "not_allowed"),
    ("t.*", "not_allowed"),
    ("COLUMNS('a.*')", None),
    ("t.age", "not_allowed"),
    ("main.t.age", "not_allowed"),
    ("(SELECT 1)", "not_allowed"),
    ("age IN (SELECT 1)", "not_allowed"),
    ("EXISTS (SELECT 1)", "not_allowed"),
    ("(WITH x AS (SELECT 1) SELECT * FROM x)", "not_allowed"),
    ("repeat('a', 3000000000)", "not_allowed"),
    ("rpad('a', 3000000000, 'b')", "not_allowed"),
    ("range(1000000000)", "not_allowed"),
    ("generate_series(1, 1000000000)", "not_allowed"),
    ("getenv('HOME')", "not_allowed"),
    ("read_text('/etc/passwd')", "not_allowed"),
    ("current_setting('temp_directory')", "not_allowed"),
    ("error('x')", "not_allowed"),
    ("query('SELECT 1')", None),
    ("sleep(10)", "not_allowed"),
    ("nextval('s')", "not_allowed"),
    ("version()", "not_allowed"),
    ("current_user", None),
    ("now()", "not_allowed"),
    ("random()", "not_allowed"),
    ("count(*)", "not_allowed"),
    ("sum(age)", "not_allowed"),
    ("row_number() OVER ()", "not_allowed"),
    ("lag(age) OVER (ORDER BY age)", "not_allowed"),
    ("list_transform([1], x -> x)", "not_allowed"),
    ("[1, 2, 3]", "not_allowed"),
    ("{'a': 1}", "not_allowed"),
    ("MAP {'a': 1}", "not_allowed"),
    ("age[1]", "not_allowed"),
    ("note[1:2]", "not_allowed"),
    ("note || note", "not_allowed"),
    ("note LIKE '%a%'", "not_allowed"),
    ("regexp_matches(note, '(a+)+$')", "not_allowed"),
    ("age ** 99", "not_allowed"),
    ("pow(age, 99)", "not_allowed"),
    ("age << 60", "not_allowed"),
    ("age & 1", "not_allowed"),
    ("? + 1", "not_allowed"),
    ("$1", "not_allowed"),
    (":name", None),
    ("age /* comment */", "not_allowed"),
    ("age -- comment", "not_allowed"),
    ("/* */ age", "not_allowed"),
    ("CAST(age AS BLOB)", "not_allowed"),
    ("CAST(age AS INTEGER[])", "not_allowed"),
    ("CAST(age AS STRUCT(a INTEGER))", "not_allowed"),
    ("CAST(note AS JSON)", "not_allowed"),
    ("age::DECIMAL(38, 10)", "not_allowed"),
    ("CAST(age AS evil_type)", None),
    ("password", "unknown_column"),
    ('"age""; DROP TABLE t; --"', "unknown_column"),
    ('"AGE"', "unknown_column"),
    ("`age`", None),
    ("file_row_number", "unknown_column"),
    ("age AS x", "not_allowed"),
    ("1e999", "bad_number"),
    ("0x41", None),
    ("sex + 1", "type_mismatch"),
    ("sex = 1", "type_mismatch"),
    ("age AND smoker", "type_mismatch"),
    ("NOT age", "type_mismatch"),
    ("UPPER(age)", "type_mismatch"),
    ("YEAR(age)", "type_mismatch"),
    ("COALESCE(age, sex)", "type_mismatch"),
    ("CASE WHEN age THEN 1 END", "type_mismatch"),
    ("CASE WHEN age > 1 THEN 1 ELSE 'x' END", "type_mismatch"),
    ("visit + 1", "type_mismatch"),
    ("ROUND(age, chol)", "bad_arguments"),
    ("ROUND(age, 999999999)", "bad_arguments"),
    ("ABS()", None),
    ("age +", "syntax_error"),
    ("age age2 age3", None),
    ("age'", None),
    ("'unclosed", None),
    ("age\x00", "bad_character"),
    ("age\u202e", "bad_character"),
    ("(" * 60 + "age" + ")" * 60, "expression_too_deep"),
    ("-" * 60 + "age", None),
    ("NOT " * 100 + "smoker", None),
    ("age" + " + 1" * 300, None),
    ("1" * 3000, "expression_too_long"),
    ("age TABLESAMPLE 10", None),
    ("INTERVAL 1 DAY", "not_allowed"),
    ("EXTRACT(year FROM visit)", "not_allowed"),
    ("age IS DISTINCT FROM 1", "not_allowed"),
    ("TRIM(BOTH 'x' FROM note)", "not_allowed"),
    ("IF(age > 1, 1, 0)", "not_allowed"),
    ("pragma_version()", "not_allowed"),
    ("ATTACH 'x'", None),
    ("COPY t TO 'x'", None),
    ("note COLLATE NOCASE", "not_allowed"),
    ("age IN ()", None),
]


@pytest.mark.parametrize(("sql", "code"), ATTACKS)
def test_refused(sql, code):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(sql, COLUMNS)
    assert caught.value.code == (code or caught.value.code)
    assert 0 < len(caught.value.detail) < 250
    assert caught.value.detail.isprintable()


def test_the_offending_part_is_named():
    with pytest.raises(ExpressionError, match="REPEAT"):
        compile_expression("COALESCE(note, repeat('a', 9))", COLUMNS)
    with pytest.raises(ExpressionError, match="wieght"):
        compile_expression("wieght / 2", COLUMNS)


@pytest.mark.parametrize(
    ("sql", "says"),
    [("age /", "at “/”"), ("age +* 2", "at “2”"), ("note = 'a", "left open"), ("(age", "at “age”")],
)
def test_what_cannot_be_read_is_said_in_words_of_ours(sql, says):
    with pytest.raises(ExpressionError) as refused:
        compile_expression(sql, COLUMNS)
    assert says in str(refused.value)
    assert "sqlglot" not in str(refused.value)


WORDS = [
    *(
        "age",
        "chol",
        "sex",
        "note",
        "visit",
        "smoker",
        '"age"',
        "1",
        "2.5",
        "'a'",
        "NULL",
        "(",
        ")",
    ),
    *("+", "-", "*", "/", "%", "=", "<>", "<", ">", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", ","),
    *("CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "AS", "INTEGER", "VARCHAR", "DATE", "ABS"),
    *("COALESCE", "NULLIF", "LN", "EXP", "SQRT", "ROUND", "LOWER", "LENGTH", "YEAR", "SELECT"),
    *("FROM", ";", "--", "/*", "*/", "repeat", "read_csv", "::", "[", "]", "{", "}", "->", "||"),
]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
        st.text(string.printable, max_size=40),
        st.text(max_size=30),
    )
)
def test_whatever_is_accepted_runs_as_one_value_of_its_type(sql):
    """Either a clear refusal, or SQL that binds and gives the type it was said to give."""
    try:
        expression = compile_expression(sql, COLUMNS)
    except ExpressionError:
        return
    try:
        described = CONNECTION.execute(f"DESCRIBE SELECT {expression.sql} AS v FROM {TABLE}")
        (row,) = described.fetchall()
        CONNECTION.execute(f"SELECT {expression.sql} FROM {TABLE}").fetchall()
    except duckdb.Error as error:
        raise AssertionError(f"{sql!r} became {expression.sql!r}: {error}") from error
    assert row[1] in PHYSICAL[expression.type]


CONNECTION = connect()
PHYSICAL = {
    "integer": {"BIGINT", "INTEGER", "DOUBLE"},
    "number": {"DOUBLE"},
    "boolean": {"BOOLEAN"},
    "text": {"VARCHAR"},
    "date": {"DATE"},
    "datetime": {"TIMESTAMP"},
}
