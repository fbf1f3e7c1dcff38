"""Whether effects differ by another variable is asked of what sites say within themselves.

Reference numbers are R 4.2.2's: the interactions of `lm` or `glm` at each site with their `vcov`,
pooled by metafor 3.8: one by `rma(test = "knha")`, several by `rma.mv(mods = ~ 0 + level, random =
~ level | site, struct = "CS", rho = 1/2)`, whose covariance is scaled by the generalised Q over its
degrees of freedom (Jackson and Riley 2014).
"""

import numpy as np
import pytest

from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.multivariate import Several, cautious_test, pool_together
from tests.engine.methods.cases import close, codes, column, heart, run

BY_PAIN = {"outcome": "thalach", "terms": ["age", "pain"], "interaction_with": "pain"}
BY_ANGINA = {"outcome": "thalach", "terms": ["age", "exang"], "interaction_with": "exang"}


@pytest.fixture(scope="module")
def table():
    return heart()


def at_hungary(table, kind, other):
    """Whoever had one kind of pain there has another."""
    moved = (table["site"] == "Hungary") & (table["pain"] == kind)
    return table | {"pain": np.where(moved, other, table["pain"])}


def test_one_difference_is_pooled_as_every_effect_is(table):
    answer = run("regression", table, **BY_ANGINA).result["answer"]
    test = answer["interaction_test"]
    assert (test["test"], test["df"], test["df_residual"], test["k"]) == ("Wald F", 1, 3, 4)
    close(test["statistic"], 7.15759356375105)
    close(test["p_value"], 0.0753452143616918)
    [difference] = test["differences"]
    assert difference["level"] == "1"
    assert difference["reference"] == "0"
    assert (difference["k"], difference["df"]) == (4, 3)
    # Of ten years, as the effects of the answer are.
    close(difference["estimate"] / 10, 0.382783725402027)
    close(np.array(difference["ci"]) / 10, [-0.0725512730942191, 0.8381187238982730])
    assert "exp_estimate" not in difference
    assert column(answer["by"], "k") == [4, 4]
    beside = answer["checked_another_way"]
    # anova(lm(thalach ~ age + exang + site), lm(thalach ~ age * exang + site))
    close(beside["p_value"], 0.000653959199246477)
    assert (beside["estimator"], beside["agrees"]) == ("one_stage", False)


def test_where_the_plain_interval_is_wider_the_test_goes_with_it(table):
    asked = {"outcome": "disease", "family": "binomial", "terms": ["age10", "exang", "sex"]}
    elsewhere = table["site"] != "Switzerland"
    three = {name: values[elsewhere] for name, values in table.items()}
    test = run("regression", three, **asked, interaction_with="exang").result["answer"][
        "interaction_test"
    ]
    # Knapp and Hartung's has p = 0.0097.
    assert (test["test"], test["df"], test["k"]) == ("Wald", 1, 3)
    assert "df_residual" not in test
    close(test["statistic"], 1.78429700326263)
    close(test["p_value"], 0.181622563233752)
    [difference] = test["differences"]
    assert "df" not in difference
    close(difference["estimate"], -0.335725688856973)
    close(difference["ci"], [-0.828331001818571, 0.156879624104624])
    close(difference["exp_estimate"], np.exp(-0.335725688856973))
    close(difference["exp_ci"], np.exp([-0.828331001818571, 0.156879624104624]))


@pytest.mark.parametrize("reference", ["1", "4"])
def test_several_differences_are_pooled_together_whichever_level_they_are_to(table, reference):
    asked = BY_PAIN | {"reference": {"pain": reference}}
    test = run("regression", table, **asked).result["answer"]["interaction_test"]
    assert (test["df"], test["df_residual"], test["k"]) == (3, 9, 4)
    close(test["statistic"], 1.01539527394665)
    close(test["p_value"], 0.430198448419162)


def test_each_of_several_differences_has_the_interval_that_goes_with_their_test(table):
    found = run("regression", table, **BY_PAIN).result["answer"]["interaction_test"]["differences"]
    assert column(found, "level") == ["2", "3", "4"]
    assert {one["reference"] for one in found} == {"1"}
    assert [(one["k"], one["df"]) for one in found] == [(4, 9)] * 3
    close(column(found, "estimate"), [4.145341492110, -0.470551592106, 3.762548981959])
    # With the covariance scaled by 1.366445.
    low, high = zip(*column(found, "ci"), strict=True)
    close(low, [-6.37438732605, -10.65928004743, -5.92840972072])
    close(high, [14.66507031027, 9.71817686322, 13.45350768464])


def test_a_site_that_lacks_a_level_tells_of_the_others(table):
    answer = run("regression", at_hungary(table, "4", "3"), **BY_PAIN).result["answer"]
    assert column(answer["by"], "k") == [4, 4, 4, 3]
    test = answer["interaction_test"]
    assert (test["df"], test["df_residual"], test["k"]) == (3, 8, 4)
    close(test["statistic"], 1.22688622194671)
    close(test["p_value"], 0.361515028577742)


def test_a_site_without_the_reference_is_named_and_not_in_it(table):
    answer = run("regression", at_hungary(table, "1", "2"), **BY_PAIN)
    found = answer.result["answer"]
    assert column(found["by"], "k") == [3, 4, 4, 4]
    test = found["interaction_test"]
    assert (test["df_residual"], test["k"]) == (6, 3)
    close(test["p_value"], 0.483597107703539)
    assert "no_site_estimate" in codes(answer)


def test_one_site_alone_that_compares_levels_is_tested_by_itself(table):
    men = table | {"sex": np.where(table["site"] == "Cleveland", table["sex"], 1.0)}
    answer = run(
        "regression", men, outcome="thalach", terms=["age", "sex"], interaction_with="sex"
    ).result["answer"]
    assert (answer["k"], column(answer["by"], "k")) == (4, [1, 4])
    test = answer["interaction_test"]
    assert (test["test"], test["df"], test["k"]) == ("Wald F", 1, 1)
    # summary(lm(thalach ~ age * sex)) at Cleveland
    close(test["p_value"], 0.383944624631157)


def test_levels_that_no_site_compares_are_tested_over_all_rows(table):
    men = table["site"] != "Cleveland"
    answer = run(
        "regression",
        table | {"sex": men.astype(float)},
        outcome="thalach",
        terms=["age", "sex"],
        interaction_with="sex",
    ).result["answer"]
    assert answer["interaction_test"]["test"] == "F"
    assert "k" not in answer["interaction_test"]
    assert answer["checked_another_way"] is None


def test_an_exposure_of_several_levels_is_tested_as_a_whole(table):
    """The likelihood that its τ² maximises was written out in R: no struct of rma.mv has it."""
    people = np.select([table["sex"] == 0, table["age"] < 55], ["women", "young"], "old")
    two = np.isin(table["site"], ["Cleveland", "Hungary"])
    some = {name: values[two] for name, values in (table | {"who": people.astype(object)}).items()}
    for reference in ({}, {"pain": "3", "who": "young"}):
        answer = run(
            "regression",
            some,
            outcome="thalach",
            terms=["pain", "who"],
            interaction_with="who",
            reference=reference,
        ).result["answer"]
        test = answer["interaction_test"]
        assert (len(answer["by"]), test["df"], test["k"]) == (9, 6, 2)
        close(test["statistic"], 6.93276514488706)
        close(test["p_value"], 0.327109857128346)


def test_what_sets_sites_apart_plays_no_part():
    """Two sites of men and two of women, whose slopes differ by 3; within others they do not."""
    rng = np.random.default_rng(5)
    site = np.repeat(["a", "b", "c", "d", "e", "f"], 100).astype(object)
    sex = rng.integers(0, 2, 600).astype(float)
    sex[:200], sex[200:400] = 0.0, 1.0
    x = rng.normal(size=600)
    slope = np.select([site < "c", site < "e"], [0.0, 3.0], 1.0)
    table = {"site": site, "sex": sex, "x": x, "y": slope * x + rng.normal(size=600)}
    answer = run("regression", table, outcome="y", terms=["x", "sex"], interaction_with="sex")
    found = answer.result["answer"]
    assert found["interaction_test"]["k"] == 2
    assert found["interaction_test"]["p_value"] > 0.05
    assert found["checked_another_way"]["p_value"] < 1e-6
    assert found["checked_another_way"]["agrees"] is False


def test_of_one_effect_it_is_the_usual_pool():
    rng = np.random.default_rng(1)
    for _ in range(10):
        k = int(rng.integers(2, 7))
        estimates, errors = rng.normal(size=k), rng.uniform(0.1, 1, size=k)
        usual = meta.pool(estimates, errors)
        together = pool_together(
            [
                Several((0,), np.array([one]), np.array([[error**2]]))
                for one, error in zip(estimates, errors, strict=True)
            ],
            np.ones((1, 1)),
        )
        close(together.tau2, usual.heterogeneity.tau2, 1e-9)
        close(cautious_test(together).p_value, usual.cautious[1], 1e-9)
