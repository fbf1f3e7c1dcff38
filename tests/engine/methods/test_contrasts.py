"""A site's coefficient is pooled only if it compares there what it compares elsewhere."""

import numpy as np
import pytest

from tests.engine.methods.cases import close, column, expected, heart, run

CASES = expected("regression_contrasts")
MODEL = {"outcome": "thalach", "terms": ["pain", "age"]}


@pytest.fixture(scope="module")
def table():
    return heart()


@pytest.fixture(scope="module")
def without_reference(table):
    """Hungary has nobody with the first kind of pain."""
    moved = (table["site"] == "Hungary") & (table["pain"] == "1")
    return table | {"pain": np.where(moved, "2", table["pain"])}


def _same(rows, reference):
    for ours, theirs in (("estimate", "coef"), ("se", "se")):
        given = [value is not None for value in reference[theirs]]
        assert [row[ours] is not None for row in rows] == given
        close(
            [row[ours] for row in rows if row[ours] is not None],
            [value for value in reference[theirs] if value is not None],
            1e-8,
        )


@pytest.mark.parametrize("number", range(len(CASES)))
def test_pool_and_sites_agree_with_r(number):
    case = CASES[number]
    table = {
        name: np.array(values, dtype=object if isinstance(values[0], str) else float)
        for name, values in case["data"].items()
    }
    answer = run(
        "regression",
        table,
        outcome="y",
        family=case["family"],
        terms=case["terms"],
        interactions=case["interactions"],
        # Coefficients come in R's order, but for the interaction that is asked about.
        exposure=next((first for first, _ in case["interactions"]), case["terms"][0]),
    )
    _same(answer.result["coefficients"], case["pooled"])
    for site in answer.result["by_site"]:
        _same(site["coefficients"], case["sites"][site["site"]])
        for row in site["coefficients"]:
            assert (row["estimate"] is None) == bool(row["reason"])
    intercept = 1
    for k, entry in enumerate(answer.result["two_stage"], start=intercept):
        estimable = [name for name, site in case["sites"].items() if site["coef"][k] is not None]
        assert column(entry["studies"], "site") == estimable


def test_a_site_without_the_reference_level_is_left_out_and_named(without_reference):
    answer = run("regression", without_reference, **MODEL)
    hungary = answer.result["by_site"][1]["coefficients"]
    why = "Hungary has no row with the reference level 1 of pain"
    assert column(hungary, "reason") == [why] * 4 + [None]
    for entry in answer.result["two_stage"]:
        sites = column(entry["studies"], "site")
        assert ("Hungary" in sites) == (entry["term"] == "age")
    message = next(one["message"] for one in answer.warnings if one["code"] == "no_site_estimate")
    assert message.startswith("Hungary has no row with the reference level 1 of pain")
    assert message.endswith(": pain[2], pain[3] and pain[4].")


def test_the_pool_is_that_of_the_other_sites(without_reference):
    # R: rma(yi, sei) of lm(thalach ~ factor(cp) + age) at the three other sites
    answer = run("regression", without_reference, **MODEL)
    known = [2.08343597414293, -3.56351319383353, -14.2793301244584]
    for entry, estimate in zip(answer.result["two_stage"][:3], known, strict=True):
        assert entry["k"] == 3
        close(entry["overall"]["estimate"], estimate, 1e-8)


def test_a_level_nobody_has_at_a_site_leaves_the_others_as_they_are(table):
    moved = (table["site"] == "Hungary") & (table["pain"] == "4")
    answer = run("regression", table | {"pain": np.where(moved, "3", table["pain"])}, **MODEL)
    reasons = column(answer.result["by_site"][1]["coefficients"], "reason")
    assert reasons == [None, None, None, "does not vary at Hungary", None]


def test_a_term_constant_beside_its_interaction(table):
    men = table | {"sex": np.where(table["site"] == "Hungary", 1.0, table["sex"])}
    answer = run(
        "regression", men, outcome="thalach", terms=["age", "sex"], interactions=[["age", "sex"]]
    )
    hungary = answer.result["by_site"][1]["coefficients"]
    # With sex always 1 the slope of age is that of men there, and of women elsewhere.
    assert column(hungary, "estimate") == [None] * 4
    assert hungary[1]["reason"] == "sex does not vary at Hungary"
    assert hungary[2]["reason"] == "does not vary at Hungary"
    age = next(one for one in answer.result["two_stage"] if one["term"] == "age")
    assert "Hungary" not in column(age["studies"], "site")


def test_terms_that_a_site_cannot_tell_apart(table):
    half = np.where(table["site"] == "Hungary", table["age"] / 2 + 1, table["trestbps"])
    answer = run(
        "regression", table | {"half": half}, outcome="thalach", terms=["age", "half", "sex"]
    )
    hungary = answer.result["by_site"][1]["coefficients"]
    assert hungary[1]["reason"] == "cannot be told apart from half at Hungary"
    assert hungary[2]["reason"] == "cannot be told apart from age at Hungary"
    assert hungary[3]["estimate"] is not None
    message = next(one["message"] for one in answer.warnings if one["code"] == "no_site_estimate")
    assert message == (
        "The rows of Hungary cannot tell age and half apart, so it gives the pool no estimate of "
        "age."
    )


def test_sites_that_lack_the_same_are_named_together(table):
    """A page had one sentence for each of them, which named one of the two things alone."""
    answer = run(
        "regression", table | {"half": table["age"] / 2}, outcome="thalach", terms=["age", "half"]
    )
    said = [one["message"] for one in answer.warnings if one["code"] == "no_site_estimate"]
    assert said == [
        "The rows of Cleveland, Hungary, Switzerland and VA Long Beach cannot tell age and half "
        "apart, so they give the pool no estimates of age."
    ]


def test_a_level_follows_from_another_term_beside_a_level_nobody_has(table):
    """What kept the one away was said to be that nobody has the other."""
    there = table["site"] == "Hungary"
    pain = np.where(there & np.isin(table["pain"], ["2", "3"]), "4", table["pain"])
    typical = np.where(there, pain == "4", table["sex"]).astype(float)
    answer = run(
        "regression",
        table | {"pain": pain, "typical": typical},
        outcome="thalach",
        terms=["pain", "typical"],
    )
    reasons = column(answer.result["by_site"][1]["coefficients"], "reason")
    assert reasons[1:4] == [
        "does not vary at Hungary",
        "does not vary at Hungary",
        "cannot be told apart from typical at Hungary",
    ]


def test_a_term_that_follows_from_another_with_its_interaction_kept(table):
    # lm(thalach ~ age + months + sex + site + months:sex), months = 12 * age + 3
    months = table | {"months": 12 * table["age"] + 3}
    answer = run(
        "regression",
        months,
        outcome="thalach",
        terms=["age", "months", "sex"],
        interactions=[["months", "sex"]],
    )
    rows = answer.result["coefficients"]
    assert rows[2]["estimate"] is None
    assert "combination" in rows[2]["reason"]
    given = [row for row in rows if row["estimate"] is not None]
    close(
        column(given, "estimate"),
        [
            207.16857106142705902,
            -0.99128419619571706,
            -3.39318085235041877,
            -16.93533971905070601,
            -25.99104012118581153,
            -20.27749871270273729,
            -0.00292337177654151,
        ],
        1e-9,
    )
    close(
        column(given, "se"),
        [
            9.2880356853017005,
            0.1702518150117443,
            10.2151055184625559,
            1.8832812964681671,
            2.3836855291717356,
            2.3315780326217910,
            0.0159494932606469,
        ],
        1e-9,
    )


def test_a_separated_site_without_the_reference_level(without_reference):
    certain = (without_reference["site"] == "Hungary") & (without_reference["exang"] == 1)
    table = without_reference | {"disease": np.where(certain, 1.0, without_reference["disease"])}
    answer = run(
        "regression", table, outcome="disease", family="binomial", terms=["pain", "exang", "age"]
    )
    hungary = answer.result["by_site"][1]
    assert hungary["method"] == "firth"
    assert column(hungary["separation"], "term") == ["exang"]
    assert column(hungary["coefficients"], "estimate")[:4] == [None] * 4
    assert hungary["coefficients"][4]["estimate"] > 0
    assert hungary["coefficients"][5]["estimate"] is not None


def test_a_level_that_a_site_has_is_answered_by_it_though_its_coefficients_are_not_known(table):
    """At Hungary only men: their slope is known there, that of women is not.

    R: rma(b, sei) of lm(thalach ~ age * sex) at each site, lm(thalach ~ age) at Hungary, knha.
    """
    men = table | {"sex": np.where(table["site"] == "Hungary", 1.0, table["sex"])}
    answer = run(
        "regression", men, outcome="thalach", terms=["age", "sex"], interaction_with="sex"
    ).result["answer"]
    women, all_men = answer["by"]
    close(women["estimate"], -8.397895557287, 1e-9)
    close(women["ci"], [-17.7017719732, 0.9059808586249], 1e-7)
    close(all_men["estimate"], -9.916096230674, 1e-9)
    close(all_men["ci"], [-15.85673703376, -3.975455427589], 1e-7)
    assert answer["k"] == 4


def test_levels_beside_a_missing_reference_are_answered_by_that_site_too(without_reference):
    """R: the slope of lm(thalach ~ age * cp) at each site, each level in turn its reference."""
    answer = run(
        "regression",
        without_reference,
        outcome="thalach",
        terms=["age", "pain"],
        interaction_with="pain",
    ).result["answer"]
    assert column(answer["by"], "level") == ["1", "2", "3", "4"]
    close(
        column(answer["by"], "estimate"),
        [-8.096881610139, -10.58669166617, -11.8385075808, -7.626244594669],
        1e-9,
    )
    close(answer["by"][3]["ci"], [-14.91666980379, -0.335819385546], 1e-7)
