"""The page of a regression: what is checked and what is doubtful stand before the estimate."""

import re
from html import unescape

import pytest

from datasets.analyses import actions as analyses
from datasets.models import Analysis, Column
from portal.jobs.running import claim_and_run
from tests.factories import DatasetFactory, StudySiteFactory, table_version
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

AGES = [31, 34, 38, 41, 45, 47, 52, 55, 58, 60, 63, 66, 70, 71, 75, 79]
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
                    project=project, site=StudySiteFactory(project=project, name=name)
                ),
            )
        )
    Column.objects.filter(name="age").update(label="Age at entry", unit="a")
    Column.objects.filter(name="pulse").update(label="Resting pulse", unit="/min")
    analysis = analyses.start(
        project=project,
        title="Does age matter?",
        method="regression",
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in made],
        parameters={"outcome": "pulse", "terms": ["age", "smoker"]} | asked,
        by=lead,
    )
    assert claim_and_run(job_of(analysis).pk)
    return Analysis.objects.get(pk=analysis.pk)


def shifted(*places):
    names = ("Oslo", "Hue", "Lima", "Bern")
    return {name: AGES[k:] + AGES[:k] for name, k in zip(names, places, strict=False)}


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
    result = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    assert result["shown"] is True
    by_name = {one["name"]: one for one in result["diagnostics"]}
    assert by_name["sites"]["value"] == 3
    assert set(by_name["sites"]) >= {"name", "value", "threshold", "outcome"}


def test_an_estimate_over_few_of_the_rows_is_folded_and_says_why_first(page, api, lead, project):
    thin = [age if k in (1, 5, 6, 10, 12) else None for k, age in enumerate(AGES)]
    analysis = study(project, lead, shifted(0) | {"Hue": thin, "Lima": thin})
    assert api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]["shown"] is False
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    assert "answer-doubted" in html
    first = html.index("46% of all rows lack a value and are left out.")
    folded = html.index("Look at it all the same")
    assert first < folded < html.index("resting pulse was")
    said, is_open = fold_of(html, "chk-h")
    assert is_open
    assert said.index("Rows used 54% at least 67% Fails") < said.index("Passes")
    assert "A check fails: Rows used, 54% where at least 67% is asked for." in text_of(html)
    [effect] = re.findall(r"<details[^>]*>\s*<summary>(?:(?!</summary>).)*effect by", html, re.S)
    assert "open" not in effect.split(">")[0], "the figure is folded with the estimate"


def test_a_site_that_lost_many_rows_says_so_in_its_line(page, lead, project):
    thin = [age if k % 2 else None for k, age in enumerate(AGES)]
    analysis = study(project, lead, shifted(0, 5, 9) | {"Bern": thin})
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said = text_of(html)
    assert said.index("Many rows lack a value and are left out: 50% at Bern.") < said.index(
        "Pooled over 4 sites"
    )
    assert re.search(r"Bern [^0-9]*without 50% of its rows", said)
    flags = text_of(re.search(r'<ul class="answer-flags".*?</ul>', html, re.S)[0])
    assert "Many rows lack" not in flags, "it is said once"


def test_robust_tests_are_labelled_and_no_main_effect_is_tested_at_a_reference(page, lead, project):
    analysis = study(
        project,
        lead,
        shifted(0, 5, 9),
        interactions=[["age", "site"]],
        standard_errors="hc3",
    )
    html = page(lead).get(f"/analyses/{analysis.pk}/").text
    said = text_of(html[html.index('id="one-h"') : html.index('id="own-h"')])
    assert "Wald’s F, robust (HC3)" in said
    assert "likelihood ratio" not in said
    rows = re.findall(r"<tr>.*?</tr>", html[html.index('id="one-h"') :], re.S)
    age = next(text_of(row).strip() for row in rows if "<code>age</code>" in row)
    assert age.startswith("age at the reference of site")
    assert age.endswith("–"), "no p-value of the effect at one site"


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
