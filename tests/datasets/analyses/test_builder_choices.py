"""What the builder offers and tells beside a question: levels, rows, rules, how long it takes."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from datasets.analyses.methods.regression_form import RegressionForm
from datasets.analyses.titles import title_of
from datasets.models import Analysis, Dataset, Draft, Mapping, Release
from tests.factories import (
    DatasetFactory,
    ReleaseFactory,
    SharedVariableFactory,
    StudySiteFactory,
    table_version,
)
from tests.factories.analyses import mapped_sites
from tests.html import Read

pytestmark = pytest.mark.django_db

NEW = "/projects/heart/analyses/new/"
N = 40


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


@pytest.fixture
def pain(project):
    """Two sites with a shared category, its codes with their meanings."""
    codes = {"1": "typical", "2": "atypical", "3": "none"}
    variables = [
        SharedVariableFactory(
            project=project, name="pain", label="Chest pain", type="category", codes=codes
        ),
        SharedVariableFactory(project=project, name="age", label="Age", type="integer", unit="a"),
        SharedVariableFactory(project=project, name="sick", label="Disease", type="boolean"),
    ]
    columns = {
        "pain": ("category", [str(1 + k % 3) for k in range(N)]),
        "age": ("integer", [None] * 12 + [30 + k * 7 % 40 for k in range(N - 12)]),
        "sick": ("boolean", [k % 5 in (0, 3) for k in range(N)]),
    }
    return mapped_sites(project, variables, columns)


def sent(versions, **values):
    return {
        "method": "regression",
        "exposure": "pain",
        "outcome": "sick",
        "terms": ["age"],
        "site_effects": "on",
        "standard_errors": "model",
        "inputs": [f"{one.dataset_id}:{one.number}" for one in versions],
        "step": "draft",
    } | values


def test_the_level_to_compare_with_is_chosen_on_the_page(page, lead, project, pain):
    top = [{"value": "1", "n": 14}, {"value": "2", "n": 13}, {"value": "3", "n": 13}]
    after = {"name": "pain", "type": "category", "n": N, "missing": 0, "distinct": 3, "top": top}
    Mapping.objects.filter(variable__name="pain").update(preview={"rows": N, "after": after})
    client = page(lead)
    third = json.dumps(["pain", "3"])
    kept = client.post(NEW, sent(pain, reference=third))
    form = Read(client.get(kept["Location"]).text).form(having="title")
    assert form.values["reference"] == [third]
    html = client.get(kept["Location"]).text
    said = text_of(html)
    assert "typical (28): the default, first in order of codes" in said
    assert "none (26)" in said
    assert re.search(r'<label for="id_reference_0">\s*Chest pain', html)
    form.send(client, NEW, step="run")
    analysis = Analysis.objects.get()
    assert analysis.parameters["reference"] == {"pain": "3"}
    # Asked again it stands there, and the question is no larger than the form.
    again = client.get(f"{NEW}?like={analysis.pk}").text
    assert Read(again).form(having="title").values["reference"] == [third]
    assert "asks more than this form can hold" not in again


def test_what_it_may_differ_by_is_asked_in_the_question(page, lead, project, pain):
    """It was under Advanced, as the two variables of an interaction, but for the sites."""
    client = page(lead)
    new = client.get(NEW).text
    question = new[new.index('id="question"') : new.index('id="variables"')]
    assert "Does it differ by" in text_of(question)
    assert re.search(r'<select name="differs"[^>]*aria-label="Does it differ by"', question)
    by_age = sent(pain, exposure="age", terms=[], differs="pain")
    assert "may make it differ" in client.get(client.post(NEW, by_age)["Location"]).text
    client.post(NEW, by_age | {"step": "run"})
    analysis = Analysis.objects.get()
    assert analysis.parameters["interaction_with"] == "pain"
    assert analysis.parameters["interactions"] == [["age", "pain"]]
    assert analysis.parameters["terms"] == ["age", "pain"]
    assert "Does it differ by chest pain?" in title_of(analysis)
    again = client.get(f"{NEW}?like={analysis.pk}").text
    assert Read(again).form(having="title").values["differs"] == ["pain"]
    assert "asks more than this form can hold" not in again
    # Asked the other way round it is the same question; of itself there is none.
    analysis.parameters |= {"interactions": [["pain", "age"]], "terms": ["pain", "age"]}
    assert RegressionForm.filled_by(analysis)["differs"] == "pain"
    Analysis.objects.filter(pk=analysis.pk).update(parameters=analysis.parameters)
    again = client.get(f"{NEW}?like={analysis.pk}").text
    assert "asks more than this form can hold" not in again
    # Named under Advanced as well it is asked once.
    twice = by_age | {"first": "pain", "second": "age", "step": "run"}
    client.post(NEW, twice)
    assert Analysis.objects.latest("pk").parameters["interactions"] == [["age", "pain"]]
    assert Analysis.objects.count() == 2
    refused = client.post(NEW, sent(pain, exposure="age", differs="age", step="run")).text
    assert "Choose something else than the exposure for it to differ by." in text_of(refused)


def test_levels_follow_the_variables_that_are_chosen(page, lead, project, pain):
    client = page(lead)
    kept = client.post(NEW, sent(pain, exposure="age", terms=[]))
    assert "id_reference_0" not in client.get(kept["Location"]).text
    draft = Draft.objects.get()
    part = client.post(
        NEW,
        sent(pain, exposure="age", terms=["pain"], draft=draft.pk),
        headers={"HX-Request": "true"},
    ).text
    assert 'id="references" hx-swap-oob="true"' in part
    assert "id_reference_0" in part
    # A level of what is not in the question any more goes with it.
    left = sent(pain, exposure="age", terms=[], reference=json.dumps(["pain", "3"]), step="run")
    client.post(NEW, left | {"draft": draft.pk})
    assert Analysis.objects.get().parameters["reference"] == {}


@pytest.mark.parametrize("value", ["pain", '["pain", "9"]', '["sick", "1"]', "[]"])
def test_a_level_that_is_not_offered_is_refused(page, lead, project, pain, value):
    answer = page(lead).post(NEW, sent(pain, reference=value, step="run"))
    assert answer.status_code == 422
    assert not Analysis.objects.exists()


def test_the_variable_that_costs_most_rows_is_named_before_it_runs(page, lead, project, pain):
    html = page(lead).post(NEW, sent(pain), headers={"HX-Request": "true"}).text
    assert "56 of 80 rows are complete." in html
    assert "Age costs most rows: without it 80 would be complete." in text_of(html)


@pytest.mark.parametrize("method", ["describe", "correlation"])
def test_complete_rows_of_each_site_stand_beside_every_question(page, lead, project, pain, method):
    asked = sent(pain, method=method, variables=["age", "sick"], missing="pairwise")
    html = page(lead).post(NEW, asked, headers={"HX-Request": "true"}).text
    assert "With every variable, by site" in html
    assert text_of(html).count("28 of 40") == 2


def test_shares_under_a_sites_name_say_that_they_are_missing(page, lead, project, pain):
    """A column of “under 5%” had the site's name alone above it."""
    head = page(lead).get(NEW).text.split("<thead>", 1)[1].split("</thead>", 1)[0]
    assert '<span class="detail">Missing at</span>' in head


def test_a_site_without_events_is_told_before_the_question_runs(page, lead, project):
    """The result said it, after a panel that counted six sites of six."""
    made = []
    for name, sick in (("Oslo", [False] * N), ("Hue", [k % 3 == 0 for k in range(N)])):
        columns = {
            "age": ("integer", [30 + k * 7 % 40 for k in range(N)]),
            "sick": ("boolean", sick),
        }
        site = StudySiteFactory(project=project, name=name)
        made.append(table_version(columns, dataset=DatasetFactory(project=project, site=site)))
    asked = sent(made, exposure="age", terms=[])
    panel = text_of(page(lead).post(NEW, asked, headers={"HX-Request": "true"}).text)
    assert "Oslo none: it gives no estimate of its own" in panel
    assert "Hue 14 for" in panel


def test_two_files_of_one_site_are_one_site_in_the_picker(page, lead, project, pain):
    """They had a column each, both called by the site."""
    oslo, hue = (one.dataset for one in pain)
    Dataset.objects.filter(pk=hue.pk).update(site=oslo.site)
    ages = Mapping.objects.filter(variable__name="age")
    for dataset, missing in ((oslo, 12), (hue, 4)):
        ages.filter(dataset=dataset).update(preview={"rows": 40, "after": {"missing": missing}})
    picker = page(lead).get(NEW).text.split('<table class="picker"', 1)[1].split("</table>", 1)[0]
    assert text_of(picker).count("Missing at Oslo") == 1
    assert picker.count('data-label="Oslo"') == 3
    age = text_of(picker.split('data-k="age', 1)[1].split("</tr>", 1)[0])
    assert "20%" in age, "16 of 80"
    ages.get(dataset=hue).delete()
    assert "not there in part" in page(lead).get(NEW).text


def test_who_has_rules_stands_in_the_panel_and_what_they_are_at_the_last_step(
    page, lead, project, pain
):
    oslo = pain[0].dataset
    oslo.access, oslo.release_policy = "summaries", "person"
    oslo.save()
    Dataset.objects.filter(pk=pain[1].dataset_id).update(access="summaries", release_policy="gate")
    html = (
        page(lead)
        .post(NEW, sent(pain, exposure="age", terms=[]), headers={"HX-Request": "true"})
        .text
    )
    limits = html[html.index('id="limits"') :]
    panel = text_of(html[: html.index('id="limits"')])
    assert "Oslo and Hue keep to rules before anything leaves them." in panel
    assert "Groups, levels and counts of at least" in limits
    assert "usually takes" not in limits, "nobody has decided there yet"
    assert "people of any site with rules may have to look first" in text_of(limits), "a ledger"
    for days in (2, 4, 30):
        decided(lead, project, oslo, days)
    html = (
        page(lead)
        .post(NEW, sent(pain, exposure="age", terms=[]), headers={"HX-Request": "true"})
        .text
    )
    assert html.count("What each site’s rules allow") == 1
    said = text_of(html[html.index('id="limits"') :])
    assert f"{oslo.title}, Oslo: a person releases each answer, which usually takes 4 days." in said


def decided(lead, project, dataset, days):
    """A release that somebody decided on after so many days."""
    now = timezone.now()
    one = ReleaseFactory(
        analysis__project=project,
        dataset=dataset,
        outcome="released",
        decision="release",
        decided_at=now,
        decided_by=lead,
    )
    Release.objects.filter(pk=one.pk).update(created_at=now - timedelta(days=days))


def test_what_it_can_use_stands_before_the_button_that_runs_it(page, lead, project, pain):
    """So it is read first where one column holds both, and by whoever listens to the page."""
    html = page(lead).get(NEW).text
    model, panel = html.index('id="model"'), html.index('id="panel"')
    assert model < panel < html.index('id="check"') < html.index('value="run"')


@pytest.fixture
def waiting(project, pain):
    """Two persons set rules here, and the one of Oslo's ages waits for the second."""
    project.second_person = True
    project.save()
    Mapping.objects.update(approved_at=timezone.now(), approved_by=project.created_by)
    ages = Mapping.objects.filter(variable__name="age", dataset=pain[0].dataset)
    ages.update(approved_at=None, approved_by=None)
    return pain


def test_a_site_whose_rule_waits_is_left_out_with_one_press(page, lead, project, waiting):
    client = page(lead)
    refused = client.post(NEW, sent(waiting, step="run"))
    assert refused.status_code == 422
    said = text_of(refused.text)
    assert "The rule of Age (age) for" in said
    assert "waits for a second person." in said
    out = f"{waiting[0].dataset_id}:{waiting[0].number}"
    assert f'name="leave_out_inputs" value="{out}"' in refused.text
    assert "Leave out Oslo" in said
    draft = client.get(Draft.objects.get().get_absolute_url()).text
    assert '<details class="panel folded" >' in draft, "nothing in it was changed"
    form = Read(client.get(Draft.objects.get().get_absolute_url()).text).form(having="title")
    left = form.send(client, NEW, step="", leave_out_inputs=out)
    answered = client.get(left["Location"]).text
    assert "28 of 40 rows are complete." in answered
    form = Read(answered).form(having="title")
    assert form.values["inputs"] == [f"{waiting[1].dataset_id}:{waiting[1].number}"]
    form.send(client, NEW, step="run")
    assert Analysis.objects.get().inputs.get().site == "Hue"


def test_the_api_names_the_inputs_to_leave_out(api, lead, project, waiting):
    body = {
        "title": "Does age go with it?",
        "method": "regression",
        "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in waiting],
        "parameters": {"outcome": "sick", "terms": ["age"]},
    }
    refused = api(lead).post("/api/v1/projects/heart/analyses/", body, format="json")
    assert refused.status_code == 400
    oslo = waiting[0].dataset_id
    told = [one["detail"] for one in refused.data["errors"] if one["field"] == "inputs"]
    assert told[-1] == f"Leave dataset {oslo} (Oslo) out of the inputs, or wait."
    body["inputs"] = [one for one in body["inputs"] if one["dataset"] != oslo]
    asked = api(lead).post("/api/v1/projects/heart/analyses/", body, format="json")
    assert asked.status_code == 202


def test_nothing_is_offered_where_no_site_would_be_left(api, lead, project, waiting):
    body = {
        "title": "Does age go with it?",
        "method": "describe",
        "inputs": [{"dataset": waiting[0].dataset_id, "version": waiting[0].number}],
        "parameters": {"variables": ["age"]},
    }
    refused = api(lead).post("/api/v1/projects/heart/analyses/", body, format="json")
    assert refused.status_code == 400
    assert "out of the inputs" not in str(refused.data)
