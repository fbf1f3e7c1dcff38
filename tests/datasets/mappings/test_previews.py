"""Rules tried on a version's rows."""

import pytest

from datasets.engine.mapping.problems import RuleError
from datasets.mappings import previews
from tests.factories import SharedVariableFactory, table_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    ages = [*range(30, 80), None]
    return table_version({"sex": ("text", ["m"] * 51), "age": ("integer", ages)})


def test_a_rule_is_tried_on_all_rows(version):
    variable = SharedVariableFactory(name="age10")
    rule = {"kind": "expression", "sql": "age / 10.0"}
    shown = previews.preview(version, rule, variable)
    assert (shown["rows"], shown["sampled"]) == (51, None)
    assert shown["after"]["max"] == 7.9


def test_of_a_very_long_table_the_first_rows_are_tried_and_it_says_so(version, monkeypatch):
    monkeypatch.setattr(previews, "MOST_ROWS", 40)
    monkeypatch.setattr(previews, "SAMPLE_ROWS", 30)
    variable = SharedVariableFactory(name="age")
    for rule, most in (
        ({"kind": "copy", "column": "age"}, 59),
        ({"kind": "expression", "sql": "1 + 1"}, 2),
    ):
        shown = previews.preview(version, rule, variable)
        assert (shown["rows"], shown["sampled"], shown["after"]["max"]) == (30, 30, most)


def test_a_rule_that_does_not_fit_says_why(version):
    with pytest.raises(RuleError):
        previews.preview(
            version, {"kind": "copy", "column": "nowhere"}, SharedVariableFactory(name="age")
        )
