"""Of open data no figure is exact when an answer is read by whoever reads none of their rows."""

import json
import math

import numpy as np
import pytest

from datasets.engine.methods import METHODS, Caution, run_local
from datasets.engine.rows.frame import Frame, InputInfo
from tests.attacks.world import texts
from tests.engine.guard.test_rounding import (
    BOUNDS,
    COUNTS,
    OF_A_POOL,
    OF_THE_QUESTION,
    QUESTIONS,
    SITES,
    STANDARD,
    figures,
    site,
)
from tests.engine.methods.cases import variables_of

SITES = SITES | {"Turku": site(3, 241)}
SITES = {
    name: columns | {"settled": columns["sick"] * (np.arange(len(columns["sick"])) % 3 == 0)}
    for name, columns in SITES.items()
}
SEPARATED = {"outcome": "sick", "terms": ["settled", "age"], "family": "binomial"}
ASKED = [
    *QUESTIONS,
    ("regression", {"outcome": "income", "terms": ["ward", "age"], "exposure": "ward"}),
    ("regression", {"outcome": "sick", "terms": ["treated", "age"], "interaction_with": "site"}),
    ("describe", {"variables": ["income", "sick", "ward"], "by": "site"}),
]


def read(method, asked, names, guarded=(), warnings=None):
    """The answer in full, and as it is read without row rights."""
    variables = variables_of(SITES["Cleveland"])
    inputs = []
    for k, name in enumerate(names):
        n = len(SITES[name]["age"])
        places = {"site": name, "country": "USA", "region": ["Americas", "Europe"][k % 2]}
        columns = SITES[name] | {key: texts([value] * n) for key, value in places.items()}
        inputs.append((InputInfo(k, *places.values()), [Frame(columns, n)]))
    chosen = METHODS[method]
    filled = chosen.fill(asked, variables)
    rules = {k: STANDARD for k, name in enumerate(names) if name in guarded}
    answer = run_local(chosen, filled, inputs, rules)
    saved = chosen.result.from_json(json.loads(json.dumps(answer.result.to_json())))
    shown = chosen.show(saved, answer.warnings if warnings is None else warnings, filled, 5)
    return answer.result.to_json(), shown


def assert_rounded(exact, told, sites):
    """Nothing that is told is as it was, but for what is no number of the rows."""
    told, exact = dict(figures(told)), dict(figures(exact))
    assert {one for one in told if not BOUNDS & {*one}} <= exact.keys()
    same = {
        path: value
        for path, value in told.items()
        if value == pytest.approx(exact.get(path, math.inf), rel=1e-9, abs=0)
        and round(abs(value), 9) not in (0.0, 1.0, 100.0)
        and not OF_THE_QUESTION & set(path)
        and "edges" not in path
        and path[-2:] != ("counts", "value")
        and not (path[0] == "diagnostics" and value == sites)
        and not (path[-1] == "df_residual" and value <= OF_A_POOL)
        and not (isinstance(exact[path], int) and exact[path] % 5 == 0)
    }
    assert same == {}
    for path, value in told.items():
        if COUNTS & set(path):
            assert value % 5 == 0, path


@pytest.mark.parametrize("names", [["Cleveland"], ["Cleveland", "Budapest", "Turku"]])
@pytest.mark.parametrize(("method", "asked"), ASKED)
def test_no_figure_is_exact(method, asked, names):
    if len(names) == 1:  # An effect by site is not asked of one site.
        asked = {name: value for name, value in asked.items() if value != "site"}
    exact, shown = read(method, asked, names)
    assert_rounded(exact, shown.result.to_json(), len(names))
    assert shown.result.approximate


@pytest.mark.parametrize(
    # What settles the outcome never leaves a guarded site.
    ("method", "asked"),
    ASKED,
)
def test_nor_is_one_where_a_guarded_site_is_in_the_answer(method, asked):
    """The model over all rows was rounded then, and its numbers of people were not."""
    exact, _ = read(method, asked, list(SITES))
    _, shown = read(method, asked, list(SITES), guarded=["Cleveland"])
    assert_rounded(exact, shown.result.to_json(), len(SITES))


def test_the_answer_is_made_of_what_its_tables_tell():
    exact, shown = read("regression", ASKED[0][1], list(SITES))
    told = shown.result
    pool = next(one for one in told.two_stage if one.term == told.answer.terms[0])
    assert told.answer.estimate == pytest.approx(pool.overall.estimate * told.answer.step)
    own = {one.site: one.coefficients[1].estimate for one in told.by_site}
    assert {one.site: one.estimate for one in pool.studies} == own
    assert sum(one.n for one in pool.studies) == told.n == sum(told.n_by_site.values())
    assert told.df_residual == told.n - len(told.coefficients)
    true = exact["answer"]
    half = (true["ci"][1] - true["ci"][0]) / 2
    assert told.answer.estimate == pytest.approx(true["estimate"], abs=half / 2)
    assert told.answer.ci[1] - told.answer.ci[0] == pytest.approx(2 * half, rel=0.35)


def test_levels_that_one_site_compares_are_tested_with_about_its_rows():
    of_one = SITES["Turku"] | {"ward": texts(["north"] * len(SITES["Turku"]["age"]))}
    SITES["OneWard"] = of_one
    asked = {"outcome": "income", "terms": ["age", "ward"], "interaction_with": "ward"}
    exact, shown = read("regression", asked, ["Cleveland", "OneWard"])
    del SITES["OneWard"]
    told = shown.result.answer.interaction_test
    assert (told.k, told.df) == (1, exact["answer"]["interaction_test"]["df"])
    assert told.df_residual == shown.result.by_site[0].df_residual
    assert told.df_residual != exact["by_site"][0]["df_residual"]


def test_models_of_many_outcomes_tell_no_more_of_a_level_than_one():
    rng = np.random.default_rng(8)
    ward = SITES["Cleveland"]["ward"].copy()
    ward[-13:] = "small"
    asked = {"outcome": "income", "terms": ["ward"], "reference": {"ward": "small"}}
    own, over_all = [], []
    for k in range(6):
        income = rng.normal(20 * k, 1 + k, 303)
        SITES["Levels"] = SITES["Cleveland"] | {"income": income, "ward": ward}
        model = read("regression", asked, ["Levels", "Budapest"])[1].result.by_site[0]
        own.append(model.coefficients[0].se ** 2 * model.df_residual / model.deviance)
        whole = read("regression", asked, ["Levels"])[1].result
        over_all.append((whole.coefficients[0].se / whole.sigma) ** 2)
    del SITES["Levels"]
    assert max(over_all) / min(over_all) < 13 / 12
    assert max(own) / min(own) < 13 / 12


def test_terms_that_give_the_outcome_are_told_to_nobody():
    line = 3.0 * SITES["Turku"]["age"] + 20
    SITES["Exact"] = SITES["Turku"] | {"income": line}
    _, model = read("regression", {"outcome": "income", "terms": ["age"]}, ["Exact"])
    _, pair = read("correlation", {"variables": ["income", "age"]}, ["Exact"])
    del SITES["Exact"]
    assert "it would tell too much of single rows" in model.result.refused
    assert model.result.coefficients == ()
    assert (pair.result.pairs[0].r, pair.result.matrix[0][1]) == (None, None)


def test_nothing_is_said_of_every_row_of_a_kind():
    exact, shown = read("regression", SEPARATED, list(SITES))
    assert exact["separation"]
    assert shown.result.refused
    told = shown.result
    assert (told.coefficients, told.by_site, shown.warnings) == ((), (), ())


def test_cautions_have_no_number_that_was_exact():
    """They are said again of what is told, or not at all."""
    codes = ("sign_reversal", "separation", "ill_conditioned", "little_weight", "not_collected")
    warnings = [Caution(code, "It carries 3.14% of this.") for code in codes]
    _, shown = read("regression", QUESTIONS[0][1], list(SITES), warnings=warnings)
    assert [one.code for one in shown.warnings] == ["not_collected"]
