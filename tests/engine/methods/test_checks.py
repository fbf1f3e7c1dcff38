"""What is checked before a regression is believed, and what its answer says first.

Condition numbers are R 4.2.2's `kappa(scale(model.matrix(~ …)[, -1]), exact = TRUE)`, over complete
rows of tests/data/cases/heart_four_sites/data.csv.
"""

import numpy as np
import pytest

from datasets.engine.methods import METHODS
from datasets.engine.methods.regression.reservations import carried
from datasets.engine.rows.frame import InputInfo
from tests.engine.methods.cases import (
    blocks_of,
    close,
    codes,
    heart,
    inputs_of,
    run,
    shown,
    variables_of,
)

LOGISTIC = {"outcome": "disease", "family": "binomial"}
ST_DEPRESSION = LOGISTIC | {"terms": ["oldpeak", "age", "sex", "exang"]}


@pytest.fixture(scope="module")
def table():
    return heart()


def checks_in(result):
    return {one["name"]: one for one in result["diagnostics"]}


def said_of(table, asked, found):
    method = METHODS["regression"]
    filled = method.fill(asked, variables_of(table))
    return method.say(filled, method.result.from_json(found), {}).sentence


def test_the_four_hearts_pass_but_for_the_few_without_disease_in_switzerland(table):
    found = run("regression", table, **ST_DEPRESSION).result
    checks = checks_in(found)
    assert found["shown"] is True
    assert checks["sites"] == {"name": "sites", "value": 4, "threshold": 2, "outcome": "pass"}
    close(checks["rows_used"]["value"], 857 / 920)
    # Eight of 117 without disease, for four coefficients beside the intercept.
    assert checks["events_per_parameter"] == {
        "name": "events_per_parameter",
        "value": 2,
        "threshold": 5,
        "outcome": "pass_with_rows_failing",
        "failing": ["Switzerland"],
    }
    # ~ oldpeak + age + sex + exang + site
    close(checks["condition_number"]["value"], 2.314548736125, 1e-9)
    assert checks["heterogeneity"]["outcome"] == "not_applicable", "I² is 65 %, Q has p = 0.057"
    assert checks["residual_df"]["value"] == 112
    assert {one["outcome"] for one in checks.values()} == {
        *("pass", "pass_with_rows_failing", "not_applicable")
    }


def test_terms_that_nearly_follow_from_one_another_are_named(table):
    # twin <- age + 0.2 * sin(seq_len(n)) of the complete rows; ~ age + twin + sex + site
    twin = np.full(len(table["age"]), np.nan)
    used = np.isfinite(table["oldpeak"]) & np.isfinite(table["exang"])
    twin[used] = table["age"][used] + 0.2 * np.sin(1 + np.arange(used.sum()))
    asked = LOGISTIC | {"terms": ["age", "twin", "sex"]}
    found = run("regression", table | {"twin": twin}, **asked)
    check = checks_in(found.result)["condition_number"]
    close(check["value"], 147.8704484753, 1e-7)
    assert (check["outcome"], check["threshold"]) == ("fail", 30)
    assert len(check["failing"]) == 4
    [said] = [one for one in found.warnings if one["code"] == "ill_conditioned"]
    assert said["about"] == "age", "the exposure is among them"
    assert said["message"].startswith("The rows hardly tell age and twin apart (condition number")
    other = run("regression", table | {"twin": twin}, **asked, exposure="sex")
    [said] = [one for one in other.warnings if one["code"] == "ill_conditioned"]
    assert said["about"] == "age", "it is no caution of the exposure"


def test_at_one_site_coefficients_are_counted_without_the_intercept_too(table):
    cleveland = table["site"] == "Cleveland"
    alone = {name: values[cleveland] for name, values in table.items()}
    found = run("regression", alone, **LOGISTIC, terms=["age10", "sex", "exang"])
    events = checks_in(found.result)["events_per_parameter"]
    assert (events["value"], events["outcome"]) == (pytest.approx(139 / 3), "pass")


def test_an_age_and_its_square_are_no_cause_for_alarm(table):
    # ~ age + I(age^2) + sex at each site; the worst is Hungary
    squared = table | {"square": table["age"] ** 2}
    asked = LOGISTIC | {"terms": ["age", "square", "sex"]}
    used = np.isfinite(table["oldpeak"]) & np.isfinite(table["exang"])
    squared["square"][~used] = np.nan
    found = run("regression", squared, **asked)
    assert checks_in(found.result)["condition_number"]["outcome"] == "pass"
    close(checks_in(found.result)["condition_number"]["value"], 19.9889411675, 1e-7)
    assert "ill_conditioned" not in codes(found)


def test_an_answer_over_few_of_the_rows_says_so_before_anything_else(table):
    asked = LOGISTIC | {"terms": ["oldpeak", "ca"]}
    found = run("regression", table, **asked)
    checks = checks_in(found.result)
    assert found.result["shown"] is False
    assert checks["rows_used"]["outcome"] == "fail"
    assert checks["rows_used"]["failing"] == ["Hungary", "Switzerland", "VA Long Beach"]
    backwards = run("regression", table, inputs_of(table)[::-1], **asked)
    assert {name: one.get("failing") for name, one in checks_in(backwards.result).items()} == {
        name: one.get("failing") for name, one in checks.items()
    }, "in whatever order they were asked"
    assert checks["largest_weight"]["outcome"] == "fail"
    assert {"rows_lost", "little_weight"} <= codes(found)
    assert "sign_difference" not in codes(found), "Western Europe hardly counts"
    said = said_of(table, asked, found.result)
    assert said.startswith(
        "66% of all rows lack a value and are left out. VA Long Beach has no estimate of its own "
        "and is not in this pool. This says little of Hungary (Eastern Europe) and Switzerland "
        "(Western Europe), which bring under 5% of the weight each. Per "
    )
    assert "4.29). Pooled over 3 of 4 sites in 3 regions. Adjusted for ca and site." in said


def test_of_two_sites_none_is_said_to_have_too_much_weight(table):
    """Of two one always has half of it or more: 60% for one was a check that fails."""
    asked = {"outcome": "thalach", "terms": ["age"]}
    sites = inputs_of(table, sites=["Cleveland", "Switzerland"])
    check = checks_in(run("regression", table, sites, **asked).result)["largest_weight"]
    assert check["value"] > 60
    assert (check["outcome"], check["threshold"]) == ("not_applicable", 60)


def test_a_region_is_told_of_only_where_it_says_more_than_its_site(table):
    """“This says little of Switzerland. Western Europe carries 3.9%” said the same twice."""
    swiss = np.flatnonzero(table["site"] == "Switzerland")
    fewer = {name: np.delete(values, swiss[20:]) for name, values in table.items()}
    asked = {"outcome": "thalach", "terms": ["age"]}

    def said(there):
        found = run("regression", there, **asked).warnings
        return [one["message"] for one in found if one["code"] == "little_weight"]

    assert said(fewer) == [
        "This says little of Switzerland (Western Europe), which brings under 5% of the weight."
    ]
    fewer["site"] = fewer["site"].copy()
    fewer["site"][swiss[:10]] = "Graz"
    assert said(fewer) == [
        "This says little of Graz and Switzerland, which bring under 5% of the weight each. "
        "Western Europe carries 1.1% of this answer."
    ]


@pytest.mark.parametrize(("weight", "share"), [(4.8, "4.8%"), (4.98, "4.9%"), (2.0, "2.0%")])
def test_a_share_under_five_percent_is_not_told_as_five(weight, share):
    """Nothing that is told for being under 5% reads as 5%."""
    assert carried("Western Europe", weight) == f"Western Europe carries {share} of this answer."


def test_a_site_that_lost_over_a_third_of_its_rows_is_named_first(table):
    age = table["age"].copy()
    hungary = np.flatnonzero(table["site"] == "Hungary")
    age[hungary[::2]] = np.nan
    found = run("regression", table | {"age": age}, **ST_DEPRESSION)
    check = checks_in(found.result)["rows_used"]
    assert (check["outcome"], check["failing"]) == ("pass_with_rows_failing", ["Hungary"])
    assert found.result["shown"] is True
    said = said_of(table, ST_DEPRESSION, found.result)
    assert said.startswith("Many rows lack a value and are left out: 50% at Hungary. Per ")


def test_one_site_is_not_taken_for_those_that_were_asked(table):
    ca = np.where(table["site"] == "Cleveland", table["ca"], np.nan)
    asked = LOGISTIC | {"terms": ["ca", "age"]}
    found = run("regression", table | {"ca": ca}, **asked)
    check = checks_in(found.result)["sites"]
    assert (check["value"], check["outcome"], len(check["failing"])) == (1, "fail", 3)
    assert found.result["shown"] is False
    said = said_of(table, asked, found.result)
    assert said.startswith("Of 4 sites that were asked only Cleveland can answer. ")
    alone = {name: column[table["site"] == "Cleveland"] for name, column in table.items()}
    found = run("regression", alone, **asked)
    assert checks_in(found.result)["sites"]["outcome"] == "not_applicable"
    assert found.result["shown"] is True


def test_the_site_that_answers_for_a_category_is_named_and_no_other(table):
    """Where every site wrote its own codes, an estimate of Hungary's was told as Cleveland's."""
    codes = [f"{place[:1]}{sex:g}" for place, sex in zip(table["site"], table["sex"], strict=True)]
    own = table | {"own": np.array(codes, dtype=object)}
    asked = {"outcome": "thalach", "terms": ["own", "age"], "reference": {"own": "H0"}}
    found = run("regression", own, **asked)
    said = said_of(own, asked, found.result)
    assert said.startswith("Of 4 sites that were asked only Hungary can answer. For own ")
    assert "Found at Hungary alone. Adjusted for age and site." in said


def test_levels_that_are_each_of_another_site_name_none_as_the_only_one(table):
    men = table["site"] != "Cleveland"
    both = np.isin(table["site"], ["Cleveland", "Hungary"])
    two = {name: values[both] for name, values in (table | {"sex": men.astype(float)}).items()}
    asked = {"outcome": "thalach", "terms": ["age", "sex"], "interaction_with": "sex"}
    found = run("regression", two, **asked)
    assert found.result["answer"]["k"] == 1
    assert "Found across 2 sites in 2 regions. " in said_of(two, asked, found.result)


def test_separation_of_the_exposure_is_counted_by_site(table):
    there = (table["site"] == "Hungary") & (table["disease"] == 0)
    table = table | {"exang": np.where(there, 0.0, table["exang"])}
    found = run("regression", table, **ST_DEPRESSION | {"exposure": "exang"}).result
    check = checks_in(found)["separation"]
    assert (check["value"], check["outcome"]) == (1, "pass_with_rows_failing")
    assert check["failing"] == ["Hungary"]
    of_age = run("regression", table, **ST_DEPRESSION | {"exposure": "age"}).result
    assert checks_in(of_age)["separation"]["outcome"] == "pass"
    linear = run("regression", table, outcome="thalach", terms=["age"]).result
    assert checks_in(linear)["separation"]["outcome"] == "not_applicable"
    assert checks_in(linear)["events_per_parameter"]["outcome"] == "not_applicable"


@pytest.mark.parametrize(("people", "first"), [(8, True), (16, True), (17, False)])
def test_too_few_people_for_the_terms_are_said_first(people, first):
    """Six terms and an intercept: ten people more than these are asked for."""
    rng = np.random.default_rng(7)
    terms = [f"x{k}" for k in range(6)]
    table = {name: rng.normal(size=people) for name in [*terms, "y"]}
    table["site"] = np.full(people, "s0", dtype=object)
    asked = {"outcome": "y", "terms": terms}
    found = run("regression", table, **asked)
    said = said_of(table, asked, found.result)
    start = "There are too few people for so many terms: fewer than 10 more than coefficients. "
    assert said.startswith(start) is first
    assert ("few_people" in codes(found)) is first
    assert found.result["shown"] is not first


def test_too_few_of_the_rarer_outcome_are_said_first_and_nothing_is_bold(table):
    rare = table["disease"].copy()
    ill = np.flatnonzero(rare == 1)
    for site in dict.fromkeys(table["site"]):
        rare[ill[table["site"][ill] == site][12:]] = 0.0
    asked = ST_DEPRESSION | {"outcome": "rare"}
    found = run("regression", table | {"rare": rare}, **asked)
    assert checks_in(found.result)["events_per_parameter"]["outcome"] == "fail"
    method = METHODS["regression"]
    filled = method.fill(asked, variables_of(table | {"rare": rare}))
    said = method.say(filled, method.result.from_json(found.result), {})
    assert said.sentence.startswith(
        "Too few people have the rarer outcome for so many terms: fewer than 5 for each "
        "coefficient. "
    )
    assert said.emphasis is None
    assert "few_events" in codes(found)


def six_slopes():
    """Six sites with slopes from −2 to 3, as one table and as the inputs it comes from."""
    rng = np.random.default_rng(5)
    slopes = [-2, -1, 0, 1, 2, 3]
    parts, inputs = [], []
    for k, slope in enumerate(slopes):
        x = rng.normal(size=60)
        part = {"x": x, "y": slope * x + rng.normal(size=60)}
        for name, text in (("site", f"s{k}"), ("country", "AUT"), ("region", "Western Europe")):
            part[name] = np.full(60, text, dtype=object)
        inputs.append((InputInfo(k, f"s{k}", "AUT", "Western Europe"), blocks_of(part, 60)))
        parts.append(part)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, inputs


def test_heterogeneity_fails_where_enough_sites_tell():
    whole, inputs = six_slopes()
    check = checks_in(run("regression", whole, inputs, outcome="y", terms=["x"]).result)
    assert check["heterogeneity"]["outcome"] == "fail"
    assert check["heterogeneity"]["value"] > 90


def test_that_sites_differ_is_no_failure_where_just_that_was_asked():
    whole, inputs = six_slopes()
    asked = {"interactions": [["x", "site"]], "interaction_with": "site"}
    result = run("regression", whole, inputs, outcome="y", terms=["x"], **asked).result
    assert result["answer"]["interaction_test"]["p_value"] < 0.001
    check = checks_in(result)["heterogeneity"]
    assert (check["outcome"], check["value"]) == ("not_applicable", None)


def test_checks_tell_nobody_without_row_rights_of_a_site_that_is_withheld(table):
    few = np.flatnonzero(table["site"] == "Switzerland")[8:]
    kept = np.setdiff1d(np.arange(len(table["site"])), few)
    table = {name: column[kept] for name, column in table.items()}
    asked = LOGISTIC | {"terms": ["age", "sex"], "site_effects": False}
    result = run("regression", table, **asked).result
    seen, _ = shown("regression", result, asked, 10)
    for one in seen["diagnostics"]:
        assert one["value"] is None, one
        assert "failing" not in one
    whole = run("regression", heart(), **ST_DEPRESSION).result
    seen, _ = shown("regression", whole, ST_DEPRESSION, 5)
    assert checks_in(whole)["events_per_parameter"]["value"] == 2
    assert checks_in(seen)["events_per_parameter"]["value"] is None


def test_a_comparison_of_sites_with_each_other_is_hidden_and_said_to_be_one():
    """It was “pooled over 4 sites, adjusted for site”, p < 0.001: of four means lm has p = 0.17,
    and where sites differ by chance alone 59 % of such answers were beyond it."""
    age = np.tile(np.arange(40.0, 80.0), 4)
    level = np.repeat([0.0, 3.0, -2.0, 1.0], 40)
    table = {
        "site": np.repeat(["Ulm", "Linz", "Graz", "Bern"], 40).astype(object),
        "policy": np.repeat([0.0, 1.0, 0.0, 1.0], 40),
        "age": age,
        "y": level + 0.02 * age + np.tile([2.0, -2.0, -2.0, 2.0], 40),
    }
    asked = {"outcome": "y", "terms": ["policy", "age"], "site_effects": False}
    found = run("regression", table, **asked, exposure="policy")
    assert found.result["answer"]["p_value"] < 0.001
    sites = checks_in(found.result)["sites"]
    assert (sites["value"], sites["outcome"], found.result["shown"]) == (0, "fail", False)
    assert "between_sites" in codes(found)
    said = said_of(table, asked | {"exposure": "policy"}, found.result)
    assert said.startswith("No site tells of this by itself: it compares sites with each other")
    assert said.endswith("Found by one model over all rows of 4 sites. Adjusted for age.")
    found = run("regression", table, **asked, exposure="age")
    assert found.result["shown"]
    assert "Pooled over 4 sites. Adjusted for policy and site." in said_of(
        table, asked | {"exposure": "age"}, found.result
    )


def test_where_no_site_tells_the_one_model_is_said_to_be_one():
    table = {
        "site": np.repeat(["Ulm", "Linz", "Graz"], 20).astype(object),
        "rare": np.tile([1.0] + [0.0] * 19, 3),
        "y": np.tile([4.0, 1.0, -1.0, 2.0, -2.0], 12) + np.repeat([0.0, 1.0, 2.0], 20),
    }
    asked = {"outcome": "y", "terms": ["rare"], "standard_errors": "hc3"}
    found = run("regression", table, **asked, exposure="rare")
    assert "one_model" in codes(found)
    assert found.result["shown"]
    said = said_of(table, asked | {"exposure": "rare"}, found.result)
    assert "Found by one model over all rows of 3 sites. Adjusted for site." in said
    assert "Pooled" not in said


def test_a_withheld_interaction_is_refused_in_words_with_a_next_step(table):
    few = np.flatnonzero(table["site"] == "Switzerland")[8:]
    kept = np.setdiff1d(np.arange(len(table["site"])), few)
    table = {name: column[kept] for name, column in table.items()}
    asked = {
        "outcome": "thalach",
        "terms": ["age", "sex"],
        "interactions": [["age", "sex"]],
        "interaction_with": "sex",
        "site_effects": False,
    }
    result = run("regression", table, **asked).result
    seen, _ = shown("regression", result, asked | {"exposure": "age"}, 10)
    assert said_of(table, asked, seen) == (
        "What age has to do with thalach may not be shown: a site is too small to be shown, and "
        "what the others have would give its own away; leave that site out, or ask for one effect "
        "without an interaction."
    )
