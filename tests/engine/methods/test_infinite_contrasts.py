"""An effect that is infinite at one level moves the effects at no other level to Firth's.

Reference numbers are R 4.2.2's: `glm` of the rows that are not split, Firth's penalised likelihood
by its modified score, pooled by metafor 3.8's `rma(test = "knha")`.
"""

import numpy as np
import pytest

from datasets.engine.methods import METHODS
from tests.engine.methods.cases import (
    close,
    column,
    columns,
    expected,
    heart,
    inputs_of,
    run,
    variables_of,
)

R = expected("separation_firth")
BY_SEX = {
    "outcome": "disease",
    "family": "binomial",
    "terms": ["thalach", "age10", "sex"],
    "exposure": "thalach",
    "interaction_with": "sex",
}
BY_PAIN = {
    "outcome": "disease",
    "family": "binomial",
    "terms": ["pain", "age10"],
    "reference": {"pain": "4"},
}
FIRTH_FOR_ALL = (
    "At Hungary the usual estimates of %s would be infinite, so those of every site are computed "
    "with a correction for that (Firth’s penalised likelihood)."
)


@pytest.fixture(scope="module")
def women():
    """Heart rate splits the women of Hungary; all women of Switzerland are diseased."""
    table = heart()
    there = (table["site"] == "Hungary") & (table["sex"] == 0)
    return table | {"disease": np.where(there, table["thalach"] < 140, table["disease"])}


@pytest.fixture(scope="module")
def by_sex(women):
    return run("regression", women, **BY_SEX)


@pytest.fixture(scope="module")
def pain():
    """Nobody in Hungary with pain of the second kind is diseased."""
    table = heart()
    there = (table["site"] == "Hungary") & (table["cp"] == 2)
    return table | {"disease": np.where(there, 0.0, table["disease"])}


def said_of(table, found, **asked):
    method = METHODS["regression"]
    filled = method.fill(asked, variables_of(table))
    return method.say(filled, method.result.from_json(found.result), {}).sentence


def of_site(answer, site):
    [found] = [one for one in answer.result["by_site"] if one["site"] == site]
    return found, {one["term"]: one for one in found["coefficients"]}


def said(answer, code):
    return [one["message"] for one in answer.warnings if one["code"] == code]


def test_the_other_level_is_pooled_by_maximum_likelihood(by_sex):
    answer = by_sex.result["answer"]
    split, whole = answer["by"]
    assert (split["method"], "method" in whole) == ("firth", False)
    assert (split["k"], whole["k"]) == (3, 4)
    close(np.array(whole["estimate"]) / answer["step"], -0.0285935356332715)
    close(np.array(whole["ci"]) / answer["step"], [-0.0586591084042013, 0.00147203713765819])
    close(np.array(split["estimate"]) / answer["step"], -0.0153745048862303)
    close(np.array(split["ci"]) / answer["step"], [-0.109159290552202, 0.0784102807797414])


def test_it_is_said_of_the_level_that_is_infinite(by_sex):
    told = said(by_sex, "firth_for_all_sites")
    assert told == [FIRTH_FOR_ALL % "thalach where sex is 0 and thalach:sex"]
    assert all("thalach where sex is 1" not in one["message"] for one in by_sex.warnings)
    about = [one for one in said(by_sex, "separation") if "effect of thalach where" in one]
    assert about == [
        "At Hungary thalach where sex is 0 (alone or with other terms) splits rows with disease = "
        "1 from rows with disease = 0 without overlap, so the data cannot say how large the effect "
        "of thalach where sex is 0 is."
    ]


@pytest.mark.parametrize("sites", [["Hungary"], ["Hungary", "Cleveland"]])
def test_levels_of_a_category_that_are_infinite_are_named_in_one_sentence(sites):
    """There was a caution for each level, and another one for each level at each site."""
    table = heart()
    there = (table["site"] == "Hungary") & (table["cp"] != 4)
    split = table | {"disease": np.where(there, 0.0, table["disease"])}
    found = run("regression", split, inputs_of(split, sites=sites), **BY_PAIN)
    [why] = said(found, "separation")
    if len(sites) == 1:
        assert why.startswith("In the pooled rows pain[1], pain[2] and pain[3] (each alone or with")
        assert "The usual estimates of pain[1], pain[2] and pain[3] would be infinite: in" in why
    else:
        assert why == (
            "At Hungary pain[1], pain[2] and pain[3] (each alone or with other terms) split rows "
            "with disease = 1 from rows with disease = 0 without overlap, so the data cannot say "
            "how large these effects are."
        )
        told = said(found, "firth_for_all_sites")
        assert told == [FIRTH_FOR_ALL % "pain[1], pain[2] and pain[3]"]


def test_levels_that_are_infinite_at_different_sites_are_told_with_theirs():
    table = heart()
    where = (("Hungary", 2), ("Cleveland", 3))
    there = [(table["site"] == site) & (table["cp"] == cp) for site, cp in where]
    split = table | {"disease": np.where(there[0] | there[1], 0.0, table["disease"])}
    inputs = inputs_of(split, sites=["Hungary", "Cleveland"])
    assert said(run("regression", split, inputs, **BY_PAIN), "firth_for_all_sites") == [
        "The usual estimates of pain[2] (at Hungary) and pain[3] (at Cleveland) would be infinite, "
        "so those of every site are computed with a correction for that (Firth’s penalised "
        "likelihood)."
    ]


def test_a_sites_own_table_has_firths_estimate_of_what_is_infinite_there_alone(by_sex):
    found, rows = of_site(by_sex, "Hungary")
    assert found["method"] == "firth"
    close(rows["age10"]["estimate"], 0.0592345786774481)
    close(rows["age10"]["se"], 0.21011930206267454)
    assert {name for name, one in rows.items() if one.get("method") == "firth"} == {
        "(Intercept)",
        "thalach",
        "sex",
        "thalach:sex",
    }


@pytest.mark.parametrize("errors", ["model", "hc1"])
def test_of_one_site_the_levels_at_which_the_outcome_varies_keep_theirs(errors):
    table = heart()
    inputs = inputs_of(table, sites=["Switzerland"])
    found = run("regression", table, inputs, **BY_SEX, standard_errors=errors)
    answer = found.result["answer"]
    settled, whole = answer["by"]
    assert settled["estimate"] is None
    assert answer["estimator"] == "ML"
    error = {"model": (0.00254664188574508 + 0.0581476465183968) / 2 / 1.95996398454005}
    error |= {"hc1": 0.0144363831903024}
    close(np.array(whole["estimate"]) / answer["step"], -0.0278005023163258)
    ends = -0.0278005023163258 + np.array([-1, 1]) * 1.95996398454005 * error[errors]
    close(np.array(whole["ci"]) / answer["step"], ends, 1e-5)


def test_of_one_site_a_level_that_is_infinite_moves_no_other(pain):
    found = run("regression", pain, inputs_of(pain, sites=["Hungary"]), **BY_PAIN)
    by = {one["level"]: one for one in found.result["answer"]["by"]}
    close(by["3"]["estimate"], -2.085572415616762)
    close(by["3"]["ci"], [-2.851383253475751, -1.319761577757773])
    close(by["1"]["ci"], [-2.517409704052710, 0.082906055562695])
    close(by["2"]["estimate"], -6.03041615986336)
    assert [by[level].get("method") for level in "123"] == [None, "firth", None]
    assert found.result["answer"]["estimator"] == "ML", "of most levels"
    # The ends of its profile: Wald's stood there, beside the profile's in the table.
    close(by["2"]["ci"], [-10.875312850480, -4.057352922231])
    test = found.result["answer"]["overall_test"]
    # Twice the penalised likelihood lost with all three held at 0, as logistf's logistftest has it.
    assert (test["test"], test["df"]) == ("penalised LR", 3)
    close(test["statistic"], 140.0474662979)
    close(test["p_value"], 3.691690485431e-30)
    of_pain, of_age = found.result["term_tests"]
    assert of_pain["penalised"] == {"chisq": test["statistic"], "p_value": test["p_value"]}
    # anova(glm(disease ~ age10), glm(disease ~ pain + age10))
    close(of_pain["chisq"], 145.6394561131)
    assert "penalised" not in of_age
    assert "since one of their effects would be infinite" in said_of(pain, found, **BY_PAIN)


def test_of_one_site_differences_are_tested_by_penalised_likelihood(women):
    found = run("regression", women, inputs_of(women, sites=["Hungary"]), **BY_SEX)
    test = found.result["answer"]["interaction_test"]
    assert (test["test"], test["df"]) == ("penalised LR", 1)
    close(test["statistic"], 50.05651471746)
    assert (
        "than chance would make them (p < 0.001, by Firth’s penalised likelihood since an effect "
        "would be infinite)."
    ) in said_of(women, found, **BY_SEX)


def test_of_a_category_each_level_is_of_one_kind_at_every_site(pain):
    found = run("regression", pain, **BY_PAIN)
    by = {one["level"]: one for one in found.result["answer"]["by"]}
    close(by["3"]["estimate"], -1.87938115586083)
    close(by["3"]["ci"], [-3.13277537071382, -0.625986941007839])
    close(by["2"]["estimate"], -3.09844859958918)
    close(by["2"]["ci"], [-5.62252821708223, -0.574368982096113])
    methods = {
        one["term"]: set(column(one["studies"], "method")) for one in found.result["two_stage"]
    }
    assert methods["pain[2]"] == {"firth"}
    assert methods["pain[3]"] == {"ml"}
    test = found.result["answer"]["overall_test"]
    assert (test["test"], test["df"], test["df_residual"], test["method"]) == (
        "Wald F",
        3,
        9,
        "firth",
    )
    # The restricted likelihood of the four sites' Firth estimates, written out.
    close(test["statistic"], 14.2358630078)
    close(test["p_value"], 9.17204621267e-04)
    assert "this test has Firth’s estimate of each" in said_of(pain, found, **BY_PAIN)


def test_a_covariate_that_is_infinite_moves_no_effect():
    """NV settles the outcome of the endometrial cases: R's glm finds the others' maximum."""
    table = columns("separation_firth")
    table["site"] = np.full(len(table["HG"]), "A", dtype=object)
    asked = {"outcome": "HG", "family": "binomial", "terms": ["NV", "PI", "EH"]}
    found = run("regression", table, **asked, exposure="EH").result
    answer = found["answer"]
    close(answer["estimate"] / answer["step"], R["ml_is_arbitrary"]["others"]["coef"][1])
    assert answer["estimator"] == "ML"
    assert found["method"] == "firth", "of the table, in which NV has an estimate"
    found = run("regression", table, **asked, exposure="NV").result["answer"]
    assert found["estimator"] == "Firth"
