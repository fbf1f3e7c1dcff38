"""Separation: found exactly, named in words, answered with Firth."""

import math

import numpy as np
import pytest

from datasets.engine.methods.regression import separation
from datasets.engine.methods.regression.of_site import interval_of
from datasets.engine.methods.regression.statistics import Estimates
from datasets.engine.results.tables import tables_of, to_csv
from tests.engine.methods.cases import (
    close,
    codes,
    column,
    columns,
    expected,
    heart,
    inputs_of,
    run,
)

R = expected("separation_firth")
TERMS = ["NV", "PI", "EH"]


def _endometrial(sites=1):
    table = columns("separation_firth")
    n = len(table["HG"])
    table["site"] = np.array([f"S{k % sites}" for k in range(n)], dtype=object)
    return table


@pytest.mark.parametrize("sites", [1, 3])
def test_pooled_separation_is_answered_with_firth(sites):
    table = _endometrial(sites)
    answer = run(
        "regression", table, outcome="HG", family="binomial", terms=TERMS, site_effects=False
    )
    rows, reference = answer.result["coefficients"], R["firth_mean_bias_reduced"]
    assert answer.result["method"] == "firth"
    assert [(s["term"], s["direction"]) for s in answer.result["separation"]] == [("NV", "+Inf")]
    assert column(rows, "term") == reference["terms"]
    close(column(rows, "estimate"), reference["coef"], 1e-8)
    close(column(rows, "se"), reference["se_expected_information"], 1e-8)
    for row in rows:
        close(row["ci"], R["profile_ci"][row["term"]], 1e-6)
        close(row["p_value"], R["plr_p"][row["term"]], 1e-6)
    assert "separation" in codes(answer)


def test_a_separated_site_tells_by_firths_estimate_what_is_infinite_there():
    # All rows at each of two sites, so that R's values of all rows are those of each site.
    once = _endometrial()
    again = once | {"site": np.full(len(once["HG"]), "S1", dtype=object)}
    table = {name: np.concatenate([once[name], again[name]]) for name in once}
    answer = run("regression", table, outcome="HG", family="binomial", terms=TERMS)
    found = {one["term"]: one["studies"] for one in answer.result["two_stage"]}
    firth, ml = R["firth_mean_bias_reduced"], R["ml_is_arbitrary"]["others"]
    assert column(found["NV"], "method") == ["firth", "firth"]
    close(column(found["NV"], "estimate"), [firth["coef"][1]] * 2, 1e-8)
    close(column(found["NV"], "se"), [firth["se_expected_information"][1]] * 2, 1e-8)
    close(column(found["NV"], "ci"), [R["profile_ci"]["NV"]] * 2, 1e-6)
    for k, term in enumerate(ml["terms"]):
        assert column(found[term], "method") == ["ml", "ml"]
        close(column(found[term], "estimate"), [ml["coef"][k]] * 2, 1e-8)
        close(column(found[term], "se"), [ml["se"][k]] * 2)


def test_switzerland_has_no_woman_without_disease():
    answer = run(
        "regression", heart(), outcome="disease", family="binomial", terms=["age10", "sex", "exang"]
    )
    assert answer.result["method"] == "ml"
    assert answer.result["separation"] == []
    swiss = answer.result["by_site"][2]
    assert [(s["term"], s["direction"]) for s in swiss["separation"]] == [("sex", "-Inf")]
    assert ",-Inf,firth," in to_csv(tables_of(answer.result)["by_site_separation"])
    message = next(one["message"] for one in answer.warnings if one["code"] == "separation")
    assert "At Switzerland every row with sex = 0 has disease = 1" in message
    sex = swiss["coefficients"][2]
    assert sex["ci"][0] < sex["estimate"] < sex["ci"][1]
    for other in (0, 1, 3):
        assert answer.result["by_site"][other]["separation"] == []


def test_a_separated_interaction_still_has_its_likelihood_ratio():
    reference = expected("heart_four_sites")["interaction_by_site"]["sex"]
    answer = run(
        "regression",
        heart(),
        outcome="disease",
        family="binomial",
        terms=["age10", "sex", "trestbps", "thalach", "exang", "oldpeak", "cp4"],
        interactions=[["sex", "site"]],
    )
    assert answer.result["method"] == "firth"
    assert {s["term"] for s in answer.result["separation"]} == {
        "site[Switzerland]",
        "sex:site[Switzerland]",
    }
    close(answer.result["deviance"], reference["deviance"], 1e-9)
    assert all(row["estimate"] is not None for row in answer.result["coefficients"])
    assert all(row["ci"] is not None for row in answer.result["coefficients"])


def test_a_site_where_everybody_is_ill_separates_its_own_effect():
    table = heart()
    table["disease"] = np.where(table["site"] == "Hungary", 1.0, table["disease"])
    answer = run("regression", table, outcome="disease", family="binomial", terms=["age10"])
    assert [s["term"] for s in answer.result["separation"]] == ["site[Hungary]"]
    assert answer.result["method"] == "ml", "it moves no other coefficient"
    assert "At Hungary every row has disease = 1." in answer.result["separation"][0]["why"]
    hungary = answer.result["by_site"][1]
    assert "does not vary" in hungary["reason"]
    assert "no_site_estimate" in codes(answer)
    studies = answer.result["two_stage"][0]["studies"]
    assert column(studies, "site") == ["Cleveland", "Switzerland", "VA Long Beach"]


def test_complete_separation_by_a_number():
    table = heart()
    table["disease"] = (table["age"] > 50).astype(float)
    answer = run("regression", table, outcome="disease", family="binomial", terms=["age", "sex"])
    assert answer.result["method"] == "firth"
    assert "age" in {s["term"] for s in answer.result["separation"]}
    assert abs(answer.result["deviance"]) < 1e-6
    age = next(row for row in answer.result["coefficients"] if row["term"] == "age")
    assert age["estimate"] > 0
    assert age["ci"][0] > 0


def test_almost_separated_is_not_separated():
    table = heart()
    table["disease"] = np.where(
        (table["sex"] == 0) & (table["site"] == "Switzerland"), 1.0, table["disease"]
    )
    first = int(np.flatnonzero((table["sex"] == 0) & (table["site"] == "Switzerland"))[0])
    table["disease"][first] = 0.0
    answer = run("regression", table, outcome="disease", family="binomial", terms=["sex"])
    assert all(site["method"] == "ml" for site in answer.result["by_site"])
    assert "separation" not in codes(answer)


@pytest.mark.parametrize("gap", [0.5, 1e-3, 1e-6])
def test_the_linear_program_is_exact(gap):
    x = np.array([-2.0, -1.0, -gap, gap, 1.0, 2.0])
    y = (x > 0).astype(float)
    apart = np.column_stack([y, np.ones(6), x])
    found = separation.direction(apart)
    assert found is not None
    assert ((2 * y - 1) * (apart[:, 1:] @ found) > 0).all()
    overlapping = apart.copy()
    overlapping[2, 0], overlapping[3, 0] = 1.0, 0.0
    assert separation.direction(overlapping) is None


def test_overlap_by_a_hair_has_a_maximum():
    x = np.array([-2.0, -1.0, -0.4, -0.1, 0.1, 0.4, 1.0, 2.0] * 3)
    y = (x > 0).astype(float)
    y[3], y[4] = 1.0, 0.0
    table = {"x": x, "y": y, "site": np.full(len(x), "A", dtype=object)}
    answer = run("regression", table, outcome="y", family="binomial", terms=["x"])
    assert answer.result["method"] == "ml"
    b = answer.result["coefficients"][1]["estimate"]
    assert math.isfinite(b)
    assert b > 5


def test_ends_of_profiles_are_found_where_newton_goes_astray():
    # R: the penalised likelihood by optim(method = "BFGS") with its other coefficients free, and
    # its ends by uniroot(); four of these twelve numbers were missing.
    table = {
        "x0": [1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0],
        "x1": [
            *(1.01, 1.37, 0.69, 0.71, 1.33, 0.1, 0.69, -0.69),
            *(-1.55, -2.15, 1.52, 0.66, -0.53, -0.65, -0.58, -1.22),
        ],
        "x2": [
            *(0.26, 0.5, 4.65, 1.56, 0.09, 5.47, 3.58, 1.24),
            *(1.06, 2.03, 1.23, 0.32, 15.78, 3.78, 1.78, 0.29),
        ],
    }
    columns = {name: np.array(values, dtype=float) for name, values in table.items()}
    columns |= {"y": columns["x0"], "site": np.full(16, "A", dtype=object)}
    answer = run("regression", columns, outcome="y", family="binomial", terms=["x0", "x1", "x2"])
    rows = answer.result["coefficients"]
    close(
        column(rows, "ci"),
        [
            [-8.92795805640153, -0.0720091631615981],
            [1.91477106270148, 15.0040272950153],
            [-3.51851995948271, 3.89737541393742],
            [-1.0748710810687, 0.535123011533989],
        ],
        1e-8,
    )
    p_values = [0.0449399092767698, 0.0002852689642257, 0.873085637515339, 0.661164108693282]
    close(column(rows, "p_value"), p_values, 1e-9)
    assert answer.result["rounds"] < 60


@pytest.mark.parametrize("ends", [(None, 1.5), (-0.5, None), (None, None)])
def test_an_end_that_no_profile_settled_is_open_in_the_pool_too(ends):
    """The site's own table left it open where the pool beside it had Wald's."""
    found = Estimates((3,), (0.4,), ((0.09,),), ci=(ends,))
    assert interval_of(found, 3, (0.4, 0.3), None) == ends


@pytest.mark.parametrize("errors", ["model", "hc1", "hc3"])
def test_a_site_without_events_moves_no_coefficient_of_the_model_over_all_rows(errors):
    """All of it were Firth's. What remains is the model without that site's rows, in any order."""
    table = heart()
    table["disease"] = np.where(table["site"] == "Hungary", 0.0, table["disease"])
    asked = {
        "outcome": "disease",
        "family": "binomial",
        "terms": ["age10", "exang"],
        "standard_errors": errors,
    }
    others = ["Cleveland", "Switzerland", "VA Long Beach"]
    known = run("regression", table, inputs_of(table, sites=others), **asked).result
    for order in ([*others, "Hungary"], ["Hungary", *others]):
        found = run("regression", table, inputs_of(table, sites=order), **asked)
        assert found.result["method"] == "ml"
        for k in (1, 2):
            for name in ("estimate", "se", "p_value"):
                close(found.result["coefficients"][k][name], known["coefficients"][k][name], 1e-7)
        close(found.result["deviance"], known["deviance"], 1e-9)
        said = [one["message"] for one in found.warnings if one["code"] == "separation"]
        assert len(said) == 1
        assert said[0].startswith("At Hungary every row has the same outcome: ")
