"""Digits that a unit, an ill-conditioned design or a row alone must not cost, against R."""

import numpy as np
import pytest

from datasets.engine.methods.contract import ParameterError
from tests.engine.methods.cases import close, codes, column, expected, heart, inputs_of, run

R = expected("heart_four_sites")
MODEL = {"outcome": "thalach", "terms": ["age", "sex"]}


@pytest.fixture(scope="module")
def table():
    return heart()


# x <- 0:40 / 4; y <- round(100 * sin(x) + 7 * cos(3 * x), 3); f <- lm(y ~ x + ... + I(x^7))
POLYNOMIAL = {
    "estimate": [
        12.19440830814946608,
        20.83089286198006107,
        123.48673776894949583,
        -96.99334887213713330,
        25.36236313055541913,
        -2.93933558383416660,
        0.15191889051168225,
        -0.00272375911640944,
    ],
    "se": [
        4.54572017430521e00,
        1.79494165420292e01,
        2.22243867897141e01,
        1.18529175428841e01,
        3.18856779917252e00,
        4.53651093418921e-01,
        3.25607600339885e-02,
        9.27883821670205e-04,
    ],
    # sqrt(diag(sandwich::vcovHC(f, "HC3")))
    "hc3": [
        20.52764599981567173,
        62.75007298134345746,
        62.72181149091958474,
        28.93440375067914161,
        7.00119718180598838,
        0.91731080581391855,
        0.06156428478630056,
        0.00165777950625934,
    ],
}


@pytest.mark.parametrize("errors", ["model", "hc3"])
def test_a_raw_polynomial_of_degree_seven_keeps_the_digits_of_a_qr(errors):
    x = np.arange(41) / 4
    powers = {f"x{k}": x**k for k in range(1, 8)}
    curve = powers | {
        "y": np.round(100 * np.sin(x) + 7 * np.cos(3 * x), 3),
        "site": np.full(41, "A", dtype=object),
    }
    answer = run("regression", curve, outcome="y", terms=list(powers), standard_errors=errors)
    rows = answer.result["coefficients"]
    close(column(rows, "estimate"), POLYNOMIAL["estimate"], 1e-10)
    known, digits = ("se", 1e-9) if errors == "model" else ("hc3", 1e-7)
    close(column(rows, "se"), POLYNOMIAL[known], digits)


@pytest.mark.parametrize("errors", ["model", "hc1", "hc3"])
def test_a_good_design_needs_no_further_round(table, errors):
    assert run("regression", table, **MODEL, standard_errors=errors).result["rounds"] == 3


@pytest.mark.parametrize("unit", [1e-9, 1e-4, 1e9])
def test_the_unit_of_an_outcome_changes_nothing_else(table, unit):
    answer = run("regression", table | {"thalach": table["thalach"] * unit}, **MODEL)
    reference, rows = R["lm_thalach"], answer.result["coefficients"]
    np.testing.assert_allclose(
        column(rows, "estimate"), np.array(reference["coef"]) * unit, rtol=1e-9
    )
    close(column(rows, "statistic"), reference["t"], 1e-9)
    assert column(answer.result["by_site"], "reason") == [None] * 4
    assert all(entry["k"] == 4 for entry in answer.result["two_stage"])


def test_an_outcome_far_from_zero_varies(table):
    answer = run("regression", table | {"thalach": table["thalach"] + 1e9}, **MODEL)
    rows, reference = answer.result["coefficients"], R["lm_thalach"]
    close(column(rows, "estimate")[1:], reference["coef"][1:], 1e-7)
    close(column(rows, "se"), reference["se"], 1e-7)
    assert column(answer.result["by_site"], "reason") == [None] * 4


def test_a_site_far_from_the_others_varies(table):
    far = np.where(table["site"] == "Hungary", table["thalach"] + 1e9, table["thalach"])
    answer = run("regression", table | {"thalach": far}, **MODEL)
    plain = run("regression", table, **MODEL)
    hungary, near = (one.result["by_site"][1]["coefficients"] for one in (answer, plain))
    close(column(hungary, "estimate")[1:], column(near, "estimate")[1:], 1e-5)


@pytest.mark.parametrize("value", [0.3, 3e-10, 1e9])
def test_a_constant_outcome_is_refused_in_words(table, value):
    with pytest.raises(ParameterError) as refused:
        run("regression", table | {"thalach": np.full(920, value)}, **MODEL)
    assert "same in every complete row" in str(refused.value.errors["outcome"])


@pytest.mark.parametrize("value", [0.3, 3e-10, 1e9])
def test_an_outcome_constant_at_one_site(table, value):
    same = np.where(table["site"] == "Hungary", value, table["thalach"])
    answer = run("regression", table | {"thalach": same}, **MODEL)
    assert answer.result["by_site"][1]["reason"] == "thalach does not vary at Hungary"


@pytest.mark.parametrize("errors", ["model", "hc3"])
@pytest.mark.parametrize("size", [1e-9, 1, 1e9])
def test_a_perfect_fit_has_no_error_to_speak_of(table, errors, size):
    exact = table | {"twice": (2 * table["age"] + 3) * size}
    answer = run("regression", exact, outcome="twice", terms=["age", "sex"], standard_errors=errors)
    age = answer.result["coefficients"][1]
    close(age["estimate"] / size, 2, 1e-10)
    assert (age["se"], age["p_value"], age["ci"]) == (None, None, None)
    assert "exactly" in age["reason"]
    assert "perfect_fit" in codes(answer)
    assert {test["p_value"] for test in answer.result["term_tests"]} == {None}
    assert answer.result["two_stage"][0]["k"] == 0


def _with_a_row_alone(table, first):
    row = {"thalach": 150.0, "age": 50.0, "sex": 1.0, "site": "Single"}
    names = ("thalach", "age", "sex", "site")
    grown = {name: np.append(table[name], row[name]) for name in names}
    sites = list(dict.fromkeys(table["site"]))
    order = ["Single", *sites] if first else [*sites, "Single"]
    return run(
        "regression", grown, inputs_of(grown, sites=order), **MODEL, standard_errors="hc3"
    ).result["coefficients"]


def test_a_row_alone_at_its_site_has_no_robust_error(table):
    # vcovHC(f, "HC3") is NaN throughout. Rows elsewhere are fitted as if it were not there.
    rows = _with_a_row_alone(table, first=False)
    assert (rows[-1]["term"], rows[-1]["se"], rows[-1]["ci"]) == ("site[Single]", None, None)
    assert rows[-1]["estimate"] is not None
    assert "alone in its site" in rows[-1]["reason"]
    close(column(rows[:-1], "se"), R["lm_thalach"]["se_HC3"], 1e-9)


def test_what_is_compared_with_a_row_alone_has_no_robust_error(table):
    rows = _with_a_row_alone(table, first=True)
    # coef(f) of lm(thalach ~ age + sex + site) with Single as the first level
    coef = [206.13441022320819, -1.01800000281883, -5.23441008226969, 2.45040338551803]
    close(column(rows, "estimate")[:4], coef, 1e-9)
    assert [row["se"] is None for row in rows] == [True, False, False, True, True, True, True]
    close(column(rows, "se")[1:3], R["lm_thalach"]["se_HC3"][1:3], 1e-9)


def test_a_site_whose_one_row_settles_the_exposure_says_why_it_is_not_in_the_pool(table):
    hungary = table["site"] == "Hungary"
    treated = np.where(hungary, 0.0, np.arange(len(hungary)) % 2)
    treated[np.flatnonzero(hungary)[5]] = 1.0
    asked = {"outcome": "thalach", "terms": ["treated", "age"], "standard_errors": "hc3"}
    found = run("regression", table | {"treated": treated}, **asked)
    assert "Hungary" not in column(found.result["two_stage"][0]["studies"], "site")
    [said] = [one["message"] for one in found.warnings if one["code"] == "no_site_estimate"]
    assert said == (
        "At Hungary one row alone determines treated, which leaves it no robust standard error: "
        "it gives the pool no estimate."
    )


def test_of_a_site_that_fits_perfectly_no_single_row_is_said_to_settle_it():
    x = np.tile(np.arange(20.0), 3)
    noise = np.concatenate([np.tile([0.5, -0.5, -0.5, 0.5], 10), np.zeros(20)])
    site = np.repeat(["Linz", "Ulm", "Bern"], 20).astype(object)
    table = {"site": site, "x": x, "y": 2 * x + noise}
    found = run("regression", table, outcome="y", terms=["x"], standard_errors="hc3")
    said = {one["code"]: one["message"] for one in found.warnings}
    assert "no_site_estimate" not in said
    assert said["not_in_pool"].startswith("Bern has no estimate of its own")
