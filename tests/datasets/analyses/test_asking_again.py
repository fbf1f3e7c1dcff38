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
                "terms": ["age", "dose"],
                "interactions": [["dose", "site"], ["age", "dose"]],
                "standard_errors": "hc3",
                "strategy": "two_stage",
                "site_effects": True,
            },
        ),
    ],
)
def test_a_new_question_begins_as_an_earlier_one_was_asked(page, lead, project, method, parameters):
    dataset = DatasetFactory(project=project, site=StudySiteFactory(project=project))
    columns = {"age": ("integer", AGES), "dose": ("integer", AGES[::-1]), "sick": ("boolean", SICK)}
    older, newer = (table_version(columns, dataset=dataset) for _ in range(2))
    analysis = analyses.start(
        project=project,
        title="As before",
        method=method,
        inputs=[{"dataset": dataset.pk, "version": older.number}],
        parameters=parameters,
        by=lead,
    )
    client = page(lead)
    url = f"{NEW}?like={analysis.pk}"
    form = Read(client.get(url).text).form(having="title")
    assert older.number < newer.number
    assert form.values["inputs"] == [f"{dataset.pk}:{older.number}"]
    checked = Read(form.send(client, NEW, step="check").text).form(having="title")
    checked.send(client, NEW, step="run")
    again = Analysis.objects.latest("id")
    assert again.pk != analysis.pk
    assert (again.title, again.method) == (analysis.title, analysis.method)
    assert again.parameters == analysis.parameters


def test_a_new_question_begins_like_none_of_another_project(page, lead, project):
    DatasetFactory(project=project)
    other = AnalysisFactory(project=ProjectFactory(lead=lead))
    client = page(lead)
    for number in (other.pk, 10**30):
        assert client.get(f"{NEW}?like={number}").status_code == 404
    assert client.get(f"{NEW}?like=x").status_code == 200
