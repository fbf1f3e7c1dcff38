"""A rule over the columns of another wave."""

import pytest

from datasets.engine.mapping.renaming import renamed, with_ending

RENAME = with_ending("_0", "_6")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("NULLIF(sbp_0, 0) / 10.0", 'NULLIF("sbp_6", 0) / 10.0'),
        ("sbp_0 + age", '"sbp_6" + age'),
        ('"u v_0" > 1', '"u v_6" > 1'),
        ("UPPER(s_0) = 'a_0'", "UPPER(\"s_6\") = 'a_0'"),
        ("age / 10", "age / 10"),
    ],
)
def test_columns_are_renamed_and_texts_stay(sql, expected):
    rule = {"kind": "expression", "sql": sql}
    assert renamed(rule, RENAME) == {"kind": "expression", "sql": expected}


def test_other_rules_read_the_other_column():
    rule = {"kind": "recode", "column": "x_0", "map": {"_0": None}}
    assert renamed(rule, RENAME) == rule | {"column": "x_6"}
    assert renamed({"kind": "copy", "column": "age"}, RENAME)["column"] == "age"
    assert with_ending("", "_6")("sbp") == "sbp_6"
