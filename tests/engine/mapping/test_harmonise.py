"""Rules make shared variables of own columns; what they lose is counted."""

import json

import pyarrow.parquet as pq
import pytest

from datasets.engine.mapping.accounting import preview
from datasets.engine.mapping.harmonise import content_sha256, harmonise, validate_rule
from datasets.engine.mapping.problems import RuleError
from datasets.engine.rows.frame import VariableInfo
from tests.engine.reading.reading import CASES, HEART, column, read

CASE = CASES / "heart_four_sites" / "expected.json"
SITES = {
    "Cleveland": "cleveland",
    "Hungary": "hungary",
    "Switzerland": "switzerland",
    "VA Long Beach": "va-long-beach",
}
NAMES = {
    **dict.fromkeys(["age", "trestbps", "chol", "thalach"], "integer"),
    "oldpeak": "number",
    "age10": "number",
    **dict.fromkeys(["cp4", "disease", "sex", "fbs", "exang"], "boolean"),
    **dict.fromkeys(["restecg", "slope", "ca", "thal"], "integer"),
}
HEART_VARIABLES = [VariableInfo(name, type_) for name, type_ in NAMES.items()]
HEART_RULES = {
    **{name: {"kind": "copy", "column": name} for name in NAMES},
    "trestbps": {"kind": "expression", "sql": "NULLIF(trestbps, 0)"},
    "chol": {
        "kind": "recode",
        "column": "chol",
        "map": {"0": None},
        "otherwise": {"kind": "copy"},
    },
    "age10": {"kind": "expression", "sql": "age / 10"},
    "cp4": {"kind": "expression", "sql": "cp = 4"},
    "disease": {"kind": "expression", "sql": "num > 0"},
}


def shared(tmp_path, rules, variables):
    target = tmp_path / "shared.parquet"
    result = harmonise(tmp_path / "out.parquet", rules, variables, target)
    return result, pq.read_table(target).to_pydict()


def one(tmp_path, rule, variable):
    """The values of a single shared variable, and what was counted."""
    result, values = shared(tmp_path, {variable.name: rule}, [variable])
    return values[variable.name], result.variables[0]


@pytest.mark.parametrize("site", SITES)
def test_the_heart_data_as_r_has_it(tmp_path, site):
    read(tmp_path, (HEART / f"{SITES[site]}.csv").read_bytes())
    result, values = shared(tmp_path, HEART_RULES, HEART_VARIABLES)
    expected = json.loads(CASE.read_text())
    assert list(values) == list(NAMES)
    for name, missing in expected["missing_by_site"][site].items():
        assert values[name].count(None) == missing, name
    for name, numbers in expected["means_by_site"][site].items():
        present = [value for value in values[name] if value is not None]
        assert len(present) == numbers["n"], name
        if present:
            mean = sum(present) / len(present)
            assert mean == pytest.approx(numbers["mean"], rel=1e-9)
    counted = {entry["name"]: entry for entry in result.variables}
    raw, _ = read(tmp_path, (HEART / f"{SITES[site]}.csv").read_bytes())
    zeros = next((s["n"] for s in column(raw, "chol")["suspicious"]), 0)
    assert counted["chol"]["turned_missing"] == zeros
    assert counted["age10"]["turned_missing"] == 0
    complete = ["age10", "sex", "trestbps", "thalach", "exang", "oldpeak", "cp4", "disease"]
    rows = zip(*(values[name] for name in complete), strict=True)
    assert sum(None not in row for row in rows) == expected["complete_cases"][site]


TABLE = (
    "n,x,sex,ok,day,moment,note,mixed\n"
    "1,1.5,F,true,2020-01-31,2020-01-31 10:00:00,5,1\n"
    "2,2,M,false,2020-02-29,2020-02-29 11:00:00,6.5,<2\n"
    "9,0.25,f,,,,oops,3\n"
    ",-4,,true,2021-01-01,2021-01-01 00:00:00,,4\n"
)
INTEGER = VariableInfo("v", "integer")
SEX = VariableInfo("v", "category", levels=("female", "male"))


@pytest.fixture
def table(tmp_path):
    read(tmp_path, TABLE)
    return tmp_path


@pytest.mark.parametrize(
    ("column_", "type_", "expected", "turned"),
    [
        ("n", "integer", [1, 2, 9, None], 0),
        ("n", "number", [1.0, 2.0, 9.0, None], 0),
        ("n", "category", ["1", "2", "9", None], 0),
        ("n", "boolean", [True, None, None, None], 2),
        ("x", "integer", [None, 2, None, -4], 2),
        ("x", "text", ["1.5", "2", "0.25", "-4"], 0),
        ("ok", "integer", [1, 0, None, 1], 0),
        ("ok", "text", ["true", "false", None, "true"], 0),
        ("note", "number", [5.0, 6.5, None, None], 1),
        ("note", "integer", [5, None, None, None], 2),
        ("day", "text", ["2020-01-31", "2020-02-29", None, "2021-01-01"], 0),
        ("mixed", "integer", [1, None, 3, 4], 1),
    ],
)
def test_copying_converts_and_counts_what_does_not_fit(table, column_, type_, expected, turned):
    values, count = one(table, {"kind": "copy", "column": column_}, VariableInfo("v", type_))
    assert values == expected
    assert count == {
        "name": "v",
        "mapped": True,
        "n": 4 - expected.count(None),
        "missing": expected.count(None),
        "turned_missing": turned,
        "outside_levels": [],
    }


def test_dates_are_copied(table):
    values, _ = one(table, {"kind": "copy", "column": "moment"}, VariableInfo("v", "date"))
    assert [str(value) for value in values] == ["2020-01-31", "2020-02-29", "None", "2021-01-01"]
    values, _ = one(table, {"kind": "copy", "column": "day"}, VariableInfo("v", "datetime"))
    assert str(values[0]) == "2020-01-31 00:00:00"


def test_an_endless_date_is_none(tmp_path):
    read(tmp_path, "a\ninfinity\n2020-01-01\nx\n")
    values, count = one(tmp_path, {"kind": "copy", "column": "a"}, VariableInfo("v", "date"))
    assert [str(value) for value in values] == ["None", "2020-01-01", "None"]
    assert count["turned_missing"] == 2


def test_recoding_to_levels(table):
    rule = {"kind": "recode", "column": "sex", "map": {"F": "female", "M": "male"}}
    values, count = one(table, rule, SEX)
    assert values == ["female", "male", None, None]
    assert count["turned_missing"] == 1
    values, _ = one(table, {**rule, "otherwise": "male"}, SEX)
    assert values == ["female", "male", "male", None]


def test_what_is_missing_stays_missing_unless_the_recode_names_it(table):
    rule = {"kind": "recode", "column": "sex", "map": {"F": "female"}, "otherwise": "male"}
    for named, last in ((None, None), ("female", "female")):
        values, count = one(table, rule | {"if_missing": named}, SEX)
        assert values == ["female", "male", "male", last]
        assert count["turned_missing"] == 0
    kept = rule | {"otherwise": None, "if_missing": "male"}
    assert one(table, kept, SEX)[0] == ["female", None, None, "male"]
    whole = {"kind": "recode", "column": "n", "map": {"9": 9}, "if_missing": 0}
    assert one(table, whole, INTEGER)[0].count(0) == 1
    with pytest.raises(RuleError) as refused:
        one(table, rule | {"if_missing": "neither"}, SEX)
    assert refused.value.code == "outside_levels"


def test_values_outside_the_levels_are_listed_and_missing(table):
    values, count = one(table, {"kind": "copy", "column": "sex"}, SEX)
    assert values == [None] * 4
    assert count["outside_levels"] == [
        {"value": "F", "n": 1},
        {"value": "M", "n": 1},
        {"value": "f", "n": 1},
    ]


@pytest.mark.parametrize(
    ("column_", "map_", "expected"),
    [
        ("n", {"9": None, "1": 10, "2": "20"}, [10, 20, None, None]),
        ("n", {"1.0": 1}, [1, None, None, None]),
        ("ok", {"true": 1, "false": 0}, [1, 0, None, 1]),
        ("day", {"2020-01-31": 1}, [1, None, None, None]),
        ("moment", {"2020-01-31T10:00:00": 1}, [1, None, None, None]),
        ("x", {"0.25": 4}, [None, None, 4, None]),
    ],
)
def test_recoding_from_every_type(table, column_, map_, expected):
    values, _ = one(table, {"kind": "recode", "column": column_, "map": map_}, INTEGER)
    assert values == expected


def test_expressions_follow_the_variables_type(table):
    values, _ = one(table, {"kind": "expression", "sql": "x * 2"}, INTEGER)
    assert values == [3, 4, None, -8]
    values, count = one(
        table, {"kind": "expression", "sql": "NULLIF(n, 9)"}, VariableInfo("v", "number")
    )
    assert values == [1.0, 2.0, None, None]
    assert (count["missing"], count["turned_missing"]) == (2, 1)
    values, _ = one(table, {"kind": "expression", "sql": "EXP(700) * EXP(700)"}, INTEGER)
    assert values == [None] * 4


def test_a_variable_without_a_rule_is_not_collected_here(table):
    result, values = shared(table, {}, [INTEGER, VariableInfo("w", "category")])
    assert values == {"v": [None] * 4, "w": [None] * 4}
    assert [entry["mapped"] for entry in result.variables] == [False, False]
    assert result.variables[0]["missing"] == result.rows == 4


@pytest.mark.parametrize(
    ("rule", "variable", "code"),
    [
        (None, INTEGER, "bad_rule"),
        ({}, INTEGER, "bad_rule"),
        ({"kind": "python", "code": "1"}, INTEGER, "bad_rule"),
        ({"kind": "copy", "column": "n", "sql": "1"}, INTEGER, "bad_rule"),
        (
            {"kind": "unit", "column": "n", "from": "mg/dL", "to": "mmol/L"},
            INTEGER,
            "needs_analyte",
        ),
        ({"kind": "copy", "column": "secret"}, INTEGER, "unknown_column"),
        ({"kind": "copy", "column": 7}, INTEGER, "unknown_column"),
        ({"kind": "copy", "column": "day"}, INTEGER, "type_mismatch"),
        ({"kind": "copy", "column": "n"}, VariableInfo("v", "date"), "type_mismatch"),
        ({"kind": "expression", "sql": "day"}, INTEGER, "type_mismatch"),
        ({"kind": "expression", "sql": "repeat(note, 9)"}, INTEGER, "not_allowed"),
        ({"kind": "expression"}, INTEGER, "empty_expression"),
        ({"kind": "recode", "column": "n"}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {}}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {"x": 1}}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {"nan": 1}}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {"1": "x"}}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {"1": 1.5}}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {"1": 2, "1.0": 3}}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {"1": 10**400}}, INTEGER, "bad_map"),
        ({"kind": "recode", "column": "n", "map": {"1": [2]}}, SEX, "bad_map"),
        ({"kind": "recode", "column": "sex", "map": {"F": "woman"}}, SEX, "outside_levels"),
        ({"kind": "recode", "column": "day", "map": {"soon": 1}}, INTEGER, "bad_map"),
        (
            {"kind": "recode", "column": "n", "map": {"1": 1}, "otherwise": "x"},
            INTEGER,
            "bad_map",
        ),
    ],
)
def test_rules_that_cannot_be_applied(rule, variable, code):
    columns = {"n": "integer", "sex": "category", "day": "date", "note": "text"}
    with pytest.raises(RuleError) as caught:
        validate_rule(rule, columns, variable)
    assert caught.value.code == code
    assert caught.value.detail.endswith((".", "?"))


def test_a_failing_rule_leaves_nothing_behind(table):
    with pytest.raises(RuleError):
        shared(table, {"v": {"kind": "copy", "column": "gone"}}, [INTEGER])
    assert not (table / "shared.parquet").exists()


@pytest.mark.parametrize("name", ["site", "country", "region"])
def test_reserved_names_are_refused(table, name):
    with pytest.raises(RuleError, match=name):
        shared(table, {}, [VariableInfo(name, "category")])


def test_hostile_values_and_names_are_only_values_and_names(tmp_path):
    read(tmp_path, 'a\'b,"c""d"\nx\'; DROP TABLE t; --,1\ny,2\n')
    variable = VariableInfo('v"; --', "category", levels=("it's", 'q"'))
    rule = {
        "kind": "recode",
        "column": "a'b",
        "map": {"x'; DROP TABLE t; --": "it's", "y": 'q"'},
    }
    values, _ = one(tmp_path, rule, variable)
    assert values == ["it's", 'q"']


def test_before_and_after(table):
    rule = {"kind": "recode", "column": "sex", "map": {"F": "female", "M": "male"}}
    found = preview(table / "out.parquet", rule, SEX)
    assert [entry["name"] for entry in found["before"]] == ["sex"]
    assert found["before"][0]["top"][0] == {"value": "F", "n": 1}
    assert found["after"]["top"] == [{"value": "female", "n": 1}, {"value": "male", "n": 1}]
    assert (found["after"]["type"], found["after"]["missing"]) == ("category", 2)
    assert (found["rows"], found["turned_missing"]) == (4, 1)
    found = preview(
        table / "out.parquet", {"kind": "expression", "sql": "x / n"}, VariableInfo("v", "number")
    )
    assert [entry["name"] for entry in found["before"]] == ["x", "n"]
    assert found["after"]["max"] == 1.5


def test_equal_contents_have_equal_hashes(table):
    rules = {"v": {"kind": "copy", "column": "note"}}
    variables = [VariableInfo("v", "text")]
    first, _ = shared(table, rules, variables)
    again, _ = shared(table, rules, variables)
    assert first == again
    target = table / "shared.parquet"
    loose = pq.read_table(target)
    pq.write_table(loose, target, compression="none", row_group_size=1)
    assert content_sha256(target, variables) == first.content_sha256
    other, _ = shared(table, {"v": {"kind": "copy", "column": "mixed"}}, variables)
    assert other.content_sha256 != first.content_sha256
    assert json.loads(json.dumps(first.to_dict())) == first.to_dict()


@pytest.mark.parametrize("rule", [{"kind": "copy"}, {"kind": "recode", "column": "", "map": {}}])
def test_a_rule_without_a_column_is_asked_for_one(rule):
    """It was told that there is no column called None."""
    with pytest.raises(RuleError) as refused:
        validate_rule(rule, {"age": "integer"}, INTEGER)
    assert str(refused.value.detail) == "Name the column that the rule reads."
