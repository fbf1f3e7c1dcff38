"""The builder begins from an earlier question."""

import pytest

from datasets.analyses import actions as analyses
from datasets.models import Analysis
from tests.factories import (
    AnalysisFactory,
    DatasetFactory,
    ProjectFactory,
    StudySiteFactory,
    table_version,
)
from tests.html import Read

pytestmark = pytest.mark.django_db

AGES = [30, 35, 41, 44, 50, 52, 58, 60, 66, 71, 33, 47, 55, 62, 68, 39]
SICK = [age > 45 if place % 5 else age <= 45 for place, age in enumerate(AGES)]
NEW = "/projects/heart/analyses/new/"


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("describe", {"variables": ["sick"], "by": None}),
        ("correlation", {"variables": ["age", "sick"], "missing": "listwise", "within_site": True}),
        (
            "regression",
            {
                "outcome": "sick",
                "terms": ["dose", "age"],
                "interactions": [["dose", "site"], ["dose", "age"]],
                "standard_errors": "hc3",
                "exposure": "dose",
                "site_effects": True,
            },
        ),
    ],
)
def test_a_new_question_begins_as_an_earlier_one_was_asked(page, lead, project, method, parameters):
    dataset = DatasetFactory(project=project, site=StudySiteFactory(project=project))
    columns = {"age": ("integer", AGES), "dose": ("integer", AGES[::-1]), "sick": ("boolean", SICK)}
    older, newer = (table_version(columns, dataset=dataset) for _ in range(2))
    other = table_version(
        columns, dataset=DatasetFactory(project=project, site=StudySiteFactory(project=project))
    )
    analysis = analyses.start(
        project=project,
        title="As before",
        method=method,
        inputs=[{"dataset": one.dataset_id, "version": one.number} for one in (older, other)],
        parameters=parameters,
        by=lead,
    )
    client = page(lead)
    url = f"{NEW}?like={analysis.pk}"
    form = Read(client.get(url).text).form(having="title")
    assert older.number < newer.number
    asked = [f"{one.dataset_id}:{one.number}" for one in (older, other)]
    assert form.values["inputs"] == asked
    checked = client.get(form.send(client, NEW, step="check")["Location"])
    Read(checked.text).form(having="title").send(client, NEW, step="run")
    again = Analysis.objects.latest("id")
    assert again.pk != analysis.pk
    assert (again.title, again.method) == (analysis.title, analysis.method)
    assert again.parameters == analysis.parameters


def test_a_new_question_begins_like_none_of_another_project(page, lead, project):
    DatasetFactory(project=project)
    other = AnalysisFactory(project=ProjectFactory(lead=lead))
    client = page(lead)
    for number in (other.pk, 10**30, "1" * 5000):
        assert client.get(f"{NEW}?like={number}").status_code == 404
    assert client.get(f"{NEW}?like=x").status_code == 200


@pytest.fixture
def ask_again(page, lead, project):
    """Registers a regression, and opens the form that begins from it."""
    columns = {
        "age": ("integer", AGES),
        "dose": ("integer", AGES[::-1]),
        "more": ("integer", AGES[5:] + AGES[:5]),
        "sick": ("boolean", SICK),
    }
    versions = [
        table_version(
            columns, dataset=DatasetFactory(project=project, site=StudySiteFactory(project=project))
        )
        for _ in range(2)
    ]
    client = page(lead)

    def begun(**parameters):
        analysis = analyses.start(
            project=project,
            title="As before",
            method="regression",
            inputs=[{"dataset": one.dataset_id, "version": one.number} for one in versions],
            parameters={"outcome": "sick", "terms": ["dose"], **parameters},
            by=lead,
        )
        return client, client.get(f"{NEW}?like={analysis.pk}")

    return begun


def test_a_kind_of_model_that_followed_the_outcome_follows_the_next_outcome_too(ask_again):
    client, page = ask_again()
    form = Read(page.text).form(having="title")
    assert form.values["family"] == [""]
    form.fill(outcome="age")
    checked = client.get(form.send(client, NEW, step="check")["Location"])
    Read(checked.text).form(having="title").send(client, NEW, step="run")
    assert Analysis.objects.latest("id").parameters["family"] == "gaussian"


def test_a_kind_of_model_that_was_chosen_stays_chosen(ask_again):
    _, page = ask_again(family="gaussian")
    assert Read(page.text).form(having="title").values["family"] == ["gaussian"]


MORE = "asks more than this form can hold"


@pytest.mark.parametrize(
    ("parameters", "whole"),
    [
        ({}, True),
        ({"terms": ["age", "dose"], "interactions": [["dose", "site"], ["age", "dose"]]}, True),
        ({"terms": ["dose", "age"], "interactions": [["age", "site"], ["dose", "site"]]}, True),
        ({"terms": ["dose", "region"], "site_effects": False}, False),
        (
            {
                "terms": ["age", "dose", "region"],
                "interactions": [["age", "dose"]],
                "site_effects": False,
            },
            False,
        ),
        (
            {
                "terms": ["age", "dose", "more"],
                "interactions": [["age", "dose"], ["dose", "more"]],
            },
            True,
        ),
        (
            {
                "terms": ["age", "dose", "more"],
                "interactions": [["age", "dose"], ["dose", "more"], ["age", "more"]],
            },
            False,
        ),
    ],
)
def test_a_form_that_cannot_hold_the_whole_earlier_question_says_so(ask_again, parameters, whole):
    _, page = ask_again(**parameters)
    assert page.status_code == 200
    assert (MORE in page.text) is not whole
