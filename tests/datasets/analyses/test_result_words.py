"""What a regression's page says of its tests, and of estimates that differ from one another."""

import re

import pytest
from django.template.loader import render_to_string

from datasets.analyses.methods.coefficients import conditional
from datasets.analyses.methods.regression import another_way, is_by_level
from datasets.analyses.methods.regression import tests_of as rows_of
from datasets.analyses.methods.several import why_plain
from datasets.analyses.methods.variables import ShownVariable
from datasets.analyses.ready import Readiness, SiteReady
from datasets.engine.rows.frame import VariableInfo
from datasets.models import Column
from portal.web.figures.forest import Forest, Group, Row
from tests.datasets.analyses.test_result_page import (
    AGES,
    answered,
    rerun,
    shifted,
    study,
    text_of,
)
from tests.factories import DatasetFactory, StudySiteFactory, table_version
from tests.factories.analyses import AnalysisFactory, AnalysisInputFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

ONE_SITES = "The test of difference is one site’s own: no other compares levels within itself."
POOLED = "The test of difference pools how the effects differ within each site"
WHOLE = "The test of difference is that of one model over all rows"
APART = "No two sites have the same two levels, so the test (χ²) cannot allow"
ALIKE = "The sites are more alike than chance makes them."


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"k": 1}, {ONE_SITES}),
        ({"k": 1, "df_residual": 40}, {ONE_SITES}),
        ({"k": 2, "differences": [{"k": 1}, {"k": 1}, {}]}, {POOLED, APART}),
        ({"k": 2, "differences": [{"k": 2}, {"k": 1}]}, {POOLED, ALIKE}),
        ({"k": 2, "df_residual": 3}, {POOLED}),
        ({"p_value": 0.2}, {WHOLE}),
        (None, set()),
    ],
)
def test_the_test_of_levels_is_called_what_it_is(test, said):
    """One site's own was said to be pooled; of sites with some levels each nothing was said."""
    shown = {
        "forest": Forest("Odds ratio", [Group("", [Row("women", 0.1, 0.0, 0.2)])]),
        "heading": "Age: effect by sex",
        "by_level": True,
        "plain": why_plain(test),
        "result": {"answer": {"interaction_test": test}},
        "entry": {"k": 2},
    }
    html = text_of(render_to_string("datasets/analyses/effects.html", shown))
    assert {one for one in (ONE_SITES, POOLED, APART, ALIKE, WHOLE) if one in html} == said


def test_an_answer_by_level_is_one_without_a_test_too():
    """Where a level's outcome varies at no site the levels are not compared."""
    by = [{"level": "0", "estimate": None, "ci": None}, {"level": "1", "estimate": 0.1}]
    assert is_by_level({"terms": ["age"], "by": by, "interaction_test": None})
    assert not is_by_level({"terms": ["kind[b]", "kind[c]"], "by": by, "interaction_test": None})
    assert not is_by_level({"terms": ["age"], "by": [{"site": "Oslo"}], "interaction_test": None})


def test_a_category_by_another_variable_has_a_figure_for_each_of_its_levels(page, project, lead):
    """There was no answer but a test."""
    made = []
    for k, name in enumerate(("Oslo", "Hue", "Lima")):
        columns = {
            "kind": ("category", ["abc"[i % 3] for i in range(48)]),
            "smoker": ("boolean", [i % 5 < 2 for i in range(48)]),
            "pulse": ("number", [60 + i * 7 % 11 + (k + 4) * (i % 3) for i in range(48)]),
        }
        site = StudySiteFactory(project=project, name=name)
        made.append(table_version(columns, dataset=DatasetFactory(project=project, site=site)))
    Column.objects.filter(name="kind").update(label="Kind of ward")
    asked = {"outcome": "pulse", "terms": ["kind", "smoker"], "interaction_with": "smoker"}
    analysis = answered(project, lead, made, **asked)
    html = page(lead).get(analysis.get_absolute_url() + "?term=kind[c]").text
    said = text_of(html)
    assert "There is no answer" not in said
    assert re.search(r"For kind of ward compared with kind of ward a, pulse differed by", said)
    assert "Kind of ward, against a: effect by smoker" in said
    assert "Kind of ward: b Kind of ward: c" in said, "the tabs"
    assert "Difference c against a, 95% CI" in said
    told = {(one["level"], one["at"]): one for one in analysis.result["answer"]["by"]}
    assert len(told) == 4
    figure = re.search(r'<table class="[^"]*forest.*?</table>', html, re.S).group()
    rows = text_of(figure)
    assert f"{told['c', '1']['estimate']:.1f}" in rows
    assert f"{told['b', '1']['estimate']:.1f}" not in rows
    listed = text_of(page(lead).get(f"/projects/{project.slug}/analyses/").text)
    assert "test of difference: p" in listed


def test_a_site_whose_model_is_not_the_one_in_the_figure_says_why(page, project, lead):
    made = []
    for name, sick in (("Oslo", [1, 1, 1, 1]), ("Hue", [1, 0, 1, 0]), ("Lima", [0, 1, 1, 1])):
        treated = [k % 4 == 0 for k in range(48)]
        ill = [bool(sick[k // 4 % 4]) if k % 4 == 0 else k % 3 == 0 for k in range(48)]
        made.append(
            table_version(
                {"treated": ("boolean", treated), "sick": ("boolean", ill)},
                dataset=DatasetFactory(
                    project=project, site=StudySiteFactory(project=project, name=name)
                ),
            )
        )
    analysis = answered(project, lead, made, outcome="sick", terms=["treated"])
    result = analysis.result
    assert {one["site"]: one["method"] for one in result["by_site"]} == {
        "Oslo": "firth",
        "Hue": "firth",
        "Lima": "firth",
    }
    assert {one["method"] for one in result["two_stage"][0]["studies"]} == {"firth"}
    html = page(lead).get(analysis.get_absolute_url()).text
    said, above = text_of(html), text_of(re.search(r"(?s)answer-flags.*?</ul>", html)[0])
    assert "would be infinite" in above
    assert "cannot say how large" not in above, "why is said in the notes below"
    assert "cannot say how large the effect of treated is" in said
    assert said.count("Firth’s penalised estimate ") == 3 + 4, "in the figure and in sites' tables"
    assert "Events / rows" in said
    assert re.search(r"Oslo Hungary, 48 rows · 24 with the outcome", said)
    assert re.search(r"Oslo Hungary Events / rows 24 / 48", said)
    assert "is computed with a correction for that (Firth’s penalised likelihood)" in said


def test_the_test_says_among_which_it_is_counted(page, project, lead):
    first = study(project, lead, shifted(0, 5))
    said = text_of(page(lead).get(first.get_absolute_url()).text)
    assert (
        "It is the only test asked for in this project so far, whether or not an answer came."
        in said
    )
    analysis = study(project, lead, {"North": AGES, "South": AGES[3:] + AGES[:3]})
    said = text_of(page(lead).get(analysis.get_absolute_url()).text)
    counted = "It is test 2 of the 2 tests asked for in this project so far, whether or not an "
    assert counted + "answer came." in said
    assert "Two sites say little of how far sites differ, which makes the interval wider." in said
    numbers = r" p 0\.\d+ People 32 Sites \S.{0,20} Tests asked for so far 2 "
    assert re.search(numbers, said)
    again = text_of(page(lead).get(rerun(analysis, lead).get_absolute_url()).text)
    assert re.search(numbers, again), "run again, its p-value is still one of two"


def test_nothing_is_called_registered_that_no_protocol_holds(page, project, lead):
    study(project, lead, shifted(0, 5))
    said = text_of(page(lead).get("/projects/heart/analyses/new/").text)
    assert "Run Check the question" in said
    assert "egister" not in said


def test_names_references_and_what_is_adjusted_for_are_said_in_full(page, project, lead):
    """An interaction by itself was tested twice, a site was not among what is adjusted for, a
    number had a reference, and a level had none."""
    made = []
    for k, name in enumerate(("Oslo", "Hue")):
        columns = {
            "age": ("number", [float(age + k) for age in AGES * 3]),
            "kind": ("category", ["ab"[i * 7 % 5 % 2] for i in range(48)]),
            "sick": ("boolean", [i * 11 % 7 < 3 for i in range(48)]),
            "smoker": ("boolean", [i % 3 == 0 for i in range(48)]),
        }
        site = StudySiteFactory(project=project, name=name)
        made.append(table_version(columns, dataset=DatasetFactory(project=project, site=site)))
    Column.objects.filter(name="age").update(label="Age at entry", unit="a")
    Column.objects.filter(name="kind").update(label="Kind of ward")
    analysis = answered(
        project,
        lead,
        made,
        outcome="sick",
        exposure="age",
        terms=["age", "kind", "smoker"],
        interaction_with="kind",
    )
    html = page(lead).get(analysis.get_absolute_url()).text
    said = text_of(html)
    above = "".join(re.findall(r'<ul class="answer-flags".*?</ul>', html, re.S))
    assert "interval is narrower than the plain one" in said
    assert "interval is narrower than the plain one" not in above, "it is no doubt of the answer"
    assert "Adjusted for Kind of ward, smoker, and site" in said
    assert "Interactions Age at entry × kind of ward" in said
    test = (
        r"Test of difference Wald’s χ² of the sites’ differences: 4\.9, 1 df, p = 0\.026; one model"
    )
    assert re.search(test, said), "a p-value alone names no test"
    assert "Interval Hartung" not in said, "that was said of another pool than the levels'"
    assert "by kind of ward: Age at entry and sick." in said
    assert "sized by weight" not in said, "levels have none"
    assert "They differ more than chance would make them (p = 0.026)." in said
    assert "Within sites, the odds ratio divided by that for kind of ward a: " in said
    assert "The test of difference pools how the effects differ within each site" in said
    assert "What it tests need not be the ratio of two effects above" in said
    assert " Level Sites Lower odds Higher odds " in said
    assert " a Sites 2 2 0.69 0.48–0.99 " in said
    assert "over two sites wider" not in said, "the plain intervals are wider here"
    tests = said[said.index("Test of each term") : said.index("Each site by itself")]
    assert tests.count("Age at entry × kind of ward") == 1
    assert " Site likelihood ratio" in tests
    assert " Age at entry as if its effect differed by nothing (type II) likelihood" in tests
    table = said[said.index("Coefficients of the pooled model") : said.index("Test of each term")]
    assert "Log odds ratio" in table
    assert "Kind of ward: b against a where age at entry is 0" in table
    assert "per year at the reference of kind of ward" in table


def test_several_files_of_one_site_are_said_to_be_one_study(page, project, lead):
    analysis = AnalysisFactory(project=project, created_by=lead)
    url = f"/analyses/{analysis.pk}/"
    for site, told in (("Oslo", False), ("Hue", False), ("Oslo", True)):
        AnalysisInputFactory(analysis=analysis, version__dataset__project=project, site=site)
        said = text_of(page(lead).get(url).text)
        assert ("Several datasets of one site (Oslo) are one study." in said) is told


@pytest.mark.parametrize(
    ("name", "told"), [("Hungary", "Hungary 20 rows"), ("Szeged", "Szeged Hungary, 20 rows")]
)
def test_a_site_called_by_its_country_has_that_name_once_above_its_model(name, told):
    """It was “Hungary Hungary, about 295 rows”."""
    site = {"site": name, "country": "HUN", "n": 20, "coefficients": [], "separation": []}
    html = render_to_string("datasets/analyses/site_model.html", {"site": site})
    assert told in text_of(html)
    assert text_of(html).count("Hungary") == 1


@pytest.mark.parametrize(("about", "told"), [(True, "of ≈925 rows"), (False, "of 925 rows")])
def test_a_rounded_number_of_rows_is_never_told_as_an_exact_one(about, told):
    """It was “≤870 of 925 rows” of 920 people."""
    ready = {"counted": True, "about": about, "complete": 870, "rows": 925, "used": [], "sites": []}
    html = render_to_string("datasets/analyses/builder_panel.html", {"ready": ready})
    assert told in text_of(html)


def test_what_may_be_fewer_is_at_most_so_many_everywhere():
    """“≤870” stood beside “about 870”."""
    sites = [SiteReady("Oslo", 925, 870, True, at_most=True)]
    ready = Readiness(sites, [], counted=True)
    panel = text_of(render_to_string("datasets/analyses/builder_panel.html", {"ready": ready}))
    assert "at most about 870 of ≈925 rows, 1 of 1 sites" in panel
    assert "Oslo at most about 870 of ≈925" in panel
    assert "≤" not in panel
    plan = text_of(render_to_string("datasets/analyses/plan.html", {"ready": ready}))
    assert "At most about 870 of about 925 rows have a value in every variable." in plan


def test_each_sites_rounded_rows_are_marked_as_all_rounded_ones_are():
    """It was “305 of 305 (rounded)”, and its rarer outcome looked exact."""
    sites = [SiteReady("Oslo", 305, 295, True, rarer=140), SiteReady("Hue", 123, 117, False, 8)]
    ready = Readiness(sites, [], counted=True, parameters=3)
    panel = text_of(render_to_string("datasets/analyses/builder_panel.html", {"ready": ready}))
    assert "Oslo ≈295 of ≈305 Hue 117 of 123" in panel
    assert (
        "Oslo ≈140 for 3 coefficients: ≈46 for each Hue 8 for 3 coefficients: 2 for each" in panel
    )


def test_few_rows_for_each_coefficient_are_told_in_words():
    """It was “few for 3, ≈0 each”."""
    sites = [
        *(SiteReady("Oslo", 305, 295, True, rarer=2), SiteReady("Hue", 123, 117, False, rarer=2)),
        SiteReady("Pune", 60, 60, False, rarer=0),
    ]
    told = {}
    for parameters in (1, 3):
        ready = Readiness(sites, [], counted=True, parameters=parameters)
        panel = render_to_string("datasets/analyses/builder_panel.html", {"ready": ready})
        told[parameters] = re.findall(r"<dd[^>]*>\s*(.*?)\s*</dd>", panel, re.S)
    none = "none: it gives no estimate of its own"
    assert told[1] == ["a few rows at most, for one coefficient", "2 for one coefficient", none]
    assert told[3] == [
        "a few rows at most, for 3 coefficients",
        "2 for 3 coefficients: fewer than one for each",
        none,
    ]


def test_the_interval_that_was_not_taken_stands_beside_the_one_that_was():
    """Where the plain interval is the wider one, it stood beside itself."""
    beside = {"estimate": 0.2, "ci": [0.1, 0.3]}
    answer = {"checked_another_way": beside, "step": 10, "estimate": 0.2, "ci": [-1.0, 3.0]}
    overall = {"ci": [0.0, 0.1], "ci_normal": [-0.1, 0.3]}
    ways = another_way(answer, {"overall": overall})
    assert ways[1]["way"] == "The same with Hartung–Knapp’s interval"
    assert ways[1]["ci"] == [0.0, 1.0]
    other = another_way(answer, {"overall": {"ci": [-0.1, 0.3], "ci_normal": [0.0, 0.1]}})
    assert other[1] == ways[1] | {"way": "The same with the plain interval"}


def test_a_rounded_estimate_is_told_in_no_more_digits_than_its_step():
    """It was 1.0202 (1.0004 to 1.0404), p 0.0460, of a logarithm that is told in hundredths."""
    row = {"term": "age", "estimate": 0.02, "se": 0.01, "ci": [0.0004, 0.0396], "p_value": 0.05}
    row |= {"exp_estimate": 1.0202, "exp_ci": [1.0004, 1.0404], "approximate": True}
    [found] = conditional([row], [], {}, {})
    assert list(found["told"].values()) == ["0.02", "1.02", "0.010", "1.00", "1.04", "≈ 0.05"]
    html = render_to_string("datasets/analyses/coefficients.html", {"rows": [found], "ratio": True})
    assert "1.02 1.00 to 1.04 0.02 0.010 ≈ 0.05" in text_of(html)
    [exact] = conditional([row | {"approximate": False, "p_value": 0.046}], [], {}, {})
    assert exact["told"]["p"] == "0.0460"


def test_levels_beside_an_interaction_are_told_at_each_level_of_the_other(page, project, lead):
    """Those at one level of it stood there as if of all rows."""
    made = []
    for k, name in enumerate(("Oslo", "Hue", "Lima")):
        columns = {
            "kind": ("category", ["abc"[i * 7 % 5 % 3] for i in range(90)]),
            "sex": ("category", ["fm"[i * 13 % 4 // 2] for i in range(90)]),
            "sick": ("boolean", [i * (11 + k) % 7 < 3 for i in range(90)]),
        }
        site = StudySiteFactory(project=project, name=name)
        made.append(table_version(columns, dataset=DatasetFactory(project=project, site=site)))
    analysis = answered(
        project,
        lead,
        made,
        outcome="sick",
        exposure="kind",
        terms=["kind", "sex"],
        interaction_with="sex",
    )
    html = page(lead).get(analysis.get_absolute_url()).text
    said = text_of(html)
    assert "kind, against a: effect by sex" in said
    assert "effect by region and site" not in said, "there is none of every sex"
    assert "The odds ratio of sick for kind against kind a ranged from" in said
    assert "Pooled over 3 sites." in said


@pytest.mark.parametrize(
    ("info", "told"),
    [
        (VariableInfo("age", "number", unit="a"), "40 years"),
        (VariableInfo("age", "number", label="Age in years"), "40 years"),
        (VariableInfo("age", "number"), "40"),
        (VariableInfo("kind", "category", meanings=(("40", "ward"),)), "ward"),
    ],
)
def test_a_place_along_a_number_has_its_unit(info, told):
    """In a figure by age stood 40 alone."""
    assert ShownVariable(info).at("40") == told


def test_a_term_with_an_infinite_effect_is_told_by_its_penalised_test():
    row = {"term": "kind", "test": "LR", "chisq": 9.0, "p_value": 0.003, "df": 1}
    held = {"chisq": 6.0, "p_value": 0.014}
    result = {"standard_errors": "model", "term_tests": [row | {"penalised": held}, row]}
    penalised, plain = rows_of(result, "term_tests", [], {})
    assert (penalised["kind"], penalised["p_value"]) == (
        "Firth’s penalised likelihood ratio",
        0.014,
    )
    assert (plain["kind"], plain["p_value"]) == ("likelihood ratio", 0.003)
