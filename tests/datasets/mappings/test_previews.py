"""Rules tried on a version's rows."""

import pytest

from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import KEEP
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


@pytest.mark.parametrize(
    ("rule", "unit", "factor"),
    [
        ({"kind": "copy", "column": "length"}, "cm", 1),
        ({"kind": "recode", "column": "length", "map": {"66": None}, "otherwise": KEEP}, "cm", 1),
        (
            {"kind": "unit", "column": "length", "from": "in", "to": "cm", "missing": ["66"]},
            "cm",
            2.54,
        ),
    ],
)
def test_before_and_after_stand_in_the_same_bins(rule, unit, factor):
    """30 bins before and 12 after could not be compared, though nothing had changed."""
    version = table_version({"length": ("integer", [*range(60, 76), *[66] * 9, -9])})
    variable = SharedVariableFactory(name="height", type="number", unit=unit)
    shown = previews.preview(version, rule, variable)
    before, after = shown["before"][0]["histogram"], shown["after"]["histogram"]
    assert after["edges"] == pytest.approx([edge * factor for edge in before["edges"]])
    lost = 0 if rule["kind"] == "copy" else 10
    assert sum(after["counts"]) == sum(before["counts"]) - lost
    assert (after["counts"][0], after["counts"][-1]) == (1, before["counts"][-1])


def test_a_code_that_is_set_missing_is_not_drawn_after():
    version = table_version({"length": ("integer", [*range(60, 76), -9])})
    variable = SharedVariableFactory(name="height", type="number", unit="cm")
    rule = {"kind": "unit", "column": "length", "from": "in", "to": "cm", "missing": ["-9"]}
    edges = previews.preview(version, rule, variable)["after"]["histogram"]["edges"]
    assert 60 * 2.54 - 2 < edges[0] < edges[-1] < 75 * 2.54 + 2


def test_other_values_than_before_stand_in_bins_of_their_own():
    version = table_version({"dose": ("integer", [*range(10)])})
    variable = SharedVariableFactory(name="dose", type="number")
    rule = {"kind": "recode", "column": "dose", "map": {"9": "500"}, "otherwise": KEEP}
    for one in (rule, {"kind": "expression", "sql": "dose * 50.0"}):
        assert previews.preview(version, one, variable)["after"]["histogram"]["edges"][-1] >= 450
