"""A category's levels are tested by what their effects are pooled of.

Reference numbers are R 4.2.2's: the levels' coefficients of `lm` or `glm` at each site with their
`vcov`, pooled by metafor 3.8's `rma.mv(mods = ~ 0 + level, random = ~ level | site, struct = "CS",
rho = 1/2)`, whose covariance is scaled by the generalised Q over its degrees of freedom.
"""

import numpy as np
import pytest

from datasets.engine.methods import METHODS
from datasets.engine.rows.frame import VariableInfo
from tests.engine.methods.cases import close, column, heart, run, shown, variables_of

CHOLESTEROL = {"outcome": "chol", "terms": ["pain", "age"]}
DISEASE = {"outcome": "disease", "family": "binomial", "terms": ["pain", "age"]}


@pytest.fixture(scope="module")
def table():
    """The three sites that have all of it, without separation."""
    whole = heart()
    there = whole["site"] != "Switzerland"
    return {name: values[there] for name, values in whole.items()}


BY_SEX = {
    "outcome": "thalach",
    "terms": ["pain", "age10", "sex"],
    "interaction_with": "sex",
    "reference": {"pain": "4"},
}


def said_of(table, found, **asked):
    method = METHODS["regression"]
    filled = method.fill(asked, variables_of(table))
    return method.say(filled, method.result.from_json(found.result), {})


@pytest.mark.parametrize(
    ("asked", "f", "p_value"),
    [
        (CHOLESTEROL, 4.02528585342615, 0.0692713353283272),
        (DISEASE, 19.4667266321301, 0.00170604637253332),
    ],
)
def test_all_levels_are_tested_as_their_effects_are_pooled(table, asked, f, p_value):
    """It was the test of one model over all rows: p = 0.018 of cholesterol."""
    for reference in ({}, {"pain": "4"}):
        answer = run("regression", table, **asked, reference=reference).result["answer"]
        test = answer["overall_test"]
        assert (test["test"], test["df"], test["df_residual"], test["k"]) == ("Wald F", 3, 6, 3)
        close(test["statistic"], f, 1e-6)
        close(test["p_value"], p_value, 1e-6)
        assert answer["p_value"] == test["p_value"]


def test_what_two_sites_cannot_tell_is_not_the_finding(table):
    """A level's odds ratio of 5.34 (0.0011 to > 1,000) stood in bold."""
    two = {name: values[table["site"] != "Hungary"] for name, values in table.items()}
    found = run("regression", two, **DISEASE)
    said = said_of(two, found, **DISEASE)
    assert [one["df"] for one in found.result["answer"]["by"]] == [1, 1, 1]
    assert said.emphasis is None
    assert (
        "Too few sites to tell of pain 2, pain 3 and pain 4: each interval rests on two sites, and "
        "Student’s t with 1 degree of freedom is what makes it this wide. All levels together: "
    ) in said.sentence
    whole = said_of(table, run("regression", table, **DISEASE), **DISEASE)
    assert whole.emphasis is not None
    assert "Too few" not in whole.sentence


def test_one_model_over_all_rows_stands_beside_and_may_say_otherwise(table):
    found = run("regression", table, **CHOLESTEROL)
    beside = found.result["answer"]["checked_another_way"]
    # anova(lm(chol ~ age + site), lm(chol ~ age + site + pain))
    close(beside["p_value"], 0.0183714268305188)
    assert (beside["estimator"], beside["agrees"]) == ("one_stage", False)
    said = said_of(table, found, **CHOLESTEROL)
    assert (
        "All levels together: p = 0.069 (F with 3 and 6 degrees of freedom). One model over all "
        "rows says otherwise (p = 0.018): whether they matter is uncertain."
    ) in said.sentence
    assert {one.label: one.value for one in said.numbers}["All levels together, p"] == "0.069"


def test_a_level_that_no_site_compares_has_no_effect_of_another_model(table):
    """Whoever has one kind of pain is at Hungary, which lacks the reference."""
    hungary = table["site"] == "Hungary"
    pain = np.where(hungary, "9", np.where(table["pain"] == "1", "2", table["pain"]))
    pain[np.flatnonzero(hungary)[::2]] = "8"
    apart = table | {"pain": pain.astype(object)}
    answer = run("regression", apart, **CHOLESTEROL).result["answer"]
    told = {one["level"]: (one["estimate"] is not None, one.get("k")) for one in answer["by"]}
    assert told == {
        "3": (True, 2),
        "4": (True, 2),
        "8": (False, None),
        "9": (False, None),
    }
    assert (answer["overall_test"]["df"], answer["overall_test"]["k"]) == (2, 2)


def test_without_a_test_of_the_sites_own_none_stands_in_for_it(table, monkeypatch):
    monkeypatch.setattr("datasets.engine.methods.regression.answer.tested_within", lambda *_: None)
    found = run("regression", table, **CHOLESTEROL)
    answer = found.result["answer"]
    assert (answer["overall_test"], answer["p_value"]) == (None, None)
    assert column(answer["by"], "k") == [3, 3, 3]
    sentence = said_of(table, found, **CHOLESTEROL).sentence
    assert "What the sites say of the levels allows no test of all of them together." in sentence
    assert " p = " not in sentence, "what one model over all rows has is no answer"


def test_where_a_site_is_withheld_so_is_what_the_sites_say_together():
    whole = heart()
    few = np.flatnonzero(whole["site"] == "Switzerland")[8:]
    table = {name: np.delete(values, few) for name, values in whole.items()}
    asked = {"outcome": "thalach", "terms": ["pain", "age"], "site_effects": False}
    result = run("regression", table, **asked).result
    assert result["answer"]["overall_test"]["k"] == 4
    seen, _ = shown("regression", result, asked, 10)
    answer = seen["answer"]
    assert (answer["overall_test"], answer["p_value"], answer["by"]) == (None, None, [])
    assert answer["checked_another_way"] is None


def test_of_one_site_the_test_is_that_of_its_model(table):
    there = table["site"] == "Cleveland"
    alone = {name: values[there] for name, values in table.items()}
    answer = run("regression", alone, **CHOLESTEROL).result["answer"]
    assert answer["overall_test"]["test"] == "F"
    assert answer["checked_another_way"] is None


def test_by_site_each_level_is_told_at_each_site(table):
    """There was no answer, and every site was said to be unable to give one."""
    asked = CHOLESTEROL | {"interaction_with": "site"}
    found = run("regression", table, **asked)
    answer = found.result["answer"]
    assert (answer["k"], answer["estimate"], answer["reason"]) == (3, None, None)
    assert len({(one["site"], one["level"]) for one in answer["by"]}) == len(answer["by"]) == 9
    at_hungary = {one["level"]: one for one in answer["by"] if one["site"] == "Hungary"}
    # lm(chol ~ pain + age) at Hungary
    close(
        [at_hungary[level]["estimate"] for level in "234"],
        [12.6664532182673, 0.284477760361269, 30.0162561774545],
    )
    test = answer["interaction_test"]
    # The QE of that rma.mv, which is Cochran's Q of all levels
    assert (test["test"], test["df"]) == ("Q", 6)
    close(test["statistic"], 4.55401544529381, 1e-8)
    close(test["p_value"], 0.602144972058026, 1e-8)
    beside = answer["checked_another_way"]
    # anova(lm(chol ~ age + pain + site), lm(chol ~ age + pain * site))
    close(beside["p_value"], 0.572152573447897)
    assert beside["agrees"] is True
    assert said_of(table, found, **asked).sentence.startswith(
        "For pain compared with pain 1, chol differed by 0.28 for pain 3 at Hungary to 30.02 for "
        "pain 4 at Hungary. Chance alone may make them as different as this (p = 0.60). Found "
        "across 3 sites in 2 regions. "
    )
    sites = next(one for one in found.result["diagnostics"] if one["name"] == "sites")
    assert (sites["value"], sites["outcome"]) == (3, "pass")


def test_by_site_a_site_that_lacks_a_level_tells_of_the_others(table):
    lacking = (table["site"] == "Hungary") & (table["pain"] == "3")
    pain = np.where(lacking, "4", table["pain"]).astype(object)
    found = run("regression", table | {"pain": pain}, **CHOLESTEROL, interaction_with="site")
    answer = found.result["answer"]
    assert ("Hungary", "3") not in {(one["site"], one["level"]) for one in answer["by"]}
    assert (len(answer["by"]), answer["interaction_test"]["df"]) == (8, 5)


def test_beside_another_variable_sites_that_test_it_can_answer(table):
    """The check said that no site could."""
    asked = {"outcome": "thalach", "terms": ["pain", "exang"], "interaction_with": "exang"}
    found = run("regression", table, **asked)
    assert found.result["answer"]["interaction_test"]["k"] == 2
    assert found.result["answer"]["k"] == 3, "some level's effect is of all sites"
    sites = next(one for one in found.result["diagnostics"] if one["name"] == "sites")
    assert (sites["value"], sites["outcome"]) == (3, "pass")
    told = {one.label: one.value for one in said_of(table, found, **asked).numbers}
    assert told["Sites"] == "3 in 2 regions"


def test_by_another_variable_each_level_has_its_effect_at_each_of_that_ones():
    """R: differences of cells' means, lm(thalach ~ 0 + pain:sex + age10) at each site that has both
    cells; rma(test = "knha"), or the plain interval where that is wider."""
    table = heart()
    found = run("regression", table, **BY_SEX)
    answer = found.result["answer"]
    assert [(one["level"], one["at"], one["k"], one.get("df")) for one in answer["by"]] == [
        *(("1", "0", 3, None), ("1", "1", 4, 3)),
        *(("2", "0", 3, 2), ("2", "1", 4, 3)),
        *(("3", "0", 3, 2), ("3", "1", 4, 3)),
    ]
    close(
        column(answer["by"], "estimate"),
        [
            *(9.54337356512024, 17.5065823954488),
            *(15.2861726657244, 16.0012294508902),
            *(7.4487231564562, 10.6770671163515),
        ],
    )
    close(
        column(answer["by"], "ci"),
        [
            *([-3.98829655545827, 23.0750436856987], [8.40222778589967, 26.610936995008]),
            *([2.42658400110893, 28.1457613303398], [10.0862764374791, 21.9161824643013]),
            *([-6.38312584878824, 21.2805721617006], [-2.76642028554206, 24.120554518245]),
        ],
    )
    assert (answer["estimator"], answer["reason"]) == ("REML", None)
    said = said_of(table, found, **BY_SEX).sentence
    assert (
        "For pain compared with pain 4, thalach differed by 7.45 for pain 3 (sex 0) to 17.51 for "
        "pain 1 (sex 1). Chance alone may make them as different as this (p = 0.11). Within sites, "
        "the difference minus that for sex 0: 10.95 (95% CI -4.84 to 26.74) for pain 1 (sex 1), "
        "1.36 (95% CI -7.28 to 10.00) for pain 2 (sex 1) and 9.21 (95% CI 0.62 to 17.79) for pain "
        "3 (sex 1). Not every site tells of every level: each compares those it has."
    ) in said
    differences = answer["interaction_test"]["differences"]
    assert [(one["level"], one["at"], one["reference"]) for one in differences] == [
        ("1", "1", "0"),
        ("2", "1", "0"),
        ("3", "1", "0"),
    ]
    # The restricted likelihood written out in R, as rma.mv(struct = "CS", rho = 1/2) has it.
    close(column(differences, "estimate"), [10.950189761910, 1.358102334218, 9.206970173721])
    low, high = zip(*column(differences, "ci"), strict=True)
    close(low, [-4.8441411389118, -7.2824072444298, 0.6238699667858])
    close(high, [26.744520662731, 9.998611912866, 17.790070380656])


def test_by_a_number_each_level_has_its_effect_about_a_deviation_either_side_of_its_mean():
    asked = BY_SEX | {"terms": ["pain", "age"], "interaction_with": "age"}
    found = run("regression", heart(), **asked).result
    answer = found["answer"]
    assert column(answer["by"], "at") == column(answer["by"], "at")[:3] * 3
    assert column(answer["by"], "level") == [level for level in "123" for _ in range(3)]
    assert all(one["ci"] is not None for one in answer["by"])
    told = sorted(answer["by"], key=lambda one: one["estimate"])[0]["at"]
    age = {"age": VariableInfo("age", "number", label="Age in years", unit="a")}
    filled = METHODS["regression"].fill(asked, variables_of(heart()))
    said = METHODS["regression"].say(filled, METHODS["regression"].result.from_json(found), age)
    assert f"(age {told} years)" in said.sentence, "only the number stood there"
    assert "the difference minus that for age" in said.sentence
