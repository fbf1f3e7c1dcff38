"""No figure of a guarded site's model is exact, and none gives another back."""

import math

import numpy as np
import pytest

from datasets.engine.guard.rules import rules_of
from datasets.engine.methods import METHODS, ParameterError, run_local
from datasets.engine.methods.contract import NOTHING_RELEASED
from datasets.engine.rows.frame import Frame, InputInfo
from tests.attacks.world import texts
from tests.engine.methods.cases import variables_of

STANDARD = rules_of("standard", 5)
QUESTIONS = [
    ("regression", {"outcome": "income", "terms": ["age", "treated"]}),
    ("regression", {"outcome": "income", "terms": ["age"], "standard_errors": "hc1"}),
    ("regression", {"outcome": "sick", "terms": ["age", "ward"], "family": "binomial"}),
    (
        "regression",
        {
            "outcome": "income",
            "terms": ["age", "treated"],
            "interactions": [["age", "treated"]],
            "interaction_with": "treated",
        },
    ),
    ("regression", {"outcome": "income", "terms": ["age", "ward"], "interaction_with": "site"}),
    ("regression", {"outcome": "income", "terms": ["age", "ward"], "interaction_with": "ward"}),
    ("correlation", {"variables": ["income", "age", "sick"]}),
    ("correlation", {"variables": ["income", "age", "sick"], "coefficient": "spearman"}),
]


def site(seed, n):
    rng = np.random.default_rng(seed)
    age = rng.integers(30, 80, n).astype(float)
    age[:7] = np.nan
    columns = {
        "income": np.round(rng.lognormal(10, 0.6, n), 2),
        "age": age,
        "sick": (rng.random(n) < 0.4).astype(float),
        "treated": (rng.random(n) < 0.5).astype(float),
        "ward": texts(rng.choice(["north", "south", "west"], n)),
    }
    return columns


SITES = {"Cleveland": site(1, 303), "Budapest": site(2, 278)}


def answered(method, asked, names, guarded):
    variables = variables_of(SITES["Cleveland"])
    inputs = []
    for k, name in enumerate(names):
        n = len(SITES[name]["age"])
        places = {"site": name, "country": "USA", "region": "Americas"}
        columns = SITES[name] | {key: texts([value] * n) for key, value in places.items()}
        inputs.append((InputInfo(k, name, "USA", "Americas"), [Frame(columns, n)]))
    chosen = METHODS[method]
    rules = {k: STANDARD for k, name in enumerate(names) if name in guarded}
    return run_local(chosen, chosen.fill(asked, variables), inputs, rules).result.to_json()


def figures(value, path=()):
    """Every number with its place; 0, 1 and percent of one study are no secrets."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from figures(item, (*path, key))
    elif isinstance(value, list):
        for k, item in enumerate(value):
            yield from figures(item, (*path, k))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value


COUNTS = {"n", "n_excluded", "rows", "n_by_site", "n_matrix"}
BOUNDS = {"i2_ci", "tau2_ci", "df"}
OF_A_POOL = 6
"""Degrees of freedom that are a number of sites' estimates, and not of rows."""

OF_THE_QUESTION = {"k", "df", "q_df", "df_between", "step", "rounds", "tests", "threshold"}


@pytest.mark.parametrize("names", [["Cleveland"], ["Cleveland", "Budapest"]])
@pytest.mark.parametrize(("method", "asked"), QUESTIONS)
def test_no_figure_is_exact(method, asked, names):
    if len(names) == 1:  # An effect by site is not asked of one site.
        asked = {name: value for name, value in asked.items() if value != "site"}
    exact = dict(figures(answered(method, asked, names, guarded=())))
    rounded = dict(figures(answered(method, asked, names, guarded=names)))
    # An interval that is empty of the exact numbers may have ends of the rounded ones, and one
    # that is the plain one may be by t.
    assert {one for one in rounded if not BOUNDS & {*one}} <= exact.keys()
    same = {
        path: value
        for path, value in rounded.items()
        if value == pytest.approx(exact.get(path, math.inf), rel=1e-9, abs=0)
        and round(abs(value), 9) not in (0.0, 1.0, 100.0)
        and not OF_THE_QUESTION & set(path)
        # How many sites were asked.
        and not (path[0] == "diagnostics" and value == len(names))
        and not (path[-1] == "df_residual" and value <= OF_A_POOL)
        and not (isinstance(exact[path], int) and exact[path] % 5 == 0)
    }
    assert same == {}
    for path, value in rounded.items():
        if COUNTS & set(path):
            assert value % 5 == 0, path


def test_models_of_many_outcomes_tell_no_more_of_a_level_than_one():
    """How often its error has the residual in it was rounded once for each outcome, and so told."""
    rng = np.random.default_rng(8)
    ward = SITES["Cleveland"]["ward"].copy()
    ward[-13:] = "small"
    asked = {"outcome": "income", "terms": ["ward"], "reference": {"ward": "small"}}
    own, over_all = [], []
    for k in range(6):
        income = rng.normal(20 * k, 1 + k, 303)
        SITES["Levels"] = SITES["Cleveland"] | {"income": income, "ward": ward}
        site = answered("regression", asked, ["Levels", "Budapest"], ["Levels"])["by_site"][0]
        own.append(site["coefficients"][0]["se"] ** 2 * site["df_residual"] / site["deviance"])
        found = answered("regression", asked, ["Levels"], ["Levels"])
        over_all.append((found["coefficients"][0]["se"] / found["sigma"]) ** 2)
    del SITES["Levels"]
    # What rounding the estimate adds to its variance is all that differs: a twelfth at most.
    assert max(over_all) / min(over_all) < 13 / 12
    assert max(own) / min(own) < 13 / 12


def test_an_intercept_rests_on_the_rows_of_the_reference_alone():
    """What arithmetic leaves of all others' pull was told as some dozens of rows more."""
    for reference in ("north", "south", "west"):
        asked = {"outcome": "income", "terms": ["ward"], "reference": {"ward": reference}}
        found = answered("regression", asked, list(SITES), guarded=SITES)
        counts = {(one["site"], one["level"]): one["n"] for one in found["counts"]}
        for site in found["by_site"]:
            error = site["coefficients"][0]["se"] ** 2 * site["df_residual"] / site["deviance"]
            assert 1 <= error * counts[site["site"], reference] < 13 / 12


def test_estimates_stay_within_their_errors():
    asked = QUESTIONS[0][1]
    exact = answered("regression", asked, list(SITES), guarded=())
    rounded = answered("regression", asked, list(SITES), guarded=SITES)
    for found, true in zip(rounded["coefficients"], exact["coefficients"], strict=True):
        assert found["se"] == pytest.approx(true["se"], rel=0.05)
        assert found["estimate"] == pytest.approx(true["estimate"], abs=true["se"] / 2 + 1e-9)
    answer, true = rounded["answer"], exact["answer"]
    half = (true["ci"][1] - true["ci"][0]) / 2
    assert answer["estimate"] == pytest.approx(true["estimate"], abs=half / 2)


def test_counts_and_degrees_of_freedom_follow_from_one_number():
    result = answered("regression", QUESTIONS[0][1], ["Cleveland"], guarded=["Cleveland"])
    # Of about 305 about 5 are left out.
    assert (result["n"], result["n_excluded"]) == (300, 5)
    assert result["df_residual"] == 300 - 3
    assert result["df_null"] == 299
    assert result["n_by_site"] == {"Cleveland": 300}
    assert result["sigma"] ** 2 * 297 == pytest.approx(result["deviance"])


def test_terms_that_give_the_outcome_let_no_model_leave():
    cleveland = SITES["Cleveland"]
    SITES["Exact"] = cleveland | {"income": 3.14159 * cleveland["age"] + 271.828}
    asked = QUESTIONS[1][1] | {"standard_errors": "model"}
    with pytest.raises(ParameterError) as refused:
        answered("regression", asked, ["Exact"], guarded=["Exact"])
    del SITES["Exact"]
    assert refused.value.errors == {"inputs": NOTHING_RELEASED}


def test_an_open_sites_own_model_stays_exact_beside_a_guarded_one():
    asked = QUESTIONS[0][1]
    beside = answered("regression", asked, list(SITES), guarded=["Cleveland"])
    exact = answered("regression", asked, list(SITES), guarded=())
    own, true = dict(figures(beside["by_site"][1])), dict(figures(exact["by_site"][1]))
    assert own == pytest.approx(true, rel=1e-9)
    assert beside["by_site"][0] != exact["by_site"][0]


def test_the_same_question_is_rounded_the_same_way_whoever_stands_beside():
    """A site's own estimates do not move with rows that others bring."""
    asked = QUESTIONS[0][1]
    both = answered("regression", asked, list(SITES), guarded=["Cleveland"])
    more = {name: np.tile(values, 2) for name, values in SITES["Budapest"].items()}
    SITES["Larger"] = more
    other = answered("regression", asked, ["Cleveland", "Larger"], guarded=["Cleveland"])
    del SITES["Larger"]
    assert both["by_site"][0] == other["by_site"][0]


def test_what_rounding_left_nothing_of_has_no_test():
    """An odds ratio of 1 came with p > 0.99, which no rows ever said."""
    asked = {"outcome": "sick", "terms": ["age", "treated", "ward"], "family": "binomial"}
    result = answered("regression", asked, ["Cleveland", "Budapest"], ["Cleveland"])
    of_one = answered("regression", asked, ["Cleveland"], ["Cleveland"])
    own = {one["site"]: one["coefficients"] for one in result["by_site"]}
    for rows in (of_one["coefficients"], own["Cleveland"]):
        gone = [row for row in rows if row["estimate"] == 0]
        assert gone
        for row in gone:
            assert (row["statistic"], row["p_value"], row["reason"]) == (None, None, "rounded away")
            assert math.copysign(1, row["estimate"]) == 1, "nor has it a sign"
        assert all(row["p_value"] is not None for row in rows if row["estimate"] != 0)
    # Half a step of a rounded estimate moves the second digit.
    for row in own["Cleveland"]:
        assert row["approximate"]
        if row["p_value"] is not None:
            assert row["p_value"] == float(f"{row['p_value']:.1g}") <= 0.9
    assert not any("approximate" in row for row in own["Budapest"])
    alone = answered("regression", asked | {"exposure": "age"}, ["Cleveland"], ["Cleveland"])
    answer = alone["answer"]
    assert (answer["estimate"], answer["p_value"]) == (0, None)


def test_a_guarded_sites_histogram_has_no_teeth_and_its_median_no_jumps():
    exact = answered("describe", {"variables": ["age"], "by": "site"}, list(SITES), guarded=())
    told = answered("describe", {"variables": ["age"], "by": "site"}, list(SITES), guarded=SITES)
    (exact,), (told,) = exact["variables"], told["variables"]
    pairs = [(exact["overall"], told["overall"])]
    pairs += zip(exact["groups"], told["groups"], strict=True)
    for true, found in pairs:
        counts = found["histogram"]["counts"]
        inner = counts[counts.index(next(filter(None, counts))) : -1]
        assert min(inner) >= max(inner) / 3, "ages are spread evenly"
        median = found["quantiles"]["0.5"]
        assert median == pytest.approx(true["quantiles"]["0.5"], abs=1.5)
