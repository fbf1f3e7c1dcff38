"""People in more than one dataset of a question: they count more than once, and it is said."""

import re

import pytest

from datasets.analyses.doubles import doubles
from datasets.models import AnalysisInput, Dataset, Version
from tests.datasets.analyses.test_result_page import PULSE, answered, text_of
from tests.factories import DatasetFactory, StudySiteFactory, table_version

TWICE = "Whoever is in two datasets of this question counts twice, and intervals, which take every "
NONE_STATES = "Several datasets are of one site (Oslo), and none states whether people in it are in"
SOME_STATE = "Several datasets are of one site (Oslo), and not all state whether people in them are"
EACH_DECLARES = "Several datasets are of one site (Oslo): each declares that nobody in it is in"
QUESTION = {"outcome": "pulse", "exposure": "age", "terms": ["age"]}


def told_of(*declared):
    """What is said of datasets of these sites, each with what it declares."""
    inputs = [
        AnalysisInput(
            site=site,
            version=Version(pk=k, dataset=Dataset(pk=k, title=f"Cohort {k}", overlap=overlap)),
        )
        for k, (site, overlap) in enumerate(declared, 1)
    ]
    found = doubles(inputs)
    return found and (found.code, found.message)


@pytest.mark.parametrize(
    ("declared", "code", "said"),
    [
        ([("Oslo", "not_stated"), ("Oslo", "not_stated")], "people_twice", [NONE_STATES]),
        ([("Oslo", "not_stated"), ("Oslo", "none")], "people_twice", [SOME_STATE]),
        ([("Oslo", "none"), ("Oslo", "none")], "people_once", [EACH_DECLARES]),
        (
            [("Oslo", "known"), ("Oslo", "none")],
            "people_twice",
            ["As is declared of Cohort 1, some people are in another dataset, too."],
        ),
        (
            [("Oslo", "not_stated"), ("Hue", "possible"), ("Oslo", "known"), ("Lima", "possible")],
            "people_twice",
            [
                "As is declared of Cohort 3, some people are in another dataset, too.",
                "As is declared of Cohort 2 and Cohort 4, some people may be in another dataset, t",
                SOME_STATE,
            ],
        ),
    ],
)
def test_what_the_datasets_declare_is_said_and_what_follows(declared, code, said):
    found, message = told_of(*declared)
    assert found == code
    assert (TWICE in message) is (code == "people_twice")
    places = [message.index(one) for one in said]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "declared",
    [
        [("Oslo", "not_stated"), ("Hue", "not_stated")],
        [("Oslo", "not_stated"), ("Hue", "none")],
        [("Oslo", "known")],
    ],
)
def test_nothing_is_said_where_nothing_speaks_for_it(declared):
    """A dataset alone shares its people with none of the question."""
    assert told_of(*declared) is None


def cautions_on_project(page, lead, project):
    """How many cautions the project's page counts."""
    text = text_of(page(lead).get(f"/projects/{project.slug}/").text)
    return int((re.findall(r"(\d+) cautions?", text) or ["0"])[0])


@pytest.mark.django_db
@pytest.mark.usefixtures("no_lease_is_extended")
def test_it_stands_beside_the_number_and_at_the_check(page, api, project, lead):
    """It stood in the last fold of the page alone, while the answer said “People 32”."""
    sites = [StudySiteFactory(project=project, name=name) for name in ("Oslo", "Hue")]
    versions = [
        table_version(
            {
                "age": ("number", [50 + (7 * k + shift) % 31 for k in range(16)]),
                "pulse": ("number", PULSE),
            },
            dataset=DatasetFactory(project=project, site=site),
        )
        for site, shift in ((sites[0], 0), (sites[0], 5), (sites[1], 11))
    ]
    analysis = answered(project, lead, versions, **QUESTION)
    url = f"/analyses/{analysis.pk}/"
    asked = {
        "method": "regression",
        "inputs": [{"dataset": one.dataset_id, "version": one.number} for one in versions],
        "parameters": QUESTION,
    }
    checked = api(lead).post(f"/api/v1/projects/{project.slug}/analyses/check/", asked, "json").data
    found = api(lead).get(f"/api/v1{url}").data
    [warning] = checked["warnings"]
    assert warning["code"] == "people_twice"
    assert found["warnings"][0] == warning
    assert found["result_sha256"] == analysis.result_sha256
    html = page(lead).get(url).text
    beside = html[html.index('id="ans-h"') : html.index('id="for-h"')]
    assert NONE_STATES in beside
    assert "<dt>Rows</dt>" in beside
    assert "<dt>People</dt>" not in beside
    panel = page(lead).get(f"/projects/{project.slug}/analyses/new/?like={analysis.pk}").text
    assert NONE_STATES in panel[panel.index('id="panel"') :]
    told = cautions_on_project(page, lead, project)
    Dataset.objects.filter(site=sites[0]).update(overlap="none", overlap_note="Two wards.")
    html = page(lead).get(url).text
    assert EACH_DECLARES in html
    assert "<dt>People</dt>" in html
    assert cautions_on_project(page, lead, project) == told - 1, "that nobody counts twice is none"
    assert "In other datasets: Nobody is in another dataset. Two wards." in text_of(html)
