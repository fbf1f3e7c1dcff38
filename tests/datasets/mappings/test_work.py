"""Rules tried on a version's rows, and the tables made of them."""

import pytest

from datasets.engine.mapping.problems import RuleError
from datasets.mappings import work as harmonisation
from tests.factories import SharedVariableFactory, table_version

FAR = (2**53, 2**53 + 1)
"""Alike as doubles, and two texts for whoever is mapped to them."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    ages = [*range(30, 80), None]
    return table_version({"sex": ("text", ["m"] * 51), "age": ("integer", ages)})


def test_a_rule_is_tried_on_all_rows(version):
    variable = SharedVariableFactory(name="age10")
    rule = {"kind": "expression", "sql": "age / 10.0"}
    shown = harmonisation.preview(version, rule, variable)
    assert (shown["rows"], shown["sampled"]) == (51, None)
    assert shown["after"]["max"] == 7.9


def test_of_a_very_long_table_the_first_rows_are_tried_and_it_says_so(version, monkeypatch):
    monkeypatch.setattr(harmonisation, "MOST_ROWS", 40)
    monkeypatch.setattr(harmonisation, "SAMPLE_ROWS", 30)
    variable = SharedVariableFactory(name="age")
    for rule, most in (
        ({"kind": "copy", "column": "age"}, 59),
        ({"kind": "expression", "sql": "1 + 1"}, 2),
    ):
        shown = harmonisation.preview(version, rule, variable)
        assert (shown["rows"], shown["sampled"], shown["after"]["max"]) == (30, 30, most)


def test_a_rule_that_does_not_fit_says_why(version):
    with pytest.raises(RuleError):
        harmonisation.preview(
            version, {"kind": "copy", "column": "nowhere"}, SharedVariableFactory(name="age")
        )


def test_a_table_is_named_by_its_bytes_rules_and_variables(version):
    info = harmonisation.info_of(SharedVariableFactory(name="age"))
    copy = {"age": {"kind": "copy", "column": "age"}}
    key = harmonisation.table_key(version, copy, [info])
    assert key == harmonisation.table_key(version, dict(copy), [info])
    other = {"age": {"kind": "expression", "sql": "age"}}
    nears = [{"age": {"kind": "recode", "column": "age", "map": {"40": n}}} for n in FAR]
    assert len({harmonisation.table_key(version, near, [info]) for near in nears}) == len(FAR)
    assert key != harmonisation.table_key(version, other, [info])
    version.table_sha256 = "0" * 64
    assert key != harmonisation.table_key(version, copy, [info])
