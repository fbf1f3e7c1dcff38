"""Lists and questions ask the database as often for a hundred as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.analyses import actions as analyses
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    StudySiteFactory,
    VersionFactory,
    table_version,
)

pytestmark = pytest.mark.django_db


def asked_by(step):
    """How many queries it takes, once everything that is kept in memory is."""
    step()
    with CaptureQueriesContext(connection) as asked:
        step()
    return len(asked)


@pytest.mark.parametrize("reads", [True, False])
def test_versions_are_listed_in_as_many_queries(api, project, reads):
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    person = keeper if reads else MembershipFactory(project=project, role="reader").user
    client, numbers = api(person), []
    for upto in (1, 10, 100):
        for number in range(dataset.versions.count() + 1, upto + 1):
            VersionFactory(dataset=dataset, number=number, sha256=f"{number:064x}")
        address = f"/api/v1/datasets/{dataset.pk}/versions/?limit=100"
        numbers.append(asked_by(lambda to=address: client.get(to)))
        found = client.get(address).data["results"]
        assert len(found) == upto
        assert (found[-1]["sha256"] == f"{1:064x}") is reads
    assert len(set(numbers)) == 1, numbers


def guarded(project, count, **values):
    return [
        table_version(
            {
                "age": ("integer", [30 + k % 40 for k in range(60)]),
                "weight": ("number", [50.0 + (11 * k) % 37 for k in range(60)]),
                "ward": ("category", ["north", "south"] * 30),
            },
            dataset=DatasetFactory(
                project=project,
                site=StudySiteFactory(project=project),
                **{"access": "summaries", **values},
            ),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("variable", ["age", "ward"])
def test_what_guarded_inputs_may_hold_is_asked_at_once(project, lead, variable):
    """Of a category whose levels nobody declared it is asked as well who reads the rows."""
    inputs, numbers = [], []
    strict = {"access": "controlled", "disclosure_rules": "strict"}

    def check():
        analyses.check(
            project=project,
            method="describe",
            inputs=inputs,
            parameters={"variables": [variable]},
            by=lead,
        )

    for count in (1, 9, 90):
        brought = guarded(project, count, **strict)
        inputs += [{"dataset": one.dataset_id, "version": one.number} for one in brought]
        numbers.append(asked_by(check))
    assert len(set(numbers)) == 1, numbers


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("describe", {"variables": ["age"]}),
        ("regression", {"outcome": "weight", "terms": ["age"], "family": "gaussian"}),
    ],
)
def test_what_a_question_can_use_is_asked_at_once(api, project, lead, method, parameters):
    client, inputs, numbers = api(lead), [], []

    def check():
        body = {"title": "How old?", "method": method, "parameters": parameters, "inputs": inputs}
        found = client.post("/api/v1/projects/heart/analyses/check/", body, format="json").data
        assert len(found["sites"]) == len(inputs)

    for count in (1, 9, 90):
        inputs += [
            {"dataset": one.dataset_id, "version": one.number} for one in guarded(project, count)
        ]
        numbers.append(asked_by(check))
    assert len(set(numbers)) == 1, numbers
