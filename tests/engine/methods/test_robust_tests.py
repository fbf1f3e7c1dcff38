"""Robust errors have robust tests, of type II, in the table and in the answer.

Reference numbers are R 4.2.2's, with car 3.1.1 and sandwich 3.0.2, from
tests/data/cases/heart_four_sites/data.csv; `glm` iterated to 1e-14.
"""

import numpy as np
import pytest

from tests.engine.methods.cases import close, codes, column, heart, run

LOGISTIC = {"outcome": "disease", "family": "binomial", "terms": ["age10", "sex", "exang"]}
LINEAR = {"outcome": "thalach", "terms": ["age", "sex", "exang"]}

# m <- glm(disease ~ age10 + sex + exang + site, binomial)
# Anova(m, type = 2, test.statistic = "Wald", vcov. = vcovHC(m, "HC1"))$Chisq
PLAIN = {
    "hc1": [17.32534, 34.67666, 116.19957, 54.53105],
    "hc3": [17.07558, 34.17097, 115.09683, 53.50305],
}
# The same of disease ~ age10 + sex + exang + site + age10:site + sex:exang.
CHISQ = {
    "hc1": [
        16.9361300571605,
        35.3703049347256,
        117.5981615051371,
        51.8653505074037,
        4.8443435727232,
        0.3565785910424,
    ],
    "hc3": [
        16.5335878643937,
        34.6161029614471,
        115.6481994416064,
        49.7964702021408,
        4.7060572941996,
        0.3446693247009,
    ],
}
CHISQ_P = {
    "hc1": [
        3.865873654969e-05,
        2.726116546711e-09,
        2.123273051322e-27,
        3.199666519192e-11,
        0.1835564052150,
        0.5504125659790,
    ],
    "hc3": [
        4.779587504936e-05,
        4.015705999208e-09,
        5.675521879607e-27,
        8.827666329167e-11,
        0.1946305408539,
        0.5571463195032,
    ],
}
# Wald's statistic of both interactions less that of the other one alone.
ALONE = {
    "hc1": [4.7353055604180, 0.2475405787372],
    "hc3": [4.5990021099393, 0.2376141404406],
}
# Anova(lm(thalach ~ age + sex + exang + site + age:site + sex:exang), white.adjust = "hc1")
F = {
    "hc1": [
        143.302105022324,
        4.658882116204,
        65.280301850406,
        53.789873453870,
        3.677311071042,
        2.239458496965,
    ],
    "hc3": [
        140.766332462322,
        4.497001036447,
        64.423302685391,
        53.196772261751,
        3.513964600974,
        2.173786539548,
    ],
}
F_P = {
    "hc1": [
        1.224314335401e-30,
        3.117133227009e-02,
        2.209274677332e-15,
        7.504153524987e-32,
        1.190185739682e-02,
        1.348975482351e-01,
    ],
    "hc3": [
        3.658306262657e-30,
        3.424202904744e-02,
        3.309749782636e-15,
        1.579630510450e-31,
        1.487335376475e-02,
        1.407487312831e-01,
    ],
}


@pytest.fixture(scope="module")
def table():
    return heart()


@pytest.mark.parametrize("kind", ["hc1", "hc3"])
def test_a_logistic_model_with_interactions(table, kind):
    interactions = [["age10", "site"], ["sex", "exang"]]
    found = run(
        "regression", table, **LOGISTIC, interactions=interactions, standard_errors=kind
    ).result
    tests = found["term_tests"]
    assert set(column(tests, "test")) == {"Wald"}
    close(column(tests, "chisq"), CHISQ[kind], 1e-8)
    close(column(tests, "p_value"), CHISQ_P[kind], 1e-6)
    assert column(tests, "df") == [1, 1, 1, 3, 3, 1]
    assert set(column(tests, "df_residual")) == {None}
    close(column(found["interaction_tests"], "chisq"), ALONE[kind], 1e-7)
    assert set(column(found["interaction_tests"], "test")) == {"Wald"}


@pytest.mark.parametrize("kind", ["hc1", "hc3"])
def test_a_logistic_model_without(table, kind):
    found = run("regression", table, **LOGISTIC, standard_errors=kind).result
    close(column(found["term_tests"], "chisq"), PLAIN[kind], 1e-6)
    age = found["coefficients"][1]
    close(found["term_tests"][0]["p_value"], age["p_value"], 1e-9)


@pytest.mark.parametrize("kind", ["hc1", "hc3"])
def test_a_linear_model_tests_no_main_effect_at_a_reference_site(table, kind):
    found = run(
        "regression",
        table,
        **LINEAR,
        interactions=[["age", "site"], ["sex", "exang"]],
        standard_errors=kind,
    ).result
    tests = found["term_tests"]
    assert set(column(tests, "test")) == {"Wald F"}
    close(column(tests, "f"), F[kind], 1e-8)
    close(column(tests, "p_value"), F_P[kind], 1e-6)
    assert set(column(tests, "df_residual")) == {854}
    at_cleveland = found["coefficients"][1]["p_value"]
    assert abs(np.log(tests[0]["p_value"] / at_cleveland)) > 1, "age, not age at Cleveland"


def test_the_answers_test_is_of_the_kind_of_its_intervals(table):
    asked = {"terms": ["exang", "sex", "age10"], "interaction_with": "age10"}
    found = run("regression", table, **LOGISTIC | asked, standard_errors="hc3").result
    assert found["interaction_tests"][0]["test"] == "Wald"
    plain = run("regression", table, **LOGISTIC | asked).result
    ways = [one["answer"]["interaction_test"]["statistic"] for one in (found, plain)]
    assert abs(np.log(ways[0] / ways[1])) > 0.01, "the sites' errors are robust in it"
    asked = {"outcome": "thalach", "terms": ["pain", "age10"]}
    answers = [
        run("regression", table, **asked, standard_errors=kind).result["answer"]
        for kind in ("model", "hc3")
    ]
    ways = [one["overall_test"]["statistic"] for one in answers]
    assert abs(np.log(ways[0] / ways[1])) > 0.01


def test_where_firth_takes_over_the_test_goes_with_its_model_errors(table):
    table = table | {"marker": np.where(table["disease"] == 1, table["sex"], 0.0)}
    found = run(
        "regression",
        table,
        outcome="disease",
        family="binomial",
        terms=["marker", "age10"],
        standard_errors="hc1",
    )
    assert found.result["method"] == "firth"
    assert set(column(found.result["term_tests"], "test")) == {"LR"}
    said = [one["message"] for one in found.warnings if one["code"] == "standard_errors"]
    assert (
        "Estimates with Firth’s correction come with model standard errors, not robust ones."
        in said
    )


def test_one_separated_site_takes_robust_errors_from_all_and_says_so(table):
    there = (table["site"] == "Hungary") & (table["disease"] == 0)
    table = table | {"exang": np.where(there, 0.0, table["exang"])}
    found = run("regression", table, **LOGISTIC | {"exposure": "exang"}, standard_errors="hc1")
    assert {"firth_for_all_sites", "standard_errors"} <= codes(found)


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_an_effect_that_two_rows_settle_has_no_robust_error(seed):
    """Their residuals are 0: so is the error, by which the site would outweigh all others."""
    rng = np.random.default_rng(seed)
    site = np.repeat(["a", "b", "c"], 40).astype(object)
    level = np.tile(["u", "v"], 60).astype(object)
    level[2:40], level[:2] = "u", "v"
    x, noise = rng.normal(50, 10, 120), rng.normal(size=120)
    table = {"site": site, "level": level, "x": x, "y": x / 10 + noise}
    asked = {"outcome": "y", "terms": ["x", "level"], "interaction_with": "level"}
    for errors, sites in (("model", [3, 3]), ("hc1", [3, 2])):
        answer = run("regression", table, standard_errors=errors, **asked).result["answer"]
        assert column(answer["by"], "k") == sites
