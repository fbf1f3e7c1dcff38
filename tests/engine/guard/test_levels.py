"""Declared levels: all there, whatever the data hold, and of rare ones no trace."""

import json

import numpy as np
import pytest

from datasets.engine.guard import disclosure
from datasets.engine.guard.levels import without_rare
from datasets.engine.guard.rules import rules_of
from datasets.engine.methods import METHODS, run_local
from datasets.engine.methods.describe.gate import gate
from datasets.engine.methods.describe.parameters import Parameters
from datasets.engine.methods.describe.statistics import Spec, summarise
from datasets.engine.rows.frame import Domain, Frame, InputInfo

PROFILE = {
    **dict.fromkeys(("min", "max", "mean", "sd", "quantiles", "histogram", "grid")),
    "name": "ward",
    "type": "category",
    "n": 98,
    "missing": 2,
    "distinct": 3,
    "suspicious": [],
}


WARDS = [{"value": "north", "n": 50}, {"value": "south", "n": 44}, {"value": "asylum", "n": 4}]


def wards(threshold=5, levels=("north", "south", "asylum", "attic"), **changes):
    column = PROFILE | {"top": WARDS} | changes
    shown = disclosure.gate_column(column, 100, threshold, {"ward": levels})
    return shown, {one["value"]: one["n"] for one in shown["top"]}


def test_declared_levels_are_all_there_and_the_rare_ones_like_those_nobody_has():
    shown, counts = wards()
    assert counts == {"north": 50, "south": 45, "asylum": None, "attic": None}
    assert (shown["n"], shown["missing"], shown["distinct"]) == (95, 5, 4)


def test_a_level_that_is_not_declared_is_missing():
    shown, counts = wards(levels=("north", "south", "attic"))
    assert counts == {"north": 50, "south": 45, "attic": None}
    assert "asylum" not in json.dumps(shown)
    assert wards(levels=("north", "south", "attic"), top=WARDS[:2])[0] == shown


def test_few_rows_without_a_declared_level_do_not_show():
    shown, counts = wards(top=[{"value": "north", "n": 50}, {"value": "south", "n": 47}])
    assert (shown["n"], shown["missing"]) == (100, 0)
    assert counts == {"north": 55, "south": 45, "asylum": None, "attic": None}
    whole, _ = wards(top=[{"value": "north", "n": 53}, {"value": "south", "n": 47}])
    assert whole == shown


def texts(counts):
    found = [level for level, n in counts.items() for _ in range(n)]
    column = np.empty(len(found), dtype=object)
    column[:] = found
    return column


def frame(levels, **columns):
    n = len(next(iter(columns.values())))
    return Frame(columns, n, {name: Domain(levels=levels) for name in columns})


def missing(rows, name):
    return sum(value is None for one in rows for value in one.columns[name])


def test_rows_of_rare_levels_are_missing_over_all_blocks():
    first, second = texts({"a": 30, "b": 2, "c": 3}), texts({"a": 20, "b": 2, "c": 2})
    blocks = [frame(("a", "b", "c"), ward=one) for one in (first, second)]
    rows = without_rare(blocks, [("ward",)], 5)
    assert missing(rows, "ward") == 4, "b is rare, c is not"
    assert missing(rows, "ward") == 4, "read again"


def test_what_one_level_takes_away_may_make_another_one_rare():
    first, second = texts({"a": 20, "b": 4}), texts({"x": 15, "y": 9})
    blocks = [frame(("a", "b", "x", "y"), one=first, other=second)]
    rows = without_rare(blocks, [("one", "other")], 6)
    assert missing(rows, "one") == 4
    assert missing(rows, "other") == 9, "5 of y are left"
    apart = without_rare(blocks, [("one",), ("other",)], 6)
    assert missing(apart, "other") == 0


def test_without_a_declared_level_rows_stay_as_they_are():
    block = Frame({"ward": texts({"a": 30, "b": 2})}, 32)
    (found,) = without_rare([block], [("ward",)], 5)
    assert found is block


@pytest.mark.parametrize(
    ("rare", "told"),
    [
        ((0, 0), None),
        ((4, 0), None),
        # Of two with five or more people each has some.
        ((4, 4), None),
        ((4, 2, 0), 5),
        ((2, 2, 2), 5),
        ((4, 4, 3), None),
        ((4, 4, 0, 0), 10),
    ],
)
def test_rare_levels_are_told_together_where_each_could_be_nobodys(rare, told):
    levels = ("a", "b", *(f"r{k}" for k in range(len(rare))))
    counts = {"a": 80, "b": 40} | dict(zip(levels[2:], rare, strict=True))
    block = frame(levels, ward=texts(counts))
    spec = Spec(Parameters(variables=("ward",)), ())
    found = gate(summarise([block], spec), spec, rules_of("standard", 5), [block])
    known = dict(found.statistics.groups[0].counts[0].levels)
    assert set(known) - {None} == set(levels)
    assert known.get(None) == told
    assert all(known[level] == 0 for level in levels[2:])
    assert len(found.withheld) == 1, "whether a level is rare or nobody's"


def test_a_group_that_shows_nothing_of_a_yes_no_variable_has_its_two_values_withheld():
    """The wall at reading time once broke over it."""
    method = METHODS["describe"]
    parameters = Parameters(variables=("sick",), by="ward")
    sick = np.array([0.0, 1.0] * 20 + [0.0] * 20)
    rows = [Frame({"ward": texts({"a": 40, "b": 20}), "sick": sick}, 60)]
    place = InputInfo(0, "Oslo", "NOR", "Northern Europe")
    answer = run_local(method, parameters, [(place, rows)], {0: rules_of("standard", 5)})
    shown = method.show(answer.result, answer.warnings, parameters, 5).result
    first, second = shown.variables[0].groups
    assert [one.n for one in second.counts] == [None, None]
    assert first.n is not None or first.counts is not None
