"""The gate: what each method's result and a column's profile show without row access."""

import copy
import json

import numpy as np
import pytest

from datasets.engine.guard import disclosure
from datasets.engine.methods import METHODS, Caution
from tests.engine.methods.cases import expected, heart, run, variables_of
from tests.engine.methods.cases import shown as gate

REFUSED = "Too few people stand behind this model: %s."

TABLES = expected("disclosure_tables")
THRESHOLDS = (3, 5, 10, 11)
HEART_TERMS = ["age10", "sex", "trestbps", "thalach", "exang", "oldpeak", "cp4"]


def _describe(threshold, table=None, **parameters):
    table = heart() if table is None else table
    result = run("describe", table, **parameters).result
    return gate("describe", result, parameters, threshold)


def test_described_categories_hide_small_cells_and_what_gives_them_back():
    shown, suppressed = _describe(5, variables=["pain"], by="site")
    counts = [[one["n"] for one in g["counts"]] for g in shown["variables"][0]["groups"]]
    assert counts == [
        [25, 50, 85, 145],
        [10, 105, 55, 125],
        [None, None, 15, 100],
        [None, None, 45, 135],
    ]
    assert suppressed == [
        {
            "where": "pain",
            "reason": "counts under 5, and those that would give them back",
            "variable": "pain",
        }
    ]


def test_a_small_number_of_missing_values_is_a_cell_too():
    """One is missing in Hungary, and two are in Switzerland: beside a 0 they would be known to be
    few if they were withheld, and by what is missing of all."""
    shown, _ = _describe(5, variables=["trestbps"], by="site")
    (variable,), sizes = shown["variables"], {one["level"]: one["n"] for one in shown["groups"]}
    groups = {one["level"]: one for one in variable["groups"]}
    missing = {site: one["missing"] for site, one in groups.items()}
    assert missing == {"Cleveland": 0, "Hungary": 0, "Switzerland": 0, "VA Long Beach": 55}
    assert variable["overall"]["missing"] == 55
    assert {site: one["n"] + one["missing"] for site, one in groups.items()} == sizes
    assert all(one["mean"] is not None for one in (variable["overall"], *groups.values()))


def test_the_mean_of_a_yes_no_variable_is_a_count():
    shown, _ = _describe(10, variables=["sex"], by="site")
    groups = shown["variables"][0]["groups"]
    assert [g["mean"] is None for g in groups] == [False, False, True, True]
    assert [one["n"] for one in groups[3]["counts"]] == [None, None]


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_extremes_quantiles_and_bins(threshold):
    shown, _ = _describe(threshold, variables=["age", "chol"], by="site")
    for variable in shown["variables"]:
        for part in [variable["overall"], *variable["groups"]]:
            assert (part["min"], part["max"]) == (None, None)
            for p, value in part["quantiles"].items():
                tail = min(float(p), 1 - float(p))
                enough = (part["n"] or 0) >= 10 * threshold
                if not enough or part["n"] * tail < threshold - 1e-9:
                    assert value is None
            if part["histogram"]:
                counts = part["histogram"]["counts"]
                assert all(n == 0 or n >= threshold for n in counts)
                assert counts[0]
                assert counts[-1]


def test_a_small_group_takes_another_with_it():
    table = heart()
    place = np.r_[
        np.flatnonzero(table["site"] != "Hungary"), np.flatnonzero(table["site"] == "Hungary")[:3]
    ]
    small = {name: values[np.sort(place)] for name, values in table.items()}
    shown, suppressed = _describe(5, small, variables=["age", "pain"], by="site")
    sizes = {g["level"]: g["n"] for g in shown["groups"]}
    assert sizes == {"Cleveland": 305, "Hungary": None, "Switzerland": None, "VA Long Beach": 200}
    for variable in shown["variables"]:
        for group in variable["groups"]:
            if sizes[group["level"]] is None:
                assert group["n"] is None
                assert group.get("mean") is None
                assert all(one["n"] is None for one in group.get("counts") or [])
    assert {"where": "group Hungary", "reason": "a group has fewer than 5 rows"} in suppressed


def test_too_few_rows_are_refused():
    table = {name: values[:4] for name, values in heart().items()}
    shown, suppressed = _describe(5, table, variables=["age"])
    assert shown["variables"] == []
    assert shown["rows"] is None
    assert shown["refused"]
    assert suppressed


def _regression(threshold, table=None, **parameters):
    table = heart() if table is None else table
    result = run("regression", table, **parameters).result
    shown, suppressed = gate("regression", result, parameters, threshold)
    assert set(shown) >= set(result)
    return shown, suppressed


def test_a_regression_without_small_levels_passes():
    shown, suppressed = _regression(5, outcome="disease", family="binomial", terms=HEART_TERMS)
    assert len(shown["coefficients"]) == 11
    assert len(shown["two_stage"]) == 7
    assert shown["counts"] == []
    assert [(one["where"], one["part"]) for one in suppressed] == [("n_excluded", "n_excluded")]
    assert shown["n_excluded"] is None


def test_a_site_with_a_small_level_is_withheld_with_what_gives_it_back():
    shown, suppressed = _regression(
        10, outcome="disease", family="binomial", terms=["age10", "sex"]
    )
    withheld = [one["site"] for one in shown["by_site"] if not one["coefficients"]]
    assert withheld == ["Switzerland", "VA Long Beach"]
    assert shown["two_stage"] == []
    assert len(shown["coefficients"]) == 6
    assert "estimates of Switzerland" in [one["where"] for one in suppressed]


def test_a_small_level_of_the_pool_refuses_the_model():
    table = heart()
    table["rare"] = (table["id"] <= 4).astype(float)
    shown, suppressed = _regression(5, table, outcome="disease", family="binomial", terms=["rare"])
    assert shown["refused"] == REFUSED % "a level of rare has fewer than 5 rows"
    assert shown["coefficients"] == []
    assert shown["n"] is None
    assert shown["deviance"] is None
    assert len(suppressed) == 1


def test_an_interaction_with_site_is_looked_at_per_site():
    shown, _ = _regression(
        11, outcome="disease", family="binomial", terms=["sex"], interactions=[["sex", "site"]]
    )
    assert shown["refused"] == REFUSED % "a level of sex has fewer than 11 rows at a site"


def test_an_interaction_of_two_yes_no_variables_is_a_table():
    table = heart()
    table["left"] = (table["id"] % 2 == 0).astype(float)
    table["right"] = np.where(table["id"] <= 6, table["left"], 0.0)
    table["right"] = np.where(table["id"] > 900, 1 - table["left"], table["right"])
    shown, _ = _regression(
        5, table, outcome="thalach", terms=["left", "right"], interactions=[["left", "right"]]
    )
    assert "left:right has fewer than 5" in shown["refused"]


@pytest.mark.parametrize("case", TABLES["saturation"])
def test_saturated_models_are_refused(case):
    n, p = case["n"], case["p"]
    parameters = {"outcome": "thalach", "terms": ["age"], "site_effects": False}
    whole = run("regression", heart(), **parameters).result
    row = whole["coefficients"][0]
    result = whole | {
        "n": n,
        "df_residual": n - p,
        "sites": ["A"],
        "n_by_site": {"A": n},
        "counts": [],
        "by_site": [],
        "two_stage": [],
        "coefficients": [row] * p,
    }
    shown, _ = gate("regression", result, parameters, 5)
    assert ("refused" in shown) == case["refuse"]


def test_a_site_whose_size_would_give_anothers_back_tells_it_nowhere():
    table = heart()
    hungary = np.flatnonzero(table["site"] == "Hungary")
    place = np.sort(np.r_[np.flatnonzero(table["site"] != "Hungary"), hungary[:4]])
    table = {name: values[place] for name, values in table.items()}
    shown, _ = _regression(5, table, outcome="thalach", terms=["age"], site_effects=False)
    unsized = [one for one in shown["by_site"] if one["n"] is None]
    assert len(unsized) == 2
    # An interval by Student's t tells the degrees of freedom, and they the rows.
    assert [(one["df_residual"], one["coefficients"]) for one in unsized] == [(None, [])] * 2


def test_a_model_of_fewer_rows_than_the_threshold_does_not_say_how_many():
    table = {name: values[:4] for name, values in heart().items()}
    shown, suppressed = _regression(5, table, outcome="thalach", terms=["age"])
    assert shown["refused"] == REFUSED % "fewer than 5 complete rows"
    assert "4" not in str(suppressed)


def test_correlations_of_few_rows():
    table = heart()
    table["rare"] = np.where(table["id"] <= 4, table["age"] + table["id"] ** 2, np.nan)
    result = run("correlation", table, variables=["age", "rare", "chol"]).result
    names = {"variables": ["age", "rare", "chol"]}
    shown, suppressed = gate("correlation", result, names, 5)
    pair = shown["pairs"][0]
    assert (pair["n"], pair["r"], pair["p_value"]) == (None, None, None)
    assert shown["matrix"][0][1] is None
    assert shown["matrix"][1][1] is None
    assert shown["order"] == ["age", "rare", "chol"]
    assert shown["min_eigenvalue"] is None
    assert shown["pairs"][1]["r"] is not None
    assert [(one["where"], one["pair"]) for one in suppressed] == [
        ("age, rare", ["age", "rare"]),
        ("rare, chol", ["rare", "chol"]),
    ]


def test_pairs_that_read_alike_stay_two():
    """`a, b` with `c` and `a` with `b, c`: one text, and two places."""
    table = heart()
    few = np.where(table["id"] <= 4, 1.0, np.nan)
    columns = {"a, b": few * table["age"], "c": table["chol"]}
    columns |= {"a": few * table["thalach"], "b, c": table["age"]}
    names = list(columns)
    result = run("correlation", table | columns, variables=names).result
    _, suppressed = gate("correlation", result, {"variables": names}, 5)
    pairs = [one["pair"] for one in suppressed if one["where"] == "a, b, c"]
    assert pairs == [["a, b", "c"], ["a", "b, c"]]


def test_warnings_that_tell_values_stay_inside():
    inside = ("suspicious_value", "no_site_estimate")
    codes = (*inside, "separation", "not_collected", "sign_reversal")
    warnings = [Caution(code, code) for code in codes]
    method, table = METHODS["regression"], heart()
    asked = {"outcome": "thalach", "terms": ["age10"]}
    filled = method.fill(asked, variables_of(table))
    result = method.result.from_json(run("regression", table, **asked).result)
    seen = method.show(result, warnings, filled, 1)
    assert seen.suppressed == ()
    assert [one.code for one in seen.warnings] == [*codes[2:]]
    seen = method.show(result, warnings, filled, 3)
    assert seen.suppressed
    assert [one.code for one in seen.warnings] == ["not_collected"]


PROFILE = {
    "name": "chol",
    "type": "integer",
    "n": 97,
    "missing": 3,
    "distinct": 40,
    "min": 0,
    "max": 603,
    "mean": 199.1,
    "sd": 40.0,
    "quantiles": {"0.05": 120.0, "0.25": 180.0, "0.5": 200.0, "0.75": 240.0, "0.95": 333.0},
    "histogram": {"edges": [-0.5, 302.5, 605.5], "counts": [92, 5]},
    "grid": {
        "edges": [0, 100, 200, 300, 400, 500, 600],
        "counts": [2, 40, 50, 0, 4, 1],
    },
    "top": [{"value": 200, "n": 9}, {"value": 210, "n": 6}, {"value": 0, "n": 2}],
    "suspicious": [{"value": 0, "n": 2, "why": "far from all other values"}],
}


def _gated(threshold=5, **changes):
    column = PROFILE | changes
    before = copy.deepcopy(column)
    shown = disclosure.gate_profile({"rows": 100, "columns": [column]}, threshold)
    assert column == before
    return shown["columns"][0]


def test_a_profile_without_row_access():
    shown = _gated()
    assert (shown["min"], shown["max"], shown["suspicious"]) == (None, None, [])
    assert (shown["n"], shown["missing"]) == (100, 0), "3 as none"
    assert shown["mean"] == 200.0, "199.1, no finer than its error"
    assert {"value": None, "n": 10} in shown["top"]
    assert all(one["n"] is None or one["n"] >= 5 for one in shown["top"])
    assert shown["quantiles"] == {
        "0.05": None,
        "0.25": 180.0,
        "0.5": 200.0,
        "0.75": 240.0,
        "0.95": None,
    }
    histogram = shown["histogram"]
    assert histogram["counts"] == [40, 50]
    assert histogram["edges"] == [100, 200, 300], "those that no single value moves"
    assert 100 - sum(histogram["counts"]) >= 5
    assert len(histogram["edges"]) == len(histogram["counts"]) + 1


@pytest.mark.parametrize("kind", ["text", "identifier"])
def test_nobodys_own_words_are_shown(kind):
    shown = _gated(type=kind, top=[{"value": "Jane Doe", "n": 50}], missing=0, n=100)
    assert "Jane" not in json.dumps(shown)
    assert shown["top"] == []
    assert shown["n"] == 100


def test_a_yes_no_column_with_a_small_side():
    shown = _gated(
        type="boolean",
        n=100,
        missing=0,
        mean=0.03,
        sd=None,
        quantiles=None,
        histogram=None,
        distinct=2,
        top=[{"value": False, "n": 97}, {"value": True, "n": 3}],
    )
    assert shown["mean"] is None
    assert shown["top"] == [{"value": None, "n": 100}]


def test_a_column_of_few_values_tells_nothing():
    shown = _gated(n=3, missing=97)
    assert shown["mean"] is None
    assert shown["histogram"] is None
    assert (shown["n"], shown["missing"]) == (None, None)


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_a_column_without_values(threshold):
    empty = {
        "n": 0,
        "missing": 100,
        "distinct": 0,
        "mean": None,
        "sd": None,
        "quantiles": None,
        "histogram": None,
        "grid": None,
        "top": [],
    }
    shown = _gated(threshold, **empty)
    assert shown["histogram"] is None
    assert shown["top"] == []


def test_the_mean_of_a_two_valued_column_would_give_a_rare_value_back():
    top = [{"value": 0, "n": 59}, {"value": 27, "n": 1}]
    column = {"type": "number", "n": 60, "missing": 0, "distinct": 2, "mean": 0.45, "sd": 3.5}
    shown = disclosure.gate_column(column | {"top": top, "histogram": None}, 60, 5)
    assert (shown["mean"], shown["sd"]) == (None, None)


def test_counts_of_a_profile_are_in_fives_and_shares_follow_from_them():
    """Of 303 rows 99 are 1: neither is told, nor what gives one of them."""
    top = [{"value": False, "n": 204}, {"value": True, "n": 99}]
    sex = {"name": "sex", "type": "boolean", "n": 303, "missing": 0, "distinct": 2, "top": top}
    sex |= {"mean": 99 / 303, "sd": None, "quantiles": None, "histogram": None}
    coded = sex | {"name": "coded", "type": "integer", "min": 0, "max": 1, "sd": 0.47}
    coded["top"] = [{"value": 0, "n": 204}, {"value": 1, "n": 99}]
    coded["grid"] = {"edges": [-0.5, 0.5, 1.5], "counts": [204, 99]}
    name = sex | {"name": "id", "type": "identifier", "distinct": 303, "top": [], "mean": None}
    told = disclosure.gate_profile({"rows": 303, "columns": [sex, coded, name]}, 5)
    assert told["rows"] == 305
    sex, coded, name = told["columns"]
    for one in (sex, coded):
        assert (one["n"], one["missing"]) == (305, 0)
        assert [part["n"] for part in one["top"]] == [205, 100]
        assert one["mean"] == 100 / 305
    assert coded["sd"] ** 2 == pytest.approx(100 / 305 * 205 / 305 * 305 / 304)
    assert coded["histogram"]["counts"] == [205, 100]
    assert (name["n"], name["distinct"]) == (305, 305)
