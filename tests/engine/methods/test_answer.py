"""One estimand per answer: R's numbers, whatever the order of inputs.

Reference numbers are R 4.2.2's, `glm` per site and metafor 3.8's `rma(b, sei = se, test = "knha")`
over the sites, both iterated to 1e-14, from tests/data/cases/heart_four_sites/data.csv.
"""

import numpy as np
import pytest

from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.regression.sentence import word
from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.signs import gail_simon
from datasets.engine.rows.frame import InputInfo, VariableInfo
from tests.engine.methods.cases import (
    blocks_of,
    close,
    codes,
    column,
    heart,
    inputs_of,
    run,
    variables_of,
)

TERMS = ["oldpeak", "age10", "sex", "exang"]
ST_DEPRESSION = {"outcome": "disease", "family": "binomial", "terms": TERMS}
# glm(disease ~ oldpeak + I(age/10) + sex + exang, binomial) at each site, of the men alone at
# Switzerland, all of whose women are diseased; pooled.
POOLED, POOLED_CI = 0.6302265099697051, (-0.0421520948087430, 1.3026051147481532)
PREDICTION, P_VALUE = (-0.557124511928944, 1.817577531868354), 0.0584596310258457

# Coefficients of sites are differences to the first, and other tables have a row for each site.
IN_ANY_ORDER = ("answer", "diagnostics", "deviance", "aic", "term_tests", "interaction_tests")


def answer_of(inputs=None, table=None, **asked):
    table = heart() if table is None else table
    return run("regression", table, inputs, **asked).result["answer"]


def test_the_sites_own_estimates_are_pooled_and_one_model_stands_beside():
    answer = answer_of(**ST_DEPRESSION, exposure="oldpeak")
    close(answer["estimate"], POOLED)
    close(answer["ci"], POOLED_CI)
    close(answer["prediction_interval"], PREDICTION)
    close(answer["p_value"], P_VALUE)
    assert (answer["estimator"], answer["k"], answer["scale"]) == ("REML", 4, "ratio")
    assert (answer["n"], answer["n_excluded"]) == (857, 63)
    # glm(disease ~ oldpeak + I(age/10) + sex + exang + site, binomial), confint.default
    beside = answer["checked_another_way"]
    close(beside["estimate"], 0.719097364409)
    close(beside["ci"], [0.515764603016, 0.922430127111], 1e-5)
    assert beside["agrees"] is False, "one excludes no difference, the other does not"


def test_nothing_in_it_depends_on_the_order_of_inputs():
    table = heart()
    sites = ["Cleveland", "Hungary", "Switzerland", "VA Long Beach"]
    orders = [sites, sites[::-1], [*sites[2:], *sites[:2]]]
    for asked in (
        ST_DEPRESSION,
        ST_DEPRESSION | {"interaction_with": "site"},
        {"outcome": "thalach", "terms": ["age", "exang"], "interaction_with": "exang"},
        {"outcome": "disease", "family": "binomial", "terms": ["pain", "age"]},
    ):
        results = [
            run("regression", table, inputs_of(table, sites=order), **asked).result
            for order in orders
        ]
        first = numbers_in([results[0][part] for part in IN_ANY_ORDER])
        assert first.size > 20
        for other in results[1:]:
            found = numbers_in([other[part] for part in IN_ANY_ORDER])
            np.testing.assert_allclose(found, first, rtol=1e-9, atol=1e-12)


def test_sites_of_equal_effects_stand_in_one_order():
    """Rounding makes them equal where their rows are not: their intervals differ."""
    table = heart()
    there = table["site"] == "Hungary"
    twice = {name: np.append(values, values[there]) for name, values in table.items()}
    twice["site"][len(there) :] = "Aarau"
    sites = ["Hungary", "Cleveland", "Aarau"]
    for order in (sites, sites[::-1]):
        by = answer_of(inputs_of(twice, sites=order), twice, **ST_DEPRESSION)["by"]
        equal = [one["site"] for one in by if one["site"] != "Cleveland"]
        assert equal == ["Aarau", "Hungary"]


def numbers_in(value):
    """Every number of an answer, in its order."""
    if isinstance(value, dict):
        parts = [numbers_in(item) for item in value.values()]
    elif isinstance(value, list):
        parts = [numbers_in(item) for item in value]
    else:
        known = isinstance(value, int | float) and not isinstance(value, bool)
        return np.array([value] if known else [], dtype=float)
    return np.concatenate(parts) if parts else np.array([])


def test_an_interaction_with_site_is_answered_by_site_and_by_two_tests():
    answer = answer_of(**ST_DEPRESSION, interaction_with="site")
    assert {one["site"] for one in answer["by"]} == {
        "Cleveland",
        "Hungary",
        "Switzerland",
        "VA Long Beach",
    }
    close(answer["interaction_test"]["statistic"], 7.5408123243967555)
    close(answer["interaction_test"]["p_value"], 0.0565190297608634)
    # anova(without, with oldpeak:site, test = "LRT")
    close(answer["checked_another_way"]["p_value"], 0.0271476645518)
    assert answer["checked_another_way"]["agrees"] is False
    close(answer["estimate"], POOLED)


def test_slopes_that_differ_have_no_pooled_headline():
    """Slopes of +2, -2, -2 and -2 were told as 2.04 more, or 1.98 less in another order."""
    rng = np.random.default_rng(7)
    table, inputs = four_sites(rng, slopes=(2, -2, -2, -2))
    asked = {"outcome": "y", "terms": ["x"], "interaction_with": "site"}
    answer = answer_of(inputs, table, **asked)
    slopes = sorted(round(one["estimate"]) for one in answer["by"])
    assert slopes == [-2, -2, -2, 2]
    assert answer["interaction_test"]["p_value"] < 1e-6
    filled = METHODS["regression"].fill(asked, variables_of(table))
    result = METHODS["regression"].result.from_json(
        run("regression", table, inputs, **asked).result
    )
    said = METHODS["regression"].say(filled, result, {})
    # Nothing is pooled: each effect is one site's own.
    assert said.headline.startswith("Per unit of x, y differed by -2.")
    assert "Found across 4 sites." in said.further
    assert "They differ more than chance would make them" in said.sentence


def four_sites(rng, slopes, n=80):
    inputs, parts = [], []
    for k, slope in enumerate(slopes):
        x = rng.normal(size=n)
        part = {"x": x, "y": slope * x + rng.normal(size=n), "z": rng.normal(size=n)}
        for name, text in (("site", f"s{k}"), ("country", "AUT"), ("region", "Western Europe")):
            part[name] = np.full(n, text, dtype=object)
        inputs.append((InputInfo(k, f"s{k}", "AUT", "Western Europe"), blocks_of(part, 50)))
        parts.append(part)
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return table, inputs


def test_the_interval_is_never_narrower_than_the_plain_one():
    rng = np.random.default_rng(3)
    for _ in range(20):
        table, inputs = four_sites(rng, slopes=(1, 1, 1, 1), n=30)
        found = run("regression", table, inputs, outcome="y", terms=["x", "z"]).result
        low, high = found["answer"]["ci"]
        plain = found["two_stage"][0]["overall"]["ci_normal"]
        assert high - low >= (plain[1] - plain[0]) * (1 - 1e-12)


def test_of_two_sites_it_is_said_why_the_interval_is_wider():
    rng = np.random.default_rng(3)
    table, inputs = four_sites(rng, slopes=(1, 2))
    found = run("regression", table, inputs, outcome="y", terms=["x", "z"], exposure="x")
    answer = found.result["answer"]
    assert (answer["k"], answer["df"]) == (2, 1)
    message = next(one["message"] for one in found.warnings if one["code"] == "two_sites")
    assert message.endswith("how far sites differ, which makes the interval wider.")
    table |= {"w": np.array(["a", "b"], dtype=object)[rng.integers(0, 2, 160)]}
    asked = {"outcome": "y", "terms": ["x", "w"], "interaction_with": "w"}
    found = run("regression", table, **asked)
    assert column(found.result["answer"]["by"], "df") == [1, 1]
    message = next(one["message"] for one in found.warnings if one["code"] == "two_sites")
    assert message.endswith("which makes intervals over two sites wider.")
    table, inputs = four_sites(rng, slopes=(1, 2, 3))
    found = run("regression", table, inputs, outcome="y", terms=["x", "z"], exposure="x")
    assert found.result["answer"]["df"] == 2
    assert "two_sites" not in codes(found)


def test_a_category_names_its_reference_and_gives_the_test_of_all_levels():
    asked = {"outcome": "disease", "family": "binomial", "terms": ["pain", "age"]}
    answer = answer_of(**asked, reference={"pain": "4"})
    assert answer["reference"] == "4"
    assert [one["level"] for one in answer["by"]] == ["1", "2", "3"]
    assert answer["estimate"] is None
    assert answer["overall_test"]["df"] == 3
    usual = answer_of(**asked)
    assert usual["reference"] == "1"
    close(usual["overall_test"]["p_value"], answer["overall_test"]["p_value"], 1e-6)
    with pytest.raises(ParameterError, match="in no complete row"):
        answer_of(**asked, reference={"pain": "9"})


def test_a_number_is_told_in_steps_that_can_be_read():
    for name, step in (("age", 10.0), ("chol", 10.0), ("oldpeak", 1.0), ("sex", 1.0)):
        found = run("regression", heart(), outcome="thalach", terms=[name]).result
        assert found["answer"]["step"] == step, name
        close(found["answer"]["estimate"], found["two_stage"][0]["overall"]["estimate"] * step)


def test_what_varies_between_sites_alone_is_answered_by_the_one_model():
    asked = {"outcome": "thalach", "terms": ["region", "age"], "site_effects": False}
    answer = answer_of(**asked, exposure="age")
    assert answer["estimator"] == "REML"
    answer = answer_of(**asked, exposure="region")
    assert [one["level"] for one in answer["by"]] == ["Northern America", "Western Europe"]
    assert answer["estimator"] == "OLS"


def test_the_words_it_carries_name_what_is_compared():
    infos = {
        "oldpeak": VariableInfo("oldpeak", "number", "ST depression", unit="mm"),
        "disease": VariableInfo("disease", "boolean", "Coronary disease"),
    }
    method, table = METHODS["regression"], heart()
    filled = method.fill(ST_DEPRESSION, variables_of(table))
    result = method.result.from_json(run("regression", table, **ST_DEPRESSION).result)
    answer = word(filled, result, infos).answer
    assert (answer.contrast, answer.unit) == ("per mm", "mm")
    assert answer.text == (
        "Per mm of ST depression the odds of coronary disease were 1.88 times as high; anything "
        "from 0.96 to 3.68 fits these data, and so does no difference. Pooled over 4 sites in 3 "
        "regions. Adjusted for age10, sex, exang and site."
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"exposure": "thalach"}, "exposure"),
        ({"exposure": 3}, "exposure"),
        ({"reference": {"oldpeak": "1"}}, "reference"),
        ({"reference": ["pain"]}, "reference"),
        ({"interaction_with": "oldpeak"}, "interaction_with"),
        ({"interaction_with": "thalach"}, "interaction_with"),
        ({"interaction_with": "site", "site_effects": False}, "interaction_with"),
    ],
)
def test_a_question_that_does_not_fit_is_refused_by_field(wrong, field):
    with pytest.raises(ParameterError) as refused:
        METHODS["regression"].fill(ST_DEPRESSION | wrong, variables_of(heart()))
    assert set(refused.value.errors) == {field}


def test_signs_differ_in_steps():
    """Critical values published by Gail and Simon (1985) for p = 0.05, the last one R's
    `sum(dbinom(1:3, 3, 0.5) * pchisq(5.43, 1:3, lower.tail = FALSE))`."""
    for k, critical, p_value in ((2, 2.71, 0.0498605), (3, 4.23, 0.0500160), (4, 5.43, 0.0501102)):
        z = np.array([-np.sqrt(critical), *[9.0] * (k - 1)])
        found = gail_simon(z, np.ones(k))
        close(found.statistic, critical, 1e-12)
        close(found.p_value, p_value, 1e-5)
    found = run("regression", heart(), **ST_DEPRESSION)
    entry = found.result["two_stage"][0]
    close(entry["gail_simon"]["statistic"], 0.00369520910476361, 1e-5)
    close(entry["gail_simon"]["p_value"], 0.85612327706670432)
    assert "sign_reversal" not in codes(found)


def test_no_funnel_of_few_studies():
    assert meta.egger([0.1] * 9, np.linspace(0.1, 0.5, 9)) is None
    rng = np.random.default_rng(1)
    assert meta.egger(rng.normal(size=10), np.linspace(0.1, 0.5, 10)) is not None


def test_an_exposure_that_follows_from_a_covariate_has_no_answer():
    """It was answered by the model over all rows without the covariate, checked by itself."""
    asked = {"outcome": "disease", "family": "binomial", "terms": ["age", "age10", "sex"]}
    found = run("regression", heart(), **asked, exposure="age")
    answer = found.result["answer"]
    assert (answer["estimate"], answer["ci"], answer["p_value"]) == (None, None, None)
    assert (answer["k"], answer["by"], answer["checked_another_way"]) == (0, [], None)
    assert answer["reason"] == "the rows cannot tell age and age10 apart: take one of them out"
    sites = next(one for one in found.result["diagnostics"] if one["name"] == "sites")
    assert (sites["value"], sites["outcome"], len(sites["failing"])) == (0, "fail", 4)
    filled = METHODS["regression"].fill(asked, variables_of(heart()))
    result = METHODS["regression"].result.from_json(found.result)
    said = METHODS["regression"].say(filled, result, {})
    assert said.sentence == (
        "There is no answer to what age has to do with disease: the rows cannot tell age and "
        "age10 apart: take one of them out."
    )
    assert {one.label: one.value for one in said.numbers}["Sites"] == "0 of 4"
    other = answer_of(**asked, exposure="sex")
    assert other["k"] == 4, "nothing is the matter with another exposure"


@pytest.mark.parametrize("modifier", ["site", "exang"])
def test_nor_has_it_beside_an_interaction(modifier):
    asked = {"outcome": "disease", "family": "binomial", "terms": ["age", "age10", "exang"]}
    answer = answer_of(**asked, exposure="age", interaction_with=modifier)
    assert answer["estimate"] is None
    assert all(one["estimate"] is None for one in answer["by"])
    assert "the rows cannot tell age and age10" in answer["reason"]


def test_a_site_without_an_estimate_is_named_before_the_answer():
    table = heart()
    age = np.where(table["site"] == "Hungary", 50.0, table["age"])
    asked = {"outcome": "thalach", "terms": ["age", "sex"]}
    found = run("regression", table | {"age": age}, **asked)
    assert "not_in_pool" in codes(found)
    filled = METHODS["regression"].fill(asked, variables_of(table))
    said = METHODS["regression"].say(
        filled, METHODS["regression"].result.from_json(found.result), {}
    )
    assert said.first == ("Hungary has no estimate of its own and is not in this pool.",)
    assert said.sentence.startswith(f"{said.first[0]} {said.headline}")
    assert "Pooled over 3 of 4 sites in 2 regions." in said.further
    numbers = {one.label: one.value for one in said.numbers}
    assert numbers["Sites"] == "3 of 4 in 2 regions"
    sites = next(one for one in found.result["diagnostics"] if one["name"] == "sites")
    assert (sites["value"], sites["outcome"]) == (3, "pass_with_rows_failing")
    assert sites["failing"] == ["Hungary"]


def test_every_level_of_a_category_is_told_with_its_interval():
    """It was a range without an interval, and its p that of another model, unsaid."""
    asked = {"outcome": "disease", "family": "binomial", "terms": ["pain", "age"]}
    found = run("regression", heart(), **asked, reference={"pain": "4"})
    method = METHODS["regression"]
    filled = method.fill(asked | {"reference": {"pain": "4"}}, variables_of(heart()))
    said = method.say(filled, method.result.from_json(found.result), {})
    numbers = {one.label: one.value for one in said.numbers}
    for one in found.result["answer"]["by"]:
        low, high = np.exp(one["ci"])
        told = numbers[f"pain {one['level']}"]
        value, ends = told.split(" (95% CI ")
        close(float(value), np.exp(one["estimate"]), 0.05)
        close([float(end) for end in ends.rstrip(")").split(" to ")], [low, high], 0.05)
    in_order = sorted(found.result["answer"]["by"], key=lambda one: one["estimate"])
    names = [f"pain {one['level']}" for one in in_order]
    low, *_, high = (f"{numbers[name]} for {name}" for name in names)
    # The headline has no other numbers than the box, and not all of three levels.
    assert said.headline.endswith(f" ranged from {low} to {high}.")
    assert "All levels together: p < 0.001 (F with 3 and 9 degrees" in said.sentence


def test_site_is_none_of_the_other_variables():
    terms = ["oldpeak", "age", "sex", "exang", "thalach", "trestbps", "cp4", "pain"]
    asked = {"outcome": "disease", "family": "binomial", "terms": terms}
    result = METHODS["regression"].result.from_json(run("regression", heart(), **asked).result)
    filled = METHODS["regression"].fill(asked, variables_of(heart()))
    said = METHODS["regression"].say(filled, result, {}).sentence
    assert said.endswith("Adjusted for 7 other variables and for site.")
