"""What becomes of the values under a rule, and which ones nobody thought of."""

import pytest

from datasets.engine.mapping.accounting import preview
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import loses_nothing
from datasets.engine.mapping.values import column_values
from datasets.engine.rows.frame import VariableInfo
from tests.engine.reading.reading import read

NUMBER = VariableInfo("v", "number")
SEX = VariableInfo("v", "category", levels=("female", "male"))
TABLE = "sex,chol,x\nm,5.0,1\nw,0,2\nm,-9,3\nk.A.,6.5,\n,7,4\n"


@pytest.fixture
def table(tmp_path):
    read(tmp_path, TABLE)
    return tmp_path / "out.parquet"


@pytest.mark.parametrize(
    ("rule", "variable", "counts"),
    [
        ({"kind": "copy", "column": "chol"}, NUMBER, (5, 5, 0, 0)),
        ({"kind": "copy", "column": "sex"}, SEX, (4, 0, 0, 4)),
        (
            {"kind": "recode", "column": "sex", "map": {"M": "male", "W": "female"}},
            SEX,
            (4, 0, 0, 4),
        ),
        (
            {"kind": "recode", "column": "sex", "map": {"m": "male", "w": "female"}},
            SEX,
            (4, 3, 0, 1),
        ),
        (
            {"kind": "recode", "column": "sex", "map": {"m": "male", "w": "female", "k.A.": None}},
            SEX,
            (4, 3, 1, 0),
        ),
        (
            {"kind": "recode", "column": "sex", "map": {"m": "male"}, "otherwise": "female"},
            SEX,
            (4, 4, 0, 0),
        ),
        (
            {"kind": "recode", "column": "sex", "map": {"m": "male"}, "if_missing": "female"},
            SEX,
            (4, 3, 0, 2),
        ),
        (
            {
                "kind": "recode",
                "column": "chol",
                "map": {"-9": None},
                "otherwise": {"kind": "copy"},
            },
            NUMBER,
            (5, 4, 1, 0),
        ),
        (
            {
                "kind": "unit",
                "column": "chol",
                "from": "mmol/L",
                "to": "mg/dL",
                "analyte": "cholesterol",
                "missing": ["0", "-9"],
            },
            NUMBER,
            (5, 3, 2, 0),
        ),
        ({"kind": "expression", "sql": "NULLIF(chol, 0)"}, NUMBER, (5, 4, 1, 0)),
        (
            {"kind": "expression", "sql": "CASE WHEN chol <= 0 THEN NULL ELSE chol END"},
            NUMBER,
            (5, 3, 2, 0),
        ),
        ({"kind": "expression", "sql": "CASE WHEN chol > 0 THEN chol END"}, NUMBER, (5, 3, 0, 2)),
        (
            {"kind": "expression", "sql": "CASE sex WHEN 'M' THEN 1 WHEN 'W' THEN 0 END"},
            NUMBER,
            (4, 0, 0, 4),
        ),
        ({"kind": "expression", "sql": "1 / chol"}, NUMBER, (5, 4, 0, 1)),
        (
            {"kind": "expression", "sql": "COALESCE(NULLIF(chol, 0), NULL) * x"},
            NUMBER,
            (4, 3, 1, 0),
        ),
        ({"kind": "expression", "sql": "chol IS NULL"}, VariableInfo("v", "boolean"), (5, 5, 0, 0)),
    ],
)
def test_each_value_is_kept_missing_on_purpose_or_not_accounted_for(table, rule, variable, counts):
    found = preview(table, rule, variable)["account"]
    names = ("values", "kept", "on_purpose", "unaccounted")
    assert tuple(found[name] for name in names) == counts
    if len(found["missed"]):
        assert sum(one["n"] for one in found["missed"]) == counts[-1]


def test_the_values_that_were_missed_are_named_the_most_frequent_first(table):
    rule = {"kind": "recode", "column": "sex", "map": {"M": "male", "W": "female"}}
    missed = preview(table, rule, SEX)["account"]["missed"]
    assert missed == [{"value": "m", "n": 2}, {"value": "k.A.", "n": 1}, {"value": "w", "n": 1}]


@pytest.mark.parametrize("other", [{}, {"if_missing": "male"}])
def test_a_recode_into_codes_that_matches_no_value_is_told_and_not_broken(table, other):
    rule = {"kind": "recode", "column": "sex", "map": {"M": "male"}} | other
    drawn = preview(table, rule, SEX)
    found = drawn["account"]
    assert (found["values"], found["unaccounted"], len(found["missed"])) == (4, 4, 3)
    assert drawn["after"]["n"] == found["kept"] == len(other)


def test_values_are_spelled_as_a_recode_takes_them(table):
    assert column_values(table, "sex", 50)["values"][0] == {"value": "m", "n": 2}
    spelled = [one["value"] for one in column_values(table, "chol", 50)["values"]]
    assert sorted(spelled) == ["-9", "0", "5", "6.5", "7"]
    few = column_values(table, "chol", 2)
    assert (len(few["values"]), few["distinct"]) == (2, 5)
    rule = {"kind": "recode", "column": "chol", "map": dict.fromkeys(spelled, 1)}
    assert preview(table, rule, NUMBER)["account"]["kept"] == 5


CONVERTED = {"kind": "unit", "column": "glucose", "from": "mg/dL", "to": "mmol/L"}


@pytest.mark.parametrize(
    ("rule", "variable", "nothing"),
    [
        ({"kind": "copy", "column": "n"}, NUMBER, True),
        ({"kind": "copy", "column": "x"}, VariableInfo("v", "integer"), False),
        ({"kind": "copy", "column": "t"}, NUMBER, False),
        ({"kind": "copy", "column": "t"}, VariableInfo("v", "text"), True),
        ({"kind": "copy", "column": "t"}, SEX, False),
        ({"kind": "copy", "column": "t"}, VariableInfo("v", "category"), True),
        ({"kind": "copy", "column": "id"}, VariableInfo("v", "category"), False),
        ({"kind": "copy", "column": "x"}, VariableInfo("v", "category"), False),
        ({"kind": "copy", "column": "id"}, VariableInfo("v", "text"), True),
        ({"kind": "copy", "column": "gone"}, NUMBER, False),
        ({"kind": "unit", "column": "x", "from": "m", "to": "cm"}, NUMBER, True),
        ({"kind": "unit", "column": "x", "from": "m", "to": "cm", "missing": ["0"]}, NUMBER, False),
        ({"kind": "unit", "column": "t", "from": "m", "to": "cm"}, NUMBER, False),
        # From another unit than its own, as another substance, or of no known unit.
        ({"kind": "unit", "column": "x", "from": "in", "to": "cm"}, NUMBER, False),
        ({"kind": "unit", "column": "n", "from": "m", "to": "cm"}, NUMBER, False),
        (CONVERTED | {"analyte": "glucose"}, NUMBER, True),
        (CONVERTED | {"analyte": "cholesterol"}, NUMBER, False),
        ({"kind": "recode", "column": "x", "map": {"1": 1}}, NUMBER, False),
        ({"kind": "expression", "sql": "x"}, NUMBER, False),
        (None, NUMBER, False),
    ],
)
def test_whether_the_types_alone_tell_that_no_value_is_lost(rule, variable, nothing):
    columns = {"n": "integer", "x": "number", "t": "category", "id": "identifier"}
    words = {"x": ("Height", "m"), "glucose": ("", "mg/dL")}
    assert loses_nothing(rule, columns | {"glucose": "number"}, variable, words) is nothing


HUGE = "1" + "0" * 300


def test_a_text_that_no_number_is_computed_from_is_no_value(tmp_path):
    """Its square is none any more: the page broke where its picture was drawn."""
    rows = "".join(f"{text},1\n" for text in ("1e308", "-1e308", "9" * 320, HUGE))
    read(tmp_path, "x,n\n" + rows + "7,0\n", types={"x": "text"})
    found = preview(tmp_path / "out.parquet", {"kind": "copy", "column": "x"}, NUMBER)
    assert (found["account"]["kept"], found["account"]["unaccounted"]) == (1, 4)


def test_no_rule_gives_such_a_number(table):
    rule = {"kind": "recode", "column": "sex", "map": {"m": 1e308}}
    with pytest.raises(RuleError, match="1e\\+308"):
        preview(table, rule, NUMBER)
