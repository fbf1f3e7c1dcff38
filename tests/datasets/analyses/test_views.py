"""The builder, the result page and its figures."""

import math
import re
from html import unescape

import pytest

from datasets.analyses import actions as analyses
from datasets.analyses import answerable
from datasets.models import Analysis, Dataset
from portal.jobs.models import Job
from portal.jobs.running import GAVE_UP, JobFailed, claim, end
from projects.models import Project
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    DatasetFactory,
    MembershipFactory,
    ReleaseFactory,
    StudySiteFactory,
    UserFactory,
    VersionFactory,
    table_version,
)
from tests.factories.analyses import job_of, run_analysis
from tests.html import Read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

AGES = [30, 35, 41, 44, 50, 52, 58, 60, 66, 71, 33, 47, 55, 62, 68, 39]
SICK = [a > 45 if i % 5 else a <= 45 for i, a in enumerate(AGES)]
NEW = "/projects/heart/analyses/new/"


@pytest.fixture
def inputs(project):
    made = []
    for place, (name, country) in enumerate((("Oslo", "NOR"), ("Hue", "VNM"), ("Lima", "PER"))):
        ages = AGES[place:] + AGES[:place]
        version = table_version(
            {"age": ("integer", ages), "sick": ("boolean", SICK)},
            dataset=DatasetFactory(
                project=project,
                site=StudySiteFactory(project=project, name=name, country=country),
            ),
        )
        made.append(version)
    return made


def named(versions):
    return [{"dataset": one.dataset_id, "version": one.number} for one in versions]


def finished(project, lead, versions, method="regression", parameters=None):
    analysis = analyses.start(
        project=project,
        title="Does age matter?",
        method=method,
        inputs=named(versions),
        parameters=parameters or {"outcome": "sick", "terms": ["age"]},
        by=lead,
    )
    run_analysis(analysis)
    return Analysis.objects.get(pk=analysis.pk)


def filled(inputs, **values):
    return {
        "method": "regression",
        "title": "Does age matter?",
        "exposure": "age",
        "outcome": "sick",
        "site_effects": "on",
        "standard_errors": "model",
        "inputs": [f"{one.dataset_id}:{one.number}" for one in inputs],
        "step": "check",
    } | values


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def test_the_builder_checks_and_runs(page, lead, project, inputs):
    client = page(lead)
    empty = client.get(NEW).content.decode()
    # The inputs; the usual family, site effects.
    assert empty.count("checked") == 3 + 2
    checked = client.post(NEW, filled(inputs), follow=True)
    assert checked.status_code == 200
    said = text_of(checked.content.decode())
    assert "Relate sick to age, with a logistic model per site" in said
    assert "48 of 48 rows have a value in every variable." in said
    assert 'value="Does age matter?"' in checked.content.decode()
    assert not Analysis.objects.exists()
    ran = client.post(NEW, filled(inputs, step="run"))
    analysis = Analysis.objects.get()
    assert ran.status_code == 302
    assert ran["Location"] == f"/analyses/{analysis.pk}/"
    assert [one.version for one in analysis.inputs.all()] == inputs


def test_invalid_input_comes_back_with_everything_kept(page, lead, project, inputs):
    answer = page(lead).post(
        NEW, filled(inputs, outcome="age", terms=["sick"], title="My question")
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose another outcome than the exposure." in html
    assert 'value="My question"' in html
    assert re.search(r'name="terms" value="sick"[^>]*checked', html)
    folded = '<details class="panel folded" open>'
    assert folded not in html, "nobody changed what is folded away"
    half = page(lead).post(NEW, filled(inputs, first="age"))
    assert folded in half.content.decode(), "what is wrong there is in sight"
    empty = page(lead).post(NEW, {"method": "regression", "step": "check"})
    assert empty.status_code == 422
    assert "Choose at least one dataset." in empty.content.decode()


@pytest.mark.parametrize("method", ["describe", "correlation"])
def test_the_other_methods_have_forms_of_their_own(page, lead, project, inputs, method):
    client = page(lead)
    assert client.get(NEW, {"method": method}).status_code == 200
    assert client.get(NEW, {"method": "guess"}).status_code == 404
    sent = filled(inputs, method=method, variables=["age", "sick"], missing="pairwise", step="run")
    assert client.post(NEW, sent).status_code == 302
    assert Analysis.objects.get().method == method


@pytest.mark.parametrize(("role", "status"), [("contributor", 200), ("reader", 403), ("", 403)])
def test_who_may_build(page, project, inputs, role, status):
    user = MembershipFactory(project=project, role=role).user if role else UserFactory()
    client = page(user)
    assert client.get(NEW).status_code == status
    posted = client.post(NEW, filled(inputs, step="run")).status_code
    assert posted == (302 if status == 200 else 403)
    assert Analysis.objects.exists() == (status == 200)


def test_the_forest_table_shows_the_apis_numbers(page, api, lead, project, inputs):
    analysis = finished(project, lead, inputs)
    result = api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["result"]
    entry, answer = result["two_stage"][0], result["answer"]
    html = page(lead).get(f"/analyses/{analysis.pk}/", {"term": "age"}).content.decode()
    table = re.search(r'<table class="table forest".*?</table>', html, re.S)[0]
    rows = {
        text_of(row.split("</th>")[0]).strip(): text_of(row.split("</th>")[1])
        for row in re.findall(r"<tr.*?</tr>", table, re.S)
        if "</th>" in row and "<td" in row
    }
    for study in entry["studies"]:
        row = next(text for name, text in rows.items() if name.startswith(study["site"]))
        low, high = (end * answer["step"] for end in study["ci"])
        assert f"{math.exp(study['estimate'] * answer['step']):.2f}" in row
        assert f"{math.exp(low):.2f}–{math.exp(high):.2f}" in row
        assert f"{study['weight']:.1f}%" in row
    overall = next(text for name, text in rows.items() if name.startswith("All sites"))
    assert f"{math.exp(answer['estimate']):.2f}" in overall
    low, high = answer["ci"]
    assert f"{math.exp(low):.2f}–{math.exp(high):.2f}" in overall


@pytest.mark.parametrize(
    ("visibility", "access", "seen"),
    [
        ("public", "open", "1"),
        ("public", "project", "0"),
        ("private", "open", "0"),
    ],
)
def test_the_front_page_shows_strangers_the_sample_projects_newest_effect(
    client, lead, project, inputs, visibility, access, seen
):
    Project.objects.filter(pk=project.pk).update(is_sample=True, visibility=visibility)
    project.datasets.update(access=access)
    project.refresh_from_db()
    analysis = finished(project, lead, inputs)
    html = client.get("/").content.decode()
    assert str(html.count('<table class="table forest"')) == seen
    assert (analysis.title in html) == (seen == "1")


def test_a_result_says_where_it_comes_from_and_runs_again(page, lead, project, inputs):
    analysis = finished(project, lead, inputs)
    client = page(lead)
    html = client.get(f"/analyses/{analysis.pk}/").content.decode()
    assert analysis.result_sha256 in html
    assert inputs[0].sha256 in html
    assert "Do the sites agree?" in html
    again = client.post(f"/analyses/{analysis.pk}/rerun/")
    second = Analysis.objects.latest("id")
    assert again["Location"] == f"/analyses/{second.pk}/"
    waiting = client.get(f"/analyses/{second.pk}/").content.decode()
    assert f'hx-get="/jobs/{job_of(second).pk}/"' in waiting
    run_analysis(second)
    assert "Every number agrees" in client.get(f"/analyses/{second.pk}/").content.decode()
    first = client.get(f"/analyses/{analysis.pk}/").content.decode()
    assert "Reproduced" in first
    runs = re.sub(r"<[^>]+>", " ", first)
    assert re.search(r"Every number agrees\s+\d", runs), "no comma that hangs in the air"
    specification = client.get(f"/analyses/{analysis.pk}/specification.json").json()
    assert specification["inputs"] == named(inputs)
    table = client.get(f"/analyses/{analysis.pk}/tables/coefficients.csv")
    assert table.content.decode().startswith("term,estimate,se,")
    assert client.get(f"/analyses/{analysis.pk}/tables/nothing.csv").status_code == 404


@pytest.mark.parametrize(
    ("method", "parameters", "words"),
    [
        ("describe", {"variables": ["age", "sick"], "by": "site"}, "Variables by site"),
        ("describe", {"variables": ["age"]}, "All rows"),
        ("correlation", {"variables": ["age", "sick"]}, "Every pair"),
        (
            "regression",
            {"outcome": "age", "terms": ["sick"], "interactions": [["sick", "site"]]},
            "at the reference of site",
        ),
    ],
)
def test_every_method_has_its_page(page, lead, project, inputs, method, parameters, words):
    analysis = finished(project, lead, inputs, method, parameters)
    assert words in page(lead).get(f"/analyses/{analysis.pk}/").content.decode()


def test_a_site_that_compares_something_else_is_named_with_its_cause(
    page, lead, project, monkeypatch
):
    monkeypatch.setattr(answerable, "MOST_VALUES", 0)
    kinds = {"Oslo": "abcb", "Hue": "cbbc", "Lima": "bacb"}
    versions = [
        table_version(
            {
                "kind": ("category", list(kinds[name] * 4)),
                "age": ("integer", AGES),
                "twice": ("integer", [2 * age for age in AGES]),
            },
            dataset=DatasetFactory(
                project=project, site=StudySiteFactory(project=project, name=name)
            ),
        )
        for name in kinds
    ]
    asked = {"outcome": "age", "terms": ["kind"]}
    analysis = finished(project, lead, versions, parameters=asked)
    shown = text_of(page(lead).get(f"/analyses/{analysis.pk}/").content.decode())
    assert "not estimated: Hue has no row with the reference level a of kind" in shown
    assert "Hue has no row with the reference level a of kind, and gives the pool" in shown
    exact = finished(
        project, lead, versions, parameters={"outcome": "twice", "terms": ["age", "kind"]}
    )
    shown = text_of(page(lead).get(f"/analyses/{exact.pk}/").content.decode())
    assert "no standard error: the terms fit every row exactly" in shown
    assert "The terms fit twice exactly in every row" in shown


def test_one_site_alone_and_a_withheld_answer_have_pages_too(page, lead, project, inputs):
    alone = finished(project, lead, inputs[:1])
    assert page(lead).get(f"/analyses/{alone.pk}/").status_code == 200
    inputs[0].dataset.access = "summaries"
    inputs[0].dataset.threshold = 11
    inputs[0].dataset.save()
    ReleaseFactory(analysis=alone, dataset=inputs[0].dataset, outcome="released")
    html = page(lead).get(f"/analyses/{alone.pk}/").content.decode()
    assert "withheld from you" in html
    assert alone.result_sha256 not in html


def test_a_failure_says_why_and_what_to_do(page, lead, project, inputs):
    analysis = analyses.start(
        project=project,
        title="Too much?",
        method="regression",
        inputs=named(inputs),
        parameters={"outcome": "sick", "terms": ["age"]},
        by=lead,
    )
    failure = JobFailed("not_estimable", "terms: too few rows.")
    end(claim(job_of(analysis).pk), "failed", failure.error)
    html = page(lead).get(f"/analyses/{analysis.pk}/").content.decode()
    assert "go with sick? (" in html, "the title does not say it"
    assert "terms: too few rows." in html
    assert "What to do." in html
    assert "Try again" in html
    assert f'href="{NEW}?like={analysis.pk}"' in html
    assert "Site by site" not in html, "nobody waits for a question that is over"
    Job.objects.update(error=GAVE_UP)
    html = page(lead).get(f"/analyses/{analysis.pk}/").content.decode()
    assert "you can try again." in html
    assert "What to do." not in html, "the question is not what broke off"


def test_whoever_does_not_see_it_gets_the_same_as_for_a_random_one(page, project):
    analysis = AnalysisFactory(project=project, title="Canary question")
    client = page(UserFactory())
    for path in ("", "specification.json", "tables/coefficients.csv"):
        answer = client.get(f"/analyses/{analysis.pk}/{path}")
        assert answer.status_code == 404
        assert b"Canary" not in answer.content
    assert client.post(f"/analyses/{analysis.pk}/rerun/").status_code == 404


def test_the_page_costs_the_same_at_any_number_of_inputs(
    page, lead, project, inputs, django_assert_max_num_queries
):
    analysis = finished(project, lead, inputs)
    client = page(lead)
    url = f"/analyses/{analysis.pk}/"
    client.get(url)
    with django_assert_max_num_queries(19) as one:
        client.get(url)
    for place in range(9):
        AnalysisInputFactory(
            analysis=analysis,
            index=100 + place,
            version=VersionFactory(ready=True, dataset__project=project),
        )
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_names_may_be_words_of_templates_and_are_kept_letter_by_letter(page, lead, project):
    """`items` is of another type in each dataset, `Age` and `age` are two variables."""
    sites = [StudySiteFactory(project=project, name=name) for name in ("Oslo", "Hue")]
    versions = [
        table_version(
            {
                "items": (kind, values),
                "Age": ("integer", AGES),
                "age": ("integer", AGES[::-1]),
                "arm": ("category", ["c", "d"] * 8),
                "Ward\n(number)": ("category", ["a", "b"] * 8),
            },
            dataset=DatasetFactory(project=project, site=site),
        )
        for site, kind, values in zip(sites, ("integer", "text"), (AGES, ["x"] * 16), strict=True)
    ]
    client = page(lead)
    url = f"{NEW}?method=describe"
    shown = client.get(url)
    assert "Not on offer (1)" in shown.text
    form = Read(shown.text).form(having="title")
    form.fill(title="Why?", variables=["Age", "age"], by="Ward\n(number)")
    assert form.send(client, url, step="check").status_code == 302
    assert form.send(client, url, step="run").status_code == 302
    asked = Analysis.objects.get().parameters
    assert asked == {"variables": ["Age", "age"], "by": "Ward\n(number)"}
    analysis = finished(project, lead, versions, "describe", {"variables": ["Age"], "by": "arm"})
    page_of_it = client.get(f"/analyses/{analysis.pk}/").text
    assert '<th scope="col">arm</th>' in page_of_it
    parameters = {"variables": ["Age", "age"]}
    analysis = finished(project, lead, versions, "correlation", parameters)
    shown = client.get(f"/analyses/{analysis.pk}/").text
    assert re.search("Age and age go (together|in opposite directions)", shown)


@pytest.mark.parametrize("name", ["two_stage", "n_excluded"])
def test_a_variable_called_like_a_part_of_a_result_is_withheld_by_its_own_name(
    name, page, api, lead, project
):
    wards = ["north"] * 9 + ["south"] * 5 + ["west"] * 2
    version = table_version(
        {name: ("category", wards)},
        dataset=DatasetFactory(project=project, site=StudySiteFactory(project=project)),
    )
    asked = {"variables": [name], "by": None}
    analysis = finished(project, lead, [version], "describe", asked)
    reader = MembershipFactory(project=project, role="reader").user
    # A threshold that is stricter since asks for more than the gate let go.
    Dataset.objects.update(threshold=11)
    (told,) = api(reader).get(f"/api/v1/analyses/{analysis.pk}/").data["suppressed"]
    assert (told["where"], told["variable"]) == (name, name)
    assert "part" not in told
    html = page(reader).get(analysis.get_absolute_url()).content.decode()
    assert f"<li> {name}: {told['reason']} </li>" in " ".join(html.split())


def test_the_finding_is_emphasised_where_it_is_said_not_where_a_name_says_the_same(
    page, lead, project, inputs
):
    def parts():
        asked = {"variables": ["age", "sick"]}
        analysis = finished(project, lead, inputs[:1], "correlation", asked)
        html = page(lead).get(analysis.get_absolute_url()).content.decode()
        return re.search(r'answer-sentence">(.*?)<strong>(.*?)</strong>(.*?)</p>', html).groups()

    before, finding, after = parts()
    assert before == "At Oslo, "
    inputs[0].dataset.site.name = finding
    inputs[0].dataset.site.save()
    assert parts() == (f"At {finding}, ", finding, after)
