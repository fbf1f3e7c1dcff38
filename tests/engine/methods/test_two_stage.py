"""Site fits and their meta-analysis against R."""

from dataclasses import replace

import numpy as np
import pytest

from datasets.engine.methods.shared import meta
from tests.engine.methods.cases import (
    close,
    codes,
    column,
    expected,
    heart,
    inputs_of,
    run,
)

R = expected("heart_four_sites")
TERMS = ["age10", "sex", "exang"]


@pytest.fixture(scope="module")
def answer():
    return run(
        "regression",
        heart(),
        outcome="disease",
        family="binomial",
        terms=TERMS,
        strategy="two_stage",
    )


@pytest.fixture(scope="module")
def of_sex():
    asked = {"outcome": "disease", "family": "binomial", "terms": TERMS, "exposure": "sex"}
    return run("regression", heart(), **asked)


def _entry(answer, term):
    return next(one for one in answer.result["two_stage"] if one["term"] == term)


def test_site_fits(answer):
    assert column(answer.result["by_site"], "site") == list(R["sitewise"])
    for site in answer.result["by_site"]:
        rows = site["coefficients"]
        if site["site"] == "Switzerland":
            # Sex and the intercept, that of women, are infinite there; glm finds the others.
            firth, ml = R["sitewise_firth"]["Switzerland"], R["sitewise"]["Switzerland"]
            reference = {
                name: [one[name][k] for k, one in enumerate((firth, ml, firth, ml))]
                for name in ("coef", "se")
            }
            assert site["method"] == "firth"
            assert [one.get("method") for one in rows] == ["firth", None, "firth", None]
        else:
            reference = R["sitewise"][site["site"]]
            assert site["method"] == "ml"
            close(site["deviance"], reference["deviance"], 1e-10)
        close(column(rows, "estimate"), reference["coef"], 1e-7)
        close(column(rows, "se"), reference["se"], 1e-7)


@pytest.mark.parametrize("term", ["age10", "exang"])
def test_studies_are_maximum_likelihood_where_it_exists(answer, term):
    """Sex separates Switzerland's outcome, which leaves the other terms their maximum."""
    studies, reference = _entry(answer, term)["studies"], R["two_stage"][term]
    close(column(studies, "estimate"), reference["b"], 1e-8)
    close(column(studies, "se"), reference["se"], 1e-7)
    assert column(studies, "method") == ["ml"] * 4
    assert column(studies, "n") == [303, 293, 122, 147]


@pytest.mark.parametrize("exposure", ["age10", "sex"])
def test_a_site_has_one_number_in_the_pool_in_the_answer_and_in_its_own_table(exposure):
    """Where the exposure is infinite at a site all are Firth's, in their own tables as well."""
    asked = {"outcome": "disease", "family": "binomial", "terms": TERMS, "exposure": exposure}
    found = run("regression", heart(), **asked)
    studies = {one["site"]: one for one in _entry(found, exposure)["studies"]}
    answer = {one["site"]: one for one in found.result["answer"]["by"]}
    for site in found.result["by_site"]:
        row = next(one for one in site["coefficients"] if one["term"] == exposure)
        study = studies[site["site"]]
        assert row.get("method", "ml") == study["method"]
        close(
            [row["estimate"], row["se"], *row["ci"]],
            [study[k] for k in ("estimate", "se")] + study["ci"],
        )
        step = found.result["answer"]["step"]
        told = answer[site["site"]]
        close(
            [told["estimate"], *told["ci"]], [one * step for one in (row["estimate"], *row["ci"])]
        )
    firth = [site for site, one in studies.items() if one["method"] == "firth"]
    assert firth == ([] if exposure == "age10" else list(studies))
    assert ("firth_for_all_sites" in codes(found)) is (exposure == "sex")


@pytest.mark.parametrize("term", ["age10", "exang"])
def test_pooled_by_reml_with_knapp_hartung(answer, term):
    entry, reference = _entry(answer, term), R["two_stage"][term]["REML_knha"]
    _same(entry["overall"], entry["heterogeneity"], reference)
    close(entry["overall"]["prediction_interval"], reference["pi_t_kminus1"])
    plain = R["two_stage"][term]["REML"]
    close(entry["overall"]["ci_normal"], [plain["ci_lb"], plain["ci_ub"]])
    close(sum(column(entry["studies"], "weight")), 100, 1e-12)


@pytest.mark.parametrize("term", ["age10", "exang"])
@pytest.mark.parametrize("estimator", ["FE", "DL", "REML", "PM"])
def test_every_estimator_from_the_site_fits(answer, term, estimator):
    studies, reference = _entry(answer, term)["studies"], R["two_stage"][term][estimator]
    pooled = meta.pool(
        column(studies, "estimate"), column(studies, "se"), estimator=estimator, interval="normal"
    )
    _same(pooled.overall.to_json(), pooled.heterogeneity.to_json(), reference)
    if estimator != "FE":
        # Its lower end is near 0, where only the distance counts.
        found = np.array(pooled.overall.prediction_interval)
        np.testing.assert_allclose(found, reference["pi_t_kminus1"], atol=1e-7)


@pytest.mark.parametrize("estimator", ["FE", "DL", "REML"])
def test_a_separated_exposure_is_pooled_from_firth_at_every_site(of_sex, estimator):
    entry, reference = _entry(of_sex, "sex"), R["two_stage_firth_sex"][estimator]
    studies = entry["studies"]
    assert column(studies, "method") == ["firth"] * 4
    for study in studies:
        known = R["sitewise_firth"][study["site"]]
        close([study["estimate"], study["se"]], [known["coef"][2], known["se"][2]], 1e-8)
    pooled = meta.pool(
        column(studies, "estimate"), column(studies, "se"), estimator=estimator, interval="normal"
    )
    close(pooled.overall.estimate, reference["estimate"])
    close(pooled.overall.ci, [reference["ci_lb"], reference["ci_ub"]])
    close(pooled.heterogeneity.q, reference["Q"])
    assert "firth_for_all_sites" in codes(of_sex)


def test_a_separated_covariate_is_pooled_from_the_sites_own_tables(answer):
    """Its pool had Firth's at every site, where each site's own table had the ordinary estimate."""
    entry = _entry(answer, "sex")
    assert column(entry["studies"], "method") == ["ml", "ml", "firth", "ml"]
    for study, site in zip(entry["studies"], answer.result["by_site"], strict=True):
        row = next(one for one in site["coefficients"] if one["term"] == "sex")
        assert (study["estimate"], study["se"]) == (row["estimate"], row["se"])
        close(study["ci"], row["ci"], 1e-12)
    reference = R["two_stage_own"]["sex"]["REML_knha"]
    close(entry["overall"]["estimate"], reference["estimate"])
    close(entry["overall"]["ci"], [reference["ci_lb"], reference["ci_ub"]])


def _same(overall, heterogeneity, reference):
    close(overall["estimate"], reference["estimate"])
    close(overall["se"], reference["se"])
    close(overall["p_value"], reference["p"])
    close(overall["ci"], [reference["ci_lb"], reference["ci_ub"]])
    close(heterogeneity["tau2"], reference["tau2"])
    close(heterogeneity["i2"], reference["I2"])
    close(heterogeneity["h2"], reference["H2"])
    close(heterogeneity["q"], reference["Q"])
    close(heterogeneity["q_p_value"], reference["Q_p"])


def test_regions_and_sensitivity(answer):
    entry = _entry(answer, "exang")
    assert [(r["region"], r["k"]) for r in entry["regions"]] == [
        ("Northern America", 2),
        ("Eastern Europe", 1),
        ("Western Europe", 1),
    ]
    assert entry["between_regions"] is None, "one region has two sites"
    assert column(entry["leave_one_out"], "label") == column(entry["studies"], "label")
    assert entry["egger"] is None, "four studies show no asymmetry"
    assert entry["regions"][0]["overall"] is None, "two sites are not pooled by t(1)"
    eastern = entry["regions"][1]["overall"]
    close(eastern["estimate"], entry["studies"][1]["estimate"], 1e-12)


def test_a_region_that_points_the_other_way_is_named():
    terms = ["oldpeak", "age10", "sex", "exang", "cp4"]
    asked = {"outcome": "disease", "family": "binomial", "terms": terms}
    found = run("regression", heart(), **asked)
    notes = [one for one in found.warnings if one["code"] == "sign_difference"]
    assert len(notes) == 1
    assert "In Western Europe the estimate for oldpeak" in notes[0]["message"]
    assert "a note, not a reversal" in notes[0]["message"]


@pytest.mark.parametrize("regions", [1, 2])
def test_where_all_sites_are_of_one_region_the_site_that_contradicts_is_named(regions):
    """Three steps: a note, the test of Gail and Simon, and what nothing has shown again yet."""
    x = np.tile(np.arange(20.0), 3)
    slope = np.repeat([2.0, 2.0, -2.0], 20)
    table = {
        "site": np.repeat(["Ulm", "Linz", "Bern"], 20).astype(object),
        "x": x,
        "y": slope * x + np.tile([1.5, -1.5, -1.5, 1.5], 15),
    }
    inputs = inputs_of(table)
    if regions == 2:
        info, rows = inputs[2]
        inputs[2] = (replace(info, region="Southern Europe"), rows)
    found = run("regression", table, inputs, outcome="y", terms=["x"])
    [said] = [one["message"] for one in found.warnings if one["code"] == "sign_reversal"]
    assert said.startswith("At Bern the" if regions == 1 else "In Southern Europe the")
    assert said.endswith("Until other data show it too, it is not replicated.")


def test_sites_that_contradict_each_other_within_every_region_are_named():
    """Pooled, both regions point where all sites do, and nothing was said."""
    x = np.tile(np.arange(20.0), 6)
    slope = np.repeat([2.0, 2.0, -1.0] * 2, 20)
    table = {
        "site": np.repeat(["Ulm", "Linz", "Bern", "Rom", "Bari", "Como"], 20).astype(object),
        "x": x,
        "y": slope * x + np.tile([1.5, -1.5, -1.5, 1.5], 30),
    }
    inputs = inputs_of(table)
    for place in range(3, 6):
        info, rows = inputs[place]
        inputs[place] = (replace(info, region="Southern Europe"), rows)
    found = run("regression", table, inputs, outcome="y", terms=["x"])
    assert _entry(found, "x")["gail_simon"]["p_value"] < 0.05
    [said] = [one["message"] for one in found.warnings if one["code"] == "sign_reversal"]
    assert said.startswith("At Bern and Como the effect of x points the other way")


def test_a_site_that_says_little_is_not_named_beside_one_that_contradicts():
    x = np.tile(np.arange(20.0), 5)
    slope = np.repeat([2.0, 2.0, 2.0, -2.0, -0.2], 20)
    noise = np.tile([1.5, -1.5, -1.5, 1.5], 25) * np.repeat([1, 1, 1, 1, 12], 20)
    sites = np.repeat(["Ulm", "Linz", "Graz", "Bern", "Wien"], 20).astype(object)
    found = run(
        "regression", {"site": sites, "x": x, "y": slope * x + noise}, outcome="y", terms=["x"]
    )
    entry = _entry(found, "x")
    wien = entry["studies"][4]
    assert wien["estimate"] < 0 < entry["overall"]["estimate"] < wien["ci"][1]
    assert wien["weight"] > 5
    [said] = [one["message"] for one in found.warnings if one["code"] == "sign_reversal"]
    assert said.startswith("At Bern the effect of x points the other way")


@pytest.mark.parametrize(("carol", "named"), [(3.0, "Bern"), (-3.0, "Bern and Carol")])
def test_the_sites_that_contradict_are_named_not_a_region_that_does_not(carol, named):
    """Named was the region of a site that hardly tells, or one of two sites, which has no estimate
    of its own."""
    x = np.tile(np.arange(20.0), 7)
    slope = np.repeat([3.0, 3.0, 3.0, 3.0, -3.0, carol, -1.0], 20)
    noise = np.tile([1.5, -1.5, -1.5, 1.5], 35) * np.repeat([1, 1, 1, 1, 1, 1, 25], 20)
    names = ["Ulm", "Linz", "Graz", "Rom", "Bern", "Carol", "Kobe"]
    table = {"site": np.repeat(names, 20).astype(object), "x": x, "y": slope * x + noise}
    inputs = inputs_of(table)
    regions = ["Western Europe"] * 4 + ["Southern Europe"] * 2 + ["Eastern Asia"]
    inputs = [
        (replace(info, region=region), rows)
        for (info, rows), region in zip(inputs, regions, strict=True)
    ]
    found = run("regression", table, inputs, outcome="y", terms=["x"])
    entry = _entry(found, "x")
    kobe = entry["regions"][2]
    assert kobe["weight"] > 5
    assert kobe["overall"]["estimate"] < 0 < entry["overall"]["estimate"]
    assert kobe["overall"]["ci_normal"][1] > entry["overall"]["estimate"]
    assert entry["regions"][1]["overall"] is None
    [said] = [one["message"] for one in found.warnings if one["code"] == "sign_reversal"]
    assert said.startswith(f"At {named} the effect of x points the other way")


def test_beside_an_interaction_a_sign_is_told_with_its_level():
    asked = {"outcome": "trestbps", "terms": ["oldpeak", "sex"], "interaction_with": "sex"}
    found = run("regression", heart(), **asked, exposure="oldpeak")
    said = [one["message"] for one in found.warnings if one["code"] == "sign_difference"]
    assert "the estimate for oldpeak where sex is 0 points the other way" in said[0]
    assert all("for oldpeak points" not in one for one in said)


def test_a_region_whose_interval_holds_what_all_say_contradicts_nobody():
    asked = {"outcome": "oldpeak", "terms": ["sex", "age"], "exposure": "sex"}
    found = run("regression", heart(), **asked)
    entry = _entry(found, "sex")
    western = next(one for one in entry["regions"] if one["region"] == "Western Europe")
    (low, high), whole = western["overall"]["ci_normal"], entry["overall"]["estimate"]
    assert western["overall"]["estimate"] * whole < 0
    assert low < whole < high
    assert "sign_difference" not in codes(found)


def test_nothing_is_said_of_the_sign_in_a_region_that_hardly_counts():
    asked = {"outcome": "disease", "family": "binomial", "terms": TERMS, "exposure": "sex"}
    found = run("regression", heart(), **asked)
    sex = next(one for one in found.result["two_stage"] if one["term"] == "sex")
    western = next(one for one in sex["regions"] if one["region"] == "Western Europe")
    assert western["weight"] < 5
    assert western["overall"]["estimate"] * sex["overall"]["estimate"] < 0
    assert "sign_difference" not in codes(found)
    assert "little_weight" in codes(found)


def test_nothing_is_said_of_one_of_many_sites_though_it_is_beyond_chance():
    x = np.tile(np.arange(12.0), 25)
    slope = np.repeat([2.0] * 24 + [-2.0], 12)
    names = np.array([f"Site {k:02}" for k in range(25)], dtype=object)
    noise = np.tile([1.5, -1.5, -1.5, 1.5], 75)
    table = {"site": np.repeat(names, 12), "x": x, "y": slope * x + noise}
    inputs = inputs_of(table)
    info, rows = inputs[24]
    inputs[24] = (replace(info, region="Southern Europe"), rows)
    found = run("regression", table, inputs, outcome="y", terms=["x"])
    entry = _entry(found, "x")
    assert entry["regions"][1]["weight"] < 5
    assert entry["gail_simon"]["p_value"] < 0.05
    assert not {"sign_reversal", "sign_difference"} & codes(found)


def test_a_narrow_knapp_hartung_interval_is_never_silent():
    # Every site has the same slope, so they agree better than chance would have it.
    table = heart()
    sign = np.ones(920)
    sign[np.lexsort((table["age"], table["site"]))[::2]] = -1
    table["thalach"] = 200 - table["age"] + 20 * sign
    found = run("regression", table, outcome="thalach", terms=["age"])
    overall = found.result["two_stage"][0]["overall"]
    narrow = overall["ci"][1] - overall["ci"][0]
    assert narrow < overall["ci_normal"][1] - overall["ci_normal"][0]
    message = next(one["message"] for one in found.warnings if one["code"] == "narrow_interval")
    assert "For age the Hartung–Knapp interval is narrower" in message


def test_one_site_alone_has_no_second_stage():
    table = heart()
    found = run(
        "regression",
        table,
        inputs_of(table, sites=["Hungary"]),
        outcome="disease",
        family="binomial",
        terms=TERMS,
    )
    assert found.result["by_site"] == []
    assert column(found.result["two_stage"], "overall") == [None] * 3
    reference = R["sitewise"]["Hungary"]
    close(column(found.result["coefficients"], "estimate"), reference["coef"], 1e-8)


def test_two_datasets_of_one_site_are_one_study():
    table = heart()
    cleveland = inputs_of(table, sites=["Cleveland"])[0]
    hungary = inputs_of(table, sites=["Hungary"])[0]
    twice = [(cleveland[0], cleveland[1][:1]), (cleveland[0], cleveland[1][1:]), hungary]
    inputs = [
        (type(info)(k, info.site, info.country, info.region), rows)
        for k, (info, rows) in enumerate(twice)
    ]
    found = run("regression", table, inputs, outcome="disease", family="binomial", terms=TERMS)
    assert column(_entry(found, "age10")["studies"], "label") == ["Cleveland", "Hungary"]
    once = run(
        "regression", table, [cleveland, hungary], outcome="disease", family="binomial", terms=TERMS
    )
    close(
        column(found.result["coefficients"], "estimate"),
        column(once.result["coefficients"], "estimate"),
        1e-9,
    )
    for name in ("estimate", "se", "n"):
        studies = (column(_entry(one, "age10")["studies"], name) for one in (found, once))
        close(*studies, 1e-9)


def test_regions_are_compared_where_two_of_them_have_several_sites():
    """R: `rma` over the sites of either region (lm(thalach ~ age) at each), and Q between both."""
    table = heart()
    inputs = [
        (
            replace(
                info, region="Europe" if info.site in ("Hungary", "Switzerland") else "America"
            ),
            b,
        )
        for info, b in inputs_of(table)
    ]
    result = run("regression", table, inputs, outcome="thalach", terms=["age"]).result
    between = result["two_stage"][0]["between_regions"]
    close(between["q"], 0.95766836928812)
    close(between["p_value"], 0.32777503041138)
    assert between["df"] == 1
