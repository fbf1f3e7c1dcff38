"""Only the gate releases, only what was released adds up, and nothing undeclared passes."""

import json
from dataclasses import dataclass, replace

import pytest

from datasets.engine.guard.gate import Gated, Leak, Released, Reveals, counts_in, release
from datasets.engine.guard.rules import OPEN, PROFILES, rules_of
from datasets.engine.methods import METHODS, ParameterError, run_local
from datasets.engine.results.records import Record
from tests.engine.methods.cases import QUESTIONS, heart, inputs_of, variables_of

STANDARD = rules_of("standard", 5)


@dataclass(frozen=True)
class Head(Record):
    """A statistic of one count and one sentence nobody thought of."""

    n: int
    note: str


def asked(name, parameters):
    method = METHODS[name]
    return method, method.fill(dict(parameters), variables_of(heart()))


@pytest.mark.parametrize("name", METHODS)
def test_every_statistic_of_every_method_declares_what_it_reveals(name):
    method = METHODS[name]
    for record, declared in method.reveals.items():
        assert set(declared.values()) <= set(Reveals), record
        without = {key: value for key, value in method.reveals.items() if key is not record}
        with pytest.raises(TypeError, match="not declared"):
            replace(method, reveals=without)


def test_a_field_that_declares_nothing_is_refused():
    method = METHODS["describe"]
    with pytest.raises(TypeError, match=r"not declared: Head\.note"):
        replace(method, statistics=Head, reveals={Head: {"n": Reveals.COUNT}})


def test_only_the_gate_releases():
    with pytest.raises(TypeError, match="only the gate"):
        Released(Head(1, ""), "Cleveland", STANDARD, (), False, object())


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_what_went_round_the_gate_is_not_combined(name, parameters):
    method, filled = asked(name, parameters)
    inputs = inputs_of(heart())
    spec = method.plan(filled, [info for info, _ in inputs])
    bare = [method.summarise(rows, spec) for _, rows in inputs]
    with pytest.raises(TypeError, match="after their gate"):
        method.combine(bare, spec)
    with pytest.raises(KeyError):
        method.read_released(bare[0].to_json())


def test_a_small_count_that_a_gate_lets_through_is_refused():
    declared = {Head: {"n": Reveals.COUNT, "note": Reveals.NOTHING}}
    for n in (0, 5, 300):
        assert release(Head(n, ""), "Oslo", STANDARD, Gated, declared).statistics.n == n
    with pytest.raises(Leak, match=r"^Head\.n$"):
        release(Head(3, ""), "Oslo", STANDARD, Gated, declared)


@pytest.mark.parametrize("profile", [one for one in PROFILES if one != "open"])
@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_every_count_that_leaves_is_0_or_enough_in_every_round(name, parameters, profile):
    method, filled = asked(name, parameters)
    inputs = inputs_of(heart())
    rules = rules_of(profile, 3)
    spec = method.plan(filled, [info for info, _ in inputs])
    counts = []
    while True:
        released = [method.release(rows, spec, info.site, rules) for info, rows in inputs]
        for one in released:
            counts += [n for _, n in counts_in(one.statistics, method.reveals)]
        try:
            spec = method.answer(released, spec)
        except ParameterError:
            break
        if not hasattr(spec, "round"):
            break
    assert all(n == 0 or n >= rules.threshold for n in counts)
    assert counts


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_what_was_released_survives_a_database(name, parameters):
    method, filled = asked(name, parameters)
    inputs = inputs_of(heart())
    spec = method.plan(filled, [info for info, _ in inputs])
    for info, rows in inputs:
        one = method.release(rows, spec, info.site, STANDARD)
        saved = json.loads(json.dumps(one.to_json(), allow_nan=False))
        again = method.read_released(saved)
        assert again.to_json() == one.to_json()
        assert (again.rules, again.withheld, again.whole) == (one.rules, one.withheld, one.whole)
        assert [one.reason.template for one in again.withheld] == [
            one.reason.template for one in one.withheld
        ]


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_open_inputs_leave_as_they_are(name, parameters):
    method, filled = asked(name, parameters)
    inputs = inputs_of(heart())
    spec = method.plan(filled, [info for info, _ in inputs])
    for info, rows in inputs:
        one = method.release(rows, spec, info.site, OPEN)
        assert one.statistics.to_json() == method.summarise(rows, spec).to_json()
        assert not one.withheld


@pytest.mark.parametrize(("name", "parameters"), QUESTIONS)
def test_a_site_that_withholds_is_named_in_one_sentence(name, parameters):
    method, filled = asked(name, parameters)
    table = heart()
    inputs = inputs_of(table)
    # Of Switzerland four rows are left, which its rules let nothing be said of.
    few = [
        (info, [replace_rows(rows[0], 4)] if info.site == "Switzerland" else rows)
        for info, rows in inputs
    ]
    answer = run_local(method, filled, few, {2: STANDARD})
    said = [one.message for one in answer.warnings if "Switzerland" in one.message]
    assert said == [
        "Withheld by Switzerland: some of its figures are left out, because they would be about "
        "too few people, or would tell too much of one."
    ]
    shown = json.dumps(answer.result.to_json())
    if name == "regression":
        assert {
            "site": "Switzerland",
            "reason": "withheld by its rules",
        } in answer.result.to_json()["excluded_sites"]
    else:
        assert "Switzerland" not in shown
    with pytest.raises(ParameterError, match="let nothing of this question leave"):
        run_local(method, filled, few[2:3], {2: STANDARD})


def replace_rows(frame, n):
    return replace(frame, columns={k: v[:n] for k, v in frame.columns.items()}, n=n)
