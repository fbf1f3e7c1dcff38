"""The page of a regression: what is checked and what is doubtful stand before the estimate."""

import re
from html import unescape

import pytest

from datasets.analyses import actions as analyses
from datasets.analyses import answerable
from datasets.models import Analysis, Column, Dataset
from portal.web.templatetags import text
from tests.factories import DatasetFactory, MembershipFactory, StudySiteFactory, table_version
from tests.factories.analyses import run_analysis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

AGES = [31, 34, 38, 41, 45, 47, 52, 55, 58, 60, 63, 66, 70, 71, 75, 79]
COUNTRIES = {"North": "NOR", "South": "ITA"}
PULSE = [71, 88, 64, 79, 90, 66, 72, 85, 61, 77, 83, 69, 92, 74, 65, 80]


def study(project, lead, ages, **asked):
    """A finished regression of pulse on age, at a site for each list of ages."""
    made = []
    for name, own in ages.items():
        rows = [None if age is None else pulse for age, pulse in zip(own, PULSE, strict=True)]
        made.append(
            table_version(
                {
                    "age": ("number", own),
                    "pulse": ("number", rows),
                    "smoker": ("boolean", [k % 3 == 0 for k in range(16)]),
                },
                dataset=DatasetFactory(
                    project=project,
                    site=StudySiteFactory(
                        project=project, name=name, country=COUNTRIES.get(name, "HUN")
                    ),
                ),
            )
        )
    Column.objects.filter(name="age").update(label="Age at entry", unit="a")
    Column.objects.filter(name="pulse").update(label="Resting pulse", unit="/min")
    return answered(project, lead, made, **{"outcome": "pulse", "terms": ["age", "smoker"]} | asked)


def answered(project, lead, versions, **asked):
    """A finished regression of these versions."""
    analysis = analyses.start(
        project=project,
        title="Does age matter?",
        method="regression",
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
        parameters=asked,
        by=lead,
    )
    run_analysis(analysis)
    return Analysis.objects.get(pk=analysis.pk)


def shifted(*places):
    names = ("Oslo", "Hue", "Lima", "Bern")
    return {name: AGES[k:] + AGES[:k] for name, k in zip(names, places, strict=False)}


def contrary():
    """Ages that the pulse rises with at two sites, and falls with at two others."""
    with_it = [2 * pulse - 100 + k % 5 for k, pulse in enumerate(PULSE)]
    against = [240 - 2 * pulse + k % 7 for k, pulse in enumerate(PULSE)]
    again = [age + k % 2 for k, age in enumerate(with_it)]
    return {"Oslo": with_it, "Hue": against, "Bern": against, "Lima": again}


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def fold_of(html, heading):
    """The fold under that heading, and whether it is open."""
    place = html.index(f'id="{heading}"')
    start = html.rindex("<details", 0, place)
    end = html.index("</details>", place)
    return text_of(html[start:end]), "open" in html[start : html.index(">", start)].split()


def test_checks_stand_folded_beside_an_answer_that_passes(page, api, lead, project):
    analysis = study(project, lead, shifted(0, 5, 9))
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said, is_open = fold_of(html, "chk-h")
    assert not is_open
    assert "Sites that can answer 3 at least 2 Passes" in said
    assert "Rows used 100% at least 67% Passes" in said
    assert "answer-doubted" not in html
    whom = "Among all rows of Oslo, Hue, and Lima with a value in every variable of the question"
    assert whom in text_of(html[: html.index('id="for-h"')]), "beneath the sentence"
    assert len(re.findall("(Oslo|Hue|Lima) against (Oslo|Hue|Lima)", text_of(html))) == 2
    result = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    assert result["shown"] is True
    by_name = {one["name"]: one for one in result["diagnostics"]}
    assert by_name["sites"]["value"] == 3
    assert set(by_name["sites"]) >= {"name", "value", "threshold", "outcome"}


def test_an_estimate_over_few_of_the_rows_is_folded_and_says_why_first(page, api, lead, project):
    thin = [age if k in (1, 5, 6, 10, 12) else None for k, age in enumerate(AGES)]
    analysis = study(project, lead, shifted(0) | {"Hue": thin, "Lima": thin})
    assert api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]["shown"] is False
    analyses.look(analysis=analysis, reason="For a grant.", by=lead)
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    assert "answer-doubted" in html
    first = html.index("46% of all rows lack a value and are left out.")
    folded = html.index("The estimate all the same")
    assert first < folded < html.index("resting pulse was")
    said, is_open = fold_of(html, "chk-h")
    assert is_open
    assert said.index("Rows used 54% at least 67% Fails") < said.index("Passes")
    assert "A check fails: Rows used, 54% instead of at least 67%." in text_of(html)
    [effect] = re.findall(r"<details[^>]*>\s*<summary>(?:(?!</summary>).)*effect by", html, re.S)
    assert "open" not in effect.split(">")[0], "the figure is folded with the estimate"


def test_a_site_that_lost_many_rows_says_so_in_its_line(page, lead, project, monkeypatch):
    thin = [age if k % 2 else None for k, age in enumerate(AGES)]
    analysis = study(project, lead, shifted(0, 5, 9) | {"Bern": thin})
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said = text_of(html)
    lost = said.index("Many rows lack a value and are left out: 50% at Bern.")
    assert said.index("resting pulse was") < said.index("Pooled over 4 sites.") < lost
    assert re.search(r"Bern [^0-9]*without 50% of its rows", said)
    assert "Difference (/min), pooled without each site" in said
    monkeypatch.setattr("datasets.analyses.methods.agreement.LEAST_FUNNEL", 4)
    assert "out, and a funnel" in page(lead).get(analysis.get_absolute_url()).text
    flags = "".join(re.findall(r'<ul class="answer-flags".*?</ul>', html, re.S))
    assert (flags.count("Many rows lack"), said.count("Many rows lack")) == (1, 1)


def test_robust_tests_are_labelled_and_no_main_effect_is_tested_at_a_reference(page, lead, project):
    asked = {"interactions": [["age", "site"]], "standard_errors": "hc3"}
    analysis = study(project, lead, shifted(0, 5, 9), **asked)
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said = text_of(html[html.index('id="one-h"') : html.index('id="own-h"')])
    assert "Wald’s F, robust (HC3)" in said
    assert "likelihood ratio" not in said
    whole = text_of(html)
    assert whole.count("Robust SE (HC3)") == 4, "of the model over all rows and of each site's"
    assert "The answer A model per site with robust standard errors (HC3), pooled" in whole
    rows = re.findall(r"<tr>.*?</tr>", html[html.index('id="one-h"') :], re.S)
    age = next(text_of(row).strip() for row in rows if "Age at entry" in row)
    assert age.startswith("Age at entry per year at the reference of site")
    assert age.endswith("–"), "no p-value of the effect at one site"
    tests = said[said.index("Test of each term") :]
    assert "Age at entry as if its effect differed by nothing (type II) Wald’s F" in tests
    assert "Age at entry × site Wald’s F" in tests
    assert "moker Wald’s F" in tests
    analysis.result["by_site"][0]["standard_errors"] = "hc1"  # as of a guarded site
    analysis.save(update_fields=["result"])
    whole = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "with robust standard errors (HC1) and robust standard errors (HC3), pooled" in whole


def test_warnings_call_variables_by_their_labels(page, api, lead, project):
    same = dict.fromkeys(("Oslo", "Hue"), AGES)
    analysis = study(project, lead, shifted(0, 5) | {"Lima": [50] * 16} | {"Bern": same["Oslo"]})
    told = [
        one["message"] for one in api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["warnings"]
    ]
    assert (
        "Lima gives the pool no estimate of what does not vary there, nor of what cannot be told "
        "apart from it: age at entry." in told
    )
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "cannot be told apart from it: age at entry." in said


def test_tables_and_tests_call_variables_by_their_labels(page, api, lead, project):
    analysis = study(project, lead, shifted(0, 5, 9), interactions=[["age", "site"]])
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said = text_of(html[html.index('id="one-h"') :])
    for label in (
        "Intercept",
        "Age at entry per year",
        "Age at entry × Hue",
        "Age at entry × site",
    ):
        assert label in said
    assert not re.search(r"\bage\b[:\[]", said)
    result = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    assert "age:site[Hue]" in [one["term"] for one in result["coefficients"]]


def test_what_is_withheld_is_told_by_labels_on_the_page_and_by_names_in_the_api(
    page, api, lead, project
):
    """At Lima three rows alone have an age that is not 50: its own rules keep the model back."""
    analysis = study(
        project, lead, shifted(0, 5) | {"Lima": [50] * 13 + [51, 52, 53]}, terms=["age"]
    )
    Dataset.objects.filter(site__name="Lima").update(access="summaries")
    analysis = rerun(analysis, lead)
    keeper = Dataset.objects.get(site__name="Lima").created_by
    MembershipFactory(project=project, user=keeper, role="contributor")
    rule = "has 3 rows off its most frequent value"
    said = text_of(page(keeper).get(f"/analyses/{analysis.pk}/").text)
    assert f"age at entry {rule}" in said
    [withheld] = api(keeper).get(f"/api/v1/analyses/{analysis.pk}/").data["withheld"]
    assert withheld["reason"].startswith(f"age {rule}")


def test_what_is_withheld_names_the_site_where_it_is(page, lead, project):
    thin = [age if k in (1, 5, 6) else None for k, age in enumerate(AGES)]
    asked = {"terms": ["age"], "site_effects": False}
    analysis = study(project, lead, shifted(0, 5) | {"Lima": thin}, **asked)
    reader = MembershipFactory(project=project, role="reader").user
    said = text_of(page(reader).get(f"/analyses/{analysis.pk}/").text)
    assert "Withheld by Lima: some of its figures are left out" in said
    assert "Withheld by Oslo" not in said


def test_a_site_that_was_rounded_looks_rounded_in_figure_table_and_api(page, api, lead, project):
    """Three slopes all but alike: said to lie closer together than chance where two are exact."""
    analysis = study(project, lead, dict.fromkeys(("Oslo", "Hue", "Lima"), AGES), terms=["age"])
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "closer together than chance alone" in said
    assert "estimate rounded" not in said
    Dataset.objects.filter(site__name="Lima").update(access="summaries")
    analysis = rerun(analysis, lead)
    keeper = Dataset.objects.get(site__name="Lima").created_by
    MembershipFactory(project=project, user=keeper, role="contributor")
    html = page(keeper).get(f"/analyses/{analysis.pk}/").text
    forest = text_of(html[html.index('id="for-h"') : html.index('id="het-h"')])
    assert forest.count("estimate rounded") == 1
    assert "Lima" in forest[: forest.index("estimate rounded")][-40:]
    assert "left their site rounded" in forest
    assert "closer together than chance alone" not in text_of(html)
    assert re.search(r"Complete cases: \w+ of about \d+[05] rows left out", text_of(html))
    assert "each site’s share is rounded to fives" in text_of(html)
    result = api(keeper).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    rounded = {one["site"]: one.get("approximate", False) for one in result["answer"]["by"]}
    assert result["answer"]["approximate"] is True, "its n is a sum of rounded counts"
    assert rounded == {"Oslo": False, "Hue": False, "Lima": True}


def rerun(analysis, by):
    again = analyses.rerun(analysis=analysis, by=by)
    run_analysis(again)
    return Analysis.objects.get(pk=again.pk)


def test_few_sites_that_differ_are_said_to_differ(page, lead, project):
    analysis = study(project, lead, contrary())
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "Do the sites agree? No, they differ widely" in said
    assert "The sites differ widely (I² " in said, "the answer says it as well"
    assert "Too few to tell" not in said
    assert "A check fails: I² between sites" in said


def test_what_cannot_be_told_apart_has_no_estimate_either(page, lead, project, monkeypatch):
    """It said that an estimate exists, and that checks pass in part."""
    monkeypatch.setattr(answerable, "MOST_VALUES", 0)
    sames = {name: [40] * 16 for name in ("Oslo", "Hue")}
    analysis = study(project, lead, sames)
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "There is no answer to what age at entry has to do with resting pulse: age at" in said
    assert "effect by region and site" not in said, "a heading with nothing below"
    assert "An estimate exists" not in said
    assert "Checked another way, it" not in said


def test_levels_are_called_by_their_meaning_and_the_test_by_its_model(page, lead, project):
    made = []
    for name in ("Oslo", "Hue", "Lima"):
        rows = {
            "cp": ("category", [str(1 + k % 3) for k in range(48)]),
            "pulse": ("number", [PULSE[k % 16] + k % 7 + len(name) * (k % 3) for k in range(48)]),
        }
        site = StudySiteFactory(project=project, name=name)
        made.append(table_version(rows, dataset=DatasetFactory(project=project, site=site)))
    Column.objects.filter(name="cp").update(label="Chest pain")
    analysis = answered(project, lead, made, outcome="pulse", terms=["cp"])
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said = text_of(html)
    assert "cp[" not in said
    assert "Chest pain, against 1: effect by region and site" in said
    assert "Chest pain: 2 Chest pain: 3" in said, "the tabs"
    assert "Difference 2 against 1, 95% CI" in said, "each tab is of one level"
    assert "each level against" not in said
    assert "chest pain 2 " in said
    assert "come from a pool of that level alone, with a τ² of its own" in said
    assert "one estimator" not in said, "the test of all levels is of another pool"
    assert re.search(r"All levels together Wald’s [^;]*levels’ effects[^;]*; one model over", said)
    by_site = answered(project, lead, made, outcome="pulse", terms=["cp"], interaction_with="site")
    said = text_of(page(lead).get(f"/analyses/{by_site.pk}/").text)
    assert re.search(r"For chest pain compared .* at (Oslo|Hue|Lima) to", said)
    assert "Chest pain, against 1: effect by region and site" in said
    assert "Chest pain: 2 Chest pain: 3" in said, "the tabs"


def test_an_empty_interval_of_the_spread_is_no_zero(page, lead, project):
    """Three sites with the same rows: I² was 0% with an interval of 0–0%."""
    analysis = study(project, lead, dict.fromkeys(("Oslo", "Hue", "Lima"), AGES))
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "I² 0% no range from so few sites" in said


def test_a_linear_model_of_a_yes_or_no_is_told_in_percentage_points(page, api, lead, project):
    asked = {"outcome": "smoker", "terms": ["age"], "family": "gaussian"}
    analysis = study(project, lead, shifted(0, 5, 9), **asked)
    url = f"/analyses/{analysis.pk}/"
    estimate = api(lead).get(f"/api/v1{url}").data["result"]["answer"]["estimate"]
    told = text.shown(abs(100 * estimate), ratio=False)
    html = page(lead).get(url).text
    said = text_of(html)
    assert f"the share with smoker was {told} percentage points" in said
    assert "can leave 0 to 100%" in said
    assert "Difference (percentage points)" in said
    forest = text_of(html[html.index('id="for-h"') :])
    assert re.search(rf"All sites[^%]*? .?{told} ", forest), "one form in sentence and figure"


def test_a_small_difference_is_no_zero_in_the_figure(page, api, lead, project):
    """The sentence had 0.0017 where the forest had 0.00."""
    analysis = study(project, lead, shifted(0, 5, 9), outcome="age", terms=["pulse"])
    Column.objects.filter(name="age").update(unit="")
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    answer = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]["answer"]
    assert answer["estimate"]
    forest = text_of(html[html.index('id="for-h"') : html.index('id="het-h"')])
    assert " 0.00 " not in forest
    assert " −0.00 " not in forest


def test_the_method_says_which_interval_was_taken(page, lead, project):
    agreeing = study(project, lead, dict.fromkeys(("Oslo", "Hue", "Lima"), AGES))
    said = text_of(page(lead).get(f"/analyses/{agreeing.pk}/").text)
    assert "The plain interval, since Hartung–Knapp’s would be narrower" in said
    assert "also where τ² is estimated as 0, as here" in said
    apart = study(project, lead, {f"New {name}": ages for name, ages in contrary().items()})
    said = text_of(page(lead).get(f"/analyses/{apart.pk}/").text)
    assert "The plain interval, since" not in said


def test_regions_of_one_site_each_are_not_compared(page, lead, project):
    first, second, third, _ = contrary().values()
    analysis = study(project, lead, {"North": first, "South": second, "Bern": third})
    said = text_of(page(lead).get(f"/analyses/{analysis.pk}/").text)
    assert "Between regions not tested it can’t be told from differences between sites" in said


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("regression", {"outcome": "smoker", "terms": ["age", "pulse"]}),
        ("correlation", {"variables": ["age", "pulse"]}),
        ("describe", {"variables": ["age", "smoker"], "by": "site"}),
    ],
)
def test_the_export_menu_calls_every_table_in_words(page, lead, project, method, asked):
    first = study(project, lead, shifted(0, 5, 9))
    analysis = analyses.start(
        project=project,
        title="Once more",
        method=method,
        inputs=[
            {"dataset": one.version.dataset_id, "version": one.version.number}
            for one in first.inputs.all()
        ],
        parameters=asked,
        by=lead,
    )
    run_analysis(analysis)
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    offered = re.findall(r">\s*([^<>]+), CSV\s*<", html)
    assert offered
    assert [name for name in offered if "_" in name or name == name.lower()] == []


def test_an_effect_by_another_variable_is_called_so(page, lead, project):
    html = page(lead)
    places = shifted(0, 5, 9)
    by_site = study(project, lead, places, interaction_with="site")
    said = text_of(html.get(f"/analyses/{by_site.pk}/").text)
    assert "Age at entry: effect by region and site" in said
    assert "Found across 3 sites." in said
    assert "of age at entry, resting pulse differed by" in said
    again = analyses.start(
        project=project,
        title="Does it differ?",
        method="regression",
        inputs=[
            {"dataset": one.version.dataset_id, "version": one.version.number}
            for one in by_site.inputs.all()
        ],
        parameters={"outcome": "pulse", "terms": ["age", "smoker"], "interaction_with": "smoker"},
        by=lead,
    )
    run_analysis(again)
    said = text_of(html.get(f"/analyses/{again.pk}/").text)
    assert "Age at entry: effect by smoker" in said
    assert "effect by region and site" not in said
