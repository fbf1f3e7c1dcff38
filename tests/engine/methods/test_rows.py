"""Rows that can't carry the question, and rows cut in any other way that say the same."""

import json
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.engine.guard.rules import OPEN
from datasets.engine.methods import METHODS, Answer, ParameterError, run_local
from datasets.engine.rows.frame import Frame, InputInfo
from tests.engine.methods.cases import (
    close,
    codes,
    column,
    heart,
    inputs_of,
    run,
    variables_of,
)

MODEL = {"outcome": "disease", "family": "binomial", "terms": ["age10", "sex", "exang"]}


@pytest.fixture(scope="module")
def table():
    return heart()


@pytest.fixture(scope="module")
def whole(table):
    return run("regression", table, **MODEL)


def _same(one, other):
    for left, right in zip(one.result["coefficients"], other.result["coefficients"], strict=True):
        assert left["term"] == right["term"]
        close(left["estimate"], right["estimate"], 1e-8)
        close(left["se"], right["se"], 1e-8)
    for left, right in zip(one.result["two_stage"], other.result["two_stage"], strict=True):
        close(left["overall"]["estimate"], right["overall"]["estimate"], 1e-7)
        close(left["overall"]["ci"], right["overall"]["ci"], 1e-6)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(block=st.integers(3, 400), order=st.permutations(range(4)))
def test_blocks_and_order_of_arrival_do_not_matter(table, whole, block, order):
    inputs = inputs_of(table, block)
    _same(whole, run("regression", table, [inputs[k] for k in order], **MODEL))


def test_order_of_rows_does_not_matter(table, whole):
    shuffled = np.random.default_rng(3).permutation(920)
    mixed = {name: values[shuffled] for name, values in table.items()}
    sites = list(dict.fromkeys(table["site"]))
    _same(whole, run("regression", mixed, inputs_of(mixed, sites=sites), **MODEL))


def test_another_reference_site_moves_the_intercept_alone(table, whole):
    sites = ["Switzerland", "VA Long Beach", "Cleveland", "Hungary"]
    other = run("regression", table, inputs_of(table, sites=sites), **MODEL)
    assert column(other.result["coefficients"], "term")[4:] == [
        "site[VA Long Beach]",
        "site[Cleveland]",
        "site[Hungary]",
    ]
    close(
        column(other.result["coefficients"][1:4], "estimate"),
        column(whole.result["coefficients"][1:4], "estimate"),
        1e-9,
    )
    close(other.result["deviance"], whole.result["deviance"], 1e-12)


def test_statistics_are_json_and_hold_no_row(table):
    method = METHODS["regression"]
    filled = method.fill(dict(MODEL), variables_of(table))
    inputs = inputs_of(table)
    spec = method.plan(filled, [info for info, _ in inputs])
    for info, rows in inputs:
        (part,) = method.summarise(rows, spec).sites
        assert part.site == info.site
        assert part.rows > part.complete or info.site == "Cleveland"
        assert part.tally_of("age10").cells is None


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("describe", {"variables": ["age10", "pain"], "by": "site"}),
        ("correlation", {"variables": ["age10", "chol", "sex"]}),
        ("regression", MODEL | {"terms": ["age10", "sex", "pain"], "strategy": "two_stage"}),
        ("regression", {"outcome": "thalach", "terms": ["age10"], "standard_errors": "hc3"}),
    ],
)
def test_every_round_survives_a_database(table, name, parameters):
    method = METHODS[name]
    filled = method.fill(dict(parameters), variables_of(table))
    inputs = inputs_of(table)
    saved = _saved(method.plan(filled, [info for info, _ in inputs]))
    while True:
        # Sites are asked without what earlier rounds found.
        asked = method.read_spec({key: v for key, v in saved.items() if key != "memory"})
        parts = [_saved(method.release(rows, asked, info.site, OPEN)) for info, rows in inputs]
        spec = method.read_spec(saved)
        answer = method.answer([method.read_released(part) for part in parts], spec)
        if isinstance(answer, Answer):
            break
        saved = _saved(answer)
    assert answer.result.to_json() == run_local(method, filled, inputs).result.to_json()


def _saved(record):
    return json.loads(json.dumps(record.to_json(), allow_nan=False, sort_keys=True))


def test_an_empty_input_is_left_out_and_named(table, whole):
    nobody = InputInfo(4, "Basel", "CHE", "Western Europe")
    found = run("regression", table, [*inputs_of(table), (nobody, [])], **MODEL)
    _same(whole, found)
    assert "no_rows" in codes(found)
    assert found.result["excluded_sites"] == [{"site": "Basel", "reason": "no rows"}]


def _refused(table, inputs=None, **parameters):
    with pytest.raises(ParameterError) as caught:
        run("regression", table, inputs, **parameters)
    return caught.value.errors


def test_no_rows_and_no_complete_rows(table):
    assert "terms" in _refused(table, [], **MODEL)
    nothing = table | {"age10": np.full(920, np.nan)}
    assert "every row lacks age10" in _refused(nothing, **MODEL)["terms"]


def test_more_coefficients_than_rows(table):
    few = {name: values[:4] for name, values in table.items()}
    errors = _refused(few, outcome="thalach", terms=["age", "sex", "chol", "trestbps"])
    assert errors == {"terms": "4 complete rows are too few for 4 coefficients."}


def test_an_outcome_that_is_no_yes_no_question(table):
    errors = _refused(table, outcome="num", family="binomial", terms=["age"])
    assert errors == {
        "outcome": "The outcome must be 0 or 1 in every row for a binomial regression."
    }
    healthy = table | {"disease": np.zeros(920)}
    refusal = _refused(healthy, **MODEL)["outcome"]
    assert "nothing to explain" in refusal
    # Whoever asks may not read the rows, and the complete ones can be a single person's.
    assert not re.search("[0-9]", refusal)


def test_collinear_terms_are_left_out_and_named(table):
    doubled = table | {"age_months": table["age10"] * 120}
    found = run(
        "regression",
        doubled,
        outcome="disease",
        family="binomial",
        terms=["age10", "age_months", "sex", "exang"],
    )
    months = found.result["coefficients"][2]
    assert (months["estimate"], months["ci"]) == (None, None)
    assert "combination" in months["reason"]
    message = next(one["message"] for one in found.warnings if one["code"] == "collinear")
    assert "age_months" in message
    plain = run("regression", table, **MODEL)
    close(
        found.result["coefficients"][1]["estimate"],
        plain.result["coefficients"][1]["estimate"],
        1e-9,
    )
    test = next(one for one in found.result["term_tests"] if one["term"] == "age_months")
    assert (test["df"], test["p_value"]) == (0, None)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_a_constant_term_has_no_coefficient(table, family):
    flat = table | {"flat": np.full(920, 0.1)}
    outcome = "disease" if family == "binomial" else "thalach"
    found = run("regression", flat, outcome=outcome, family=family, terms=["flat", "age"])
    assert found.result["coefficients"][1]["estimate"] is None
    assert found.result["coefficients"][2]["estimate"] is not None


def test_a_term_that_does_not_vary_at_one_site(table):
    men = table | {"sex": np.where(table["site"] == "Hungary", 1.0, table["sex"])}
    found = run("regression", men, **MODEL)
    hungary = found.result["by_site"][1]["coefficients"]
    assert hungary[2]["estimate"] is None
    assert hungary[2]["reason"] == "does not vary at Hungary"
    assert hungary[1]["estimate"] is not None
    sex = next(one for one in found.result["two_stage"] if one["term"] == "sex")
    assert "Hungary" not in column(sex["studies"], "site")


def test_a_site_of_a_few_rows_has_no_estimates_of_its_own(table):
    hungary = np.flatnonzero(table["site"] == "Hungary")
    few = np.r_[hungary[table["disease"][hungary] == 1][:2], hungary[:1]]
    place = np.sort(np.r_[np.flatnonzero(table["site"] != "Hungary"), few])
    small = {name: values[place] for name, values in table.items()}
    found = run("regression", small, outcome="disease", family="binomial", terms=["age", "chol"])
    entry = next(one for one in found.result["by_site"] if one["site"] == "Hungary")
    assert entry["reason"] == "3 complete rows for 3 coefficients"
    assert "no_site_estimate" in codes(found)


def test_a_perfect_fit_says_no_nonsense(table):
    exact = table | {"twice": 2 * table["age"] + 3}
    found = run("regression", exact, outcome="twice", terms=["age"])
    close(found.result["coefficients"][1]["estimate"], 2, 1e-10)
    close(found.result["r_squared"], 1, 1e-9)


def test_a_column_an_input_lacks_altogether(table):
    inputs = inputs_of(table)
    without = [
        Frame({name: values for name, values in frame.columns.items() if name != "exang"}, frame.n)
        for frame in inputs[0][1]
    ]
    found = run("regression", table, [(inputs[0][0], without), *inputs[1:]], **MODEL)
    assert found.result["sites"][0] == "Hungary"
    assert "not_collected" in codes(found)
    described = run(
        "describe", table, [(inputs[0][0], without), *inputs[1:]], variables=["exang"], by="site"
    )
    assert described.result["variables"][0]["groups"][0]["n"] == 0


def test_infinities_are_missing(table):
    wild = table | {"age10": np.where(table["id"] == 5, np.inf, table["age10"])}
    found = run("regression", wild, **MODEL)
    assert found.result["n"] == 864


def test_two_long_categories_meet_only_where_they_do():
    """The cells of an interaction are those that occur, not all that could."""
    n = 4000
    long = {
        "site": np.array(["Oslo"] * n, dtype=object),
        "y": np.arange(n) % 7.0,
        "first": np.array([f"a{k // 2}" for k in range(n)], dtype=object),
        "second": np.array([f"b{k // 2}" for k in range(n)], dtype=object),
    }
    method = METHODS["regression"]
    asked = {"outcome": "y", "terms": ["first", "second"], "interactions": [["first", "second"]]}
    inputs = inputs_of(long, 4000)
    spec = method.plan(method.fill(asked, variables_of(long)), [info for info, _ in inputs])
    (part,) = method.summarise(inputs[0][1], spec).sites
    cells = part.tally_of("first", "second").cells
    assert len(cells) == n // 2
    assert cells[0] == (("a0", "b0"), 2)


def test_a_level_without_letters_is_no_missing_value(table):
    ward = np.array(["" if k % 2 else None for k in range(920)], dtype=object)
    found = run("describe", table | {"ward": ward}, variables=["age", "ward"], by="ward").result
    assert [(one["level"], one["n"]) for one in found["groups"]] == [("", 460), (None, 460)]
    overall = found["variables"][1]["overall"]
    assert (overall["n"], overall["missing"]) == (460, 460)
    assert overall["counts"] == [{"value": "", "n": 460}]


def test_one_row_is_told_as_one():
    """It was “1 complete rows for 1 coefficients”."""
    sites = ["Oslo"] * 20 + ["Hue"]
    x = np.arange(21.0)
    table = {"site": np.array(sites, dtype=object), "x": x, "y": x + np.tile([1.0, -1.0, 0.5], 7)}
    found = run("regression", table, outcome="y", terms=["x"])
    [reason] = [one["reason"] for one in found.result["by_site"] if one["site"] == "Hue"]
    assert reason == "1 complete row for 1 coefficient"
    with pytest.raises(ParameterError) as refused:
        run(
            "regression",
            {name: values[:1] for name, values in table.items()},
            outcome="y",
            terms=["x"],
        )
    assert refused.value.errors["terms"] == "1 complete row is not enough for 1 coefficient."
