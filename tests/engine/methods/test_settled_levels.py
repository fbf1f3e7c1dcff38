"""A site whose rows of one level all have one outcome says nothing of an effect at that level.

All women of Switzerland are diseased. Reference numbers are R 4.2.2's: `glm` at each site, there
without its women, pooled by metafor 3.8's `rma(test = "knha", control = list(threshold = 1e-12))`.
"""

import numpy as np
import pytest

from datasets.engine.guard.rules import rules_of
from datasets.engine.methods import METHODS, run_local
from tests.engine.methods.cases import close, codes, column, heart, inputs_of, run, variables_of

ASKED = {
    "outcome": "disease",
    "family": "binomial",
    "terms": ["thalach", "age10", "sex"],
    "exposure": "thalach",
    "interaction_with": "sex",
}
SWISS = "Switzerland"
WHY = "disease does not vary at Switzerland where sex is 0"


@pytest.fixture(scope="module")
def table():
    return heart()


@pytest.fixture(scope="module")
def answer(table):
    return run("regression", table, **ASKED)


def of(table, **changed):
    return table | {name: np.where(*change, table[name]) for name, change in changed.items()}


def slopes(answer):
    """Each site's own coefficient of the exposure."""
    return {
        site["site"]: next(
            one["estimate"] for one in site["coefficients"] if one["term"] == "thalach"
        )
        for site in answer.result["by_site"]
    }


def test_it_is_not_in_that_levels_pool(answer):
    women, men = answer.result["answer"]["by"]
    step = answer.result["answer"]["step"]
    assert (women["k"], women["df"], men["k"], men["df"]) == (3, 2, 4, 3)
    close(women["estimate"] / step, -0.0208785686284969)
    close(np.array(women["ci"]) / step, [-0.0592644328707347, 0.0175072956137409])
    close(men["estimate"] / step, -0.0285609460248645)
    close(np.array(men["ci"]) / step, [-0.0585937017539241, 0.00147180970419521])


def test_it_compares_no_levels(answer):
    test = answer.result["answer"]["interaction_test"]
    assert (test["test"], test["k"], test["df_residual"]) == ("Wald F", 3, 2)
    close(test["statistic"], 4.66201510019736)
    close(test["p_value"], 0.163465163094400)


def test_other_sites_keep_their_own_estimates(answer):
    assert column(answer.result["by_site"], "method") == ["ml"] * 4
    found = slopes(answer)
    close(found["VA Long Beach"], 0.0617242169942062)
    close(found["Cleveland"], -0.0215182832466047)
    assert not codes(answer) & {"firth_for_all_sites", "firth_at_sites", "separation"}


def test_the_site_and_the_cause_are_named(answer):
    [there] = [one for one in answer.result["by_site"] if one["site"] == SWISS]
    reasons = {one["term"]: one["reason"] for one in there["coefficients"]}
    assert reasons == dict.fromkeys(["(Intercept)", "thalach", "sex", "thalach:sex"], WHY) | {
        "age10": None
    }
    assert slopes(answer)[SWISS] is None
    [said] = [one["message"] for one in answer.warnings if one["code"] == "no_site_estimate"]
    assert said == (
        "Where sex is 0, disease does not vary at Switzerland, which gives the pool no estimate "
        "there."
    )


@pytest.mark.parametrize("reference", ["w", "m"])
def test_of_a_category_it_is_the_same_whichever_level_is_the_reference(answer, table, reference):
    who = np.where(table["sex"] == 0, "w", "m").astype(object)
    asked = ASKED | {"terms": ["thalach", "age10", "who"], "interaction_with": "who"}
    found = run("regression", table | {"who": who}, **asked, reference={"who": reference})
    levels = {one["level"]: one for one in found.result["answer"]["by"]}
    women, men = answer.result["answer"]["by"]
    close(levels["w"]["ci"], women["ci"])
    close(levels["m"]["ci"], men["ci"])
    assert (levels["w"]["k"], levels["m"]["k"]) == (3, 4)
    close(
        found.result["answer"]["interaction_test"]["p_value"],
        answer.result["answer"]["interaction_test"]["p_value"],
    )


def test_of_several_levels_it_tells_of_the_others(table):
    """At Switzerland and VA Long Beach everybody with pain of the first kind is diseased."""
    asked = ASKED | {"terms": ["thalach", "age10", "pain"], "interaction_with": "pain"}
    found = run("regression", table, **asked, reference={"pain": "4"}).result["answer"]
    levels = {one["level"]: one for one in found["by"]}
    assert {name: one["k"] for name, one in levels.items()} == {"1": 2, "2": 4, "3": 4, "4": 4}
    close(np.array(levels["1"]["estimate"]) / found["step"], 0.0150207813766392)
    close(np.array(levels["3"]["ci"]) / found["step"], [-0.0362781494892732, 0.0044803376488822])
    close(np.array(levels["4"]["ci"]) / found["step"], [-0.0594058703165278, 0.0261536683562481])
    test = found["interaction_test"]
    assert (test["k"], test["df_residual"]) == (4, 7)
    # By rma.mv, as in `test_within`.
    close(test["statistic"], 1.97295037005)
    close(test["p_value"], 0.206701405112)


def test_a_covariate_that_settles_the_outcome_there_is_another_matter(table):
    swiss = table["site"] == SWISS
    other = np.where(swiss, (table["disease"] == 1) & (table["age"] > 50), table["age"] % 3 == 0)
    asked = ASKED | {"terms": ["thalach", "other", "sex"]}
    found = run("regression", table | {"other": other.astype(float)}, **asked)
    assert column(found.result["by_site"], "method") == ["ml", "ml", "firth", "ml"]
    assert column(found.result["answer"]["by"], "k") == [3, 4]


def test_where_no_level_varies_the_site_has_no_model(table):
    swiss = table["site"] == SWISS
    found = run("regression", of(table, disease=(swiss, 1 - table["sex"])), **ASKED)
    assert column(found.result["answer"]["by"], "k") == [3, 3]
    [there] = [one for one in found.result["by_site"] if one["site"] == SWISS]
    assert there["reason"] == "too few rows at levels of sex where disease varies"


@pytest.mark.parametrize("sites", [None, [SWISS]])
def test_where_it_varies_at_no_site_nothing_is_told_of_the_level(table, sites):
    changed = of(table, disease=(table["sex"] == 0, 1.0))
    found = run("regression", changed, inputs_of(changed, sites=sites), **ASKED).result
    women, men = found["answer"]["by"]
    assert women["estimate"] is women["ci"] is None
    assert men["k"] == (1 if sites else 4)
    assert found["answer"]["interaction_test"] is found["answer"]["checked_another_way"] is None
    assert found["answer"]["reason"] == "where sex is 0, disease does not vary"
    method = METHODS["regression"]
    parameters = method.fill(ASKED, variables_of(changed))
    said = method.say(parameters, method.result.from_json(found), {})
    assert str(said.sentence).endswith(": where sex is 0, disease does not vary.")


def test_an_exposure_that_does_not_vary_at_a_level_is_not_in_its_pool(table):
    there = (table["site"] == "Hungary") & (table["sex"] == 0)
    found = run("regression", of(table, thalach=(there, 150.0)), **ASKED)
    assert column(found.result["answer"]["by"], "k") == [2, 4]
    assert column(found.result["by_site"], "method") == ["ml"] * 4
    said = [one["message"] for one in found.warnings if one["code"] == "no_site_estimate"]
    assert any(one.startswith("The rows of Hungary cannot tell thalach, sex and") for one in said)


def test_a_guarded_site_is_withheld_whole_and_nothing_is_said_of_the_level(table):
    inputs = inputs_of(table)
    rules = {k: rules_of("standard", 5) for k, (one, _) in enumerate(inputs) if one.site == SWISS}
    method = METHODS["regression"]
    found = run_local(method, method.fill(ASKED, variables_of(table)), inputs, rules)
    assert [one.site for one in found.result.excluded_sites] == [SWISS]
    assert str(found.result.excluded_sites[0].reason) == "withheld by its rules"
    assert "no_site_estimate" not in {one.code for one in found.warnings}
