"""Pooled regressions against R: logistic, linear, their tests and their robust errors."""

import numpy as np
import pytest

from tests.engine.methods.cases import (
    HEART_TERMS,
    close,
    codes,
    column,
    expected,
    heart,
    run,
)

R = expected("heart_four_sites")


@pytest.fixture(scope="module")
def table():
    return heart()


def _name(r_name):
    return f"site[{r_name[4:]}]" if r_name.startswith("site") else r_name


def _agrees(answer, reference):
    rows = answer.result["coefficients"]
    assert column(rows, "term") == [_name(name) for name in reference["terms"]]
    close(column(rows, "estimate"), reference["coef"], 1e-8)
    close(column(rows, "se"), reference["se"], 1e-7)
    close(column(rows, "statistic"), reference["z"], 1e-7)
    close(column(rows, "p_value"), reference["p"], 1e-6)
    result = answer.result
    assert result["n"] == reference["n"]
    assert result["df_residual"] == reference["df_resid"]
    close(result["deviance"], reference["deviance"], 1e-10)
    close(result["null_deviance"], reference["null_deviance"], 1e-10)
    close(result["log_likelihood"], reference["loglik"], 1e-10)
    close(result["aic"], reference["aic"], 1e-10)


def test_pooled_without_site(table):
    answer = run(
        "regression",
        table,
        outcome="disease",
        family="binomial",
        terms=HEART_TERMS,
        site_effects=False,
    )
    _agrees(answer, R["pooled_no_site"])
    assert answer.result["n_excluded"] == 920 - 853
    assert answer.result["method"] == "ml"


def test_pooled_with_site_effects(table):
    answer = run("regression", table, outcome="disease", family="binomial", terms=HEART_TERMS)
    reference = R["pooled_site_fixed"]
    _agrees(answer, reference)
    rows = answer.result["coefficients"]
    close(column(rows, "exp_estimate"), reference["or"], 1e-8)
    close(column(rows, "ci"), reference["wald_ci"], 1e-6)
    close(column(rows, "exp_ci"), np.exp(reference["wald_ci"]), 1e-6)
    close(np.square(column(rows, "se")), reference["vcov_diag"], 1e-6)
    site = next(one for one in answer.result["term_tests"] if one["term"] == "site")
    close(
        [site["chisq"], site["df"], site["p_value"]],
        [R["LR_site"][name] for name in ("chisq", "df", "p")],
        1e-8,
    )
    assert answer.result["rounds"] <= 12


def test_terms_are_tested_by_likelihood_ratio(table):
    whole = run("regression", table, outcome="disease", family="binomial", terms=HEART_TERMS)
    for left_out in ("age10", "cp4"):
        others = [name for name in HEART_TERMS if name != left_out]
        without = run("regression", table, outcome="disease", family="binomial", terms=others)
        assert without.result["n"] == whole.result["n"]
        test = next(one for one in whole.result["term_tests"] if one["term"] == left_out)
        close(test["chisq"], without.result["deviance"] - whole.result["deviance"], 1e-8)


@pytest.mark.parametrize("name", list(R["interaction_by_site"]))
def test_interaction_with_site(table, name):
    answer = run(
        "regression",
        table,
        outcome="disease",
        family="binomial",
        terms=HEART_TERMS,
        interactions=[["site", name]],
    )
    reference = R["interaction_by_site"][name]
    test = answer.result["term_tests"][-1]
    assert test["term"] == f"{name}:site"
    found = [test["chisq"], test["df"], test["p_value"], answer.result["deviance"]]
    close(found, [reference[key] for key in ("chisq", "df", "p", "deviance")], 1e-8)
    site = next(one for one in answer.result["term_tests"] if one["term"] == "site")
    close(site["chisq"], R["LR_site"]["chisq"], 1e-8)
    assert column(answer.result["coefficients"], "term")[-3:] == [
        f"{name}:site[Hungary]",
        f"{name}:site[Switzerland]",
        f"{name}:site[VA Long Beach]",
    ]


def test_each_of_several_interactions_is_tested_alone(table):
    answer = run(
        "regression",
        table,
        outcome="disease",
        family="binomial",
        terms=HEART_TERMS,
        interactions=[[name, "site"] for name in R["interaction_by_site"]],
    )
    for test in answer.result["interaction_tests"]:
        reference = R["interaction_by_site"][test["term"].removesuffix(":site")]
        close(
            [test["chisq"], test["p_value"], test["deviance"]],
            [reference["chisq"], reference["p"], reference["deviance"]],
            1e-8,
        )


def test_one_stage_of_fewer_terms_and_the_federated_reference(table):
    answer = run(
        "regression", table, outcome="disease", family="binomial", terms=["age10", "sex", "exang"]
    )
    _agrees(answer, R["one_stage_same_terms"])
    # Fully converged, with an intercept per site: the errors to one digit more.
    federated = dict(
        zip(R["federated_reference"]["terms"], R["federated_reference"]["se"], strict=True)
    )
    for row in answer.result["coefficients"]:
        if row["term"] in federated:
            close(row["se"], federated[row["term"]], 1e-9)


def test_categories_are_coded_against_their_first_level(table):
    answer = run("regression", table, outcome="thalach", terms=["pain", "age"])
    names = column(answer.result["coefficients"], "term")
    assert names == [
        "(Intercept)",
        "pain[2]",
        "pain[3]",
        "pain[4]",
        "age",
        "site[Hungary]",
        "site[Switzerland]",
        "site[VA Long Beach]",
    ]
    used = np.isfinite(table["thalach"]) & np.isfinite(table["age"])
    x = np.column_stack(
        [np.ones(used.sum())]
        + [(table["pain"] == level)[used] for level in "234"]
        + [table["age"][used]]
        + [(table["site"] == site)[used] for site in ("Hungary", "Switzerland", "VA Long Beach")]
    ).astype(float)
    reference, *_ = np.linalg.lstsq(x, table["thalach"][used], rcond=None)
    close(column(answer.result["coefficients"], "estimate"), reference, 1e-10)


def test_product_of_two_numbers_is_that_of_the_raw_numbers(table):
    answer = run(
        "regression",
        table,
        outcome="thalach",
        terms=["age", "chol"],
        interactions=[["chol", "age"]],
        site_effects=False,
    )
    used = np.isfinite(table["thalach"]) & np.isfinite(table["chol"])
    age, chol = table["age"][used], table["chol"][used]
    x = np.column_stack([np.ones(len(age)), age, chol, age * chol])
    reference, *_ = np.linalg.lstsq(x, table["thalach"][used], rcond=None)
    rows = answer.result["coefficients"]
    assert column(rows, "term") == ["(Intercept)", "age", "chol", "age:chol"]
    close(column(rows, "estimate"), reference, 1e-7)


def test_linear_model_agrees_with_lm(table):
    answer = run("regression", table, outcome="thalach", terms=["age", "sex"])
    reference, result = R["lm_thalach"], answer.result
    rows = result["coefficients"]
    assert column(rows, "term") == [_name(name) for name in reference["terms"]]
    close(column(rows, "estimate"), reference["coef"], 1e-9)
    close(column(rows, "se"), reference["se"], 1e-9)
    close(column(rows, "statistic"), reference["t"], 1e-9)
    close(column(rows, "p_value"), reference["p"], 1e-8)
    close(
        [result["r_squared"], result["adjusted_r_squared"], result["sigma"]],
        [reference["r2"], reference["adj_r2"], reference["sigma"]],
        1e-9,
    )
    assert result["df_residual"] == reference["F"][2]
    assert column(rows, "exp_estimate") == [None] * 6


@pytest.mark.parametrize("kind", ["hc1", "hc3"])
def test_robust_errors_of_a_linear_model(table, kind):
    answer = run("regression", table, outcome="thalach", terms=["age", "sex"], standard_errors=kind)
    rows = answer.result["coefficients"]
    close(column(rows, "se"), R["lm_thalach"][f"se_{kind.upper()}"], 1e-9)
    age = answer.result["term_tests"][0]
    assert age["test"] == "Wald F"
    close(age["f"], rows[1]["statistic"] ** 2, 1e-9)
    close(age["p_value"], rows[1]["p_value"], 1e-9)


@pytest.mark.parametrize("kind", ["hc1", "hc3"])
def test_robust_errors_of_a_logistic_model(table, kind):
    answer = run(
        "regression",
        table,
        outcome="disease",
        family="binomial",
        terms=["age10", "sex"],
        site_effects=False,
        standard_errors=kind,
    )
    x = np.column_stack([np.ones(920), table["age10"], table["sex"]])
    b = np.array(column(answer.result["coefficients"], "estimate"))
    mean = 1 / (1 + np.exp(-x @ b))
    bread = np.linalg.inv(x.T @ (x * (mean * (1 - mean))[:, None]))
    residual = table["disease"] - mean
    if kind == "hc3":
        residual = residual / (1 - mean * (1 - mean) * np.einsum("ij,jk,ik->i", x, bread, x))
    factor = 920 / 917 if kind == "hc1" else 1
    covariance = factor * bread @ (x.T @ (x * (residual**2)[:, None])) @ bread
    close(column(answer.result["coefficients"], "se"), np.sqrt(np.diag(covariance)), 1e-7)


def test_interaction_with_site_in_a_linear_model(table):
    answer = run(
        "regression", table, outcome="thalach", terms=["age", "sex"], interactions=[["age", "site"]]
    )
    reference = R["lm_thalach_age_site_interaction"]
    test = answer.result["term_tests"][-1]
    assert (test["test"], test["df"], test["df_residual"]) == ("F", 3, reference["df2"])
    close([test["f"], test["p_value"]], [reference["F"], reference["p"]], 1e-9)


def test_a_number_far_from_zero_loses_no_digits(table):
    moved = table | {"age": table["age"] + 1e6}
    near = run("regression", table, outcome="thalach", terms=["age", "sex"])
    far = run("regression", moved, outcome="thalach", terms=["age", "sex"])
    for one, other in zip(
        near.result["coefficients"][1:], far.result["coefficients"][1:], strict=True
    ):
        close(other["estimate"], one["estimate"], 1e-8)
        close(other["se"], one["se"], 1e-8)


def test_rows_a_site_cannot_use_are_named(table):
    answer = run("regression", table, outcome="disease", family="binomial", terms=["age10", "chol"])
    assert answer.result["sites"] == ["Cleveland", "Hungary", "VA Long Beach"]
    assert answer.result["excluded_sites"] == [
        {"site": "Switzerland", "reason": "chol not collected"}
    ]
    assert "not_collected" in codes(answer)
    assert "chol was not collected at Switzerland" in answer.warnings[0]["message"]
    assert len(answer.result["by_site"]) == 3
