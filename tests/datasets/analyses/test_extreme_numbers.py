"""Numbers at the end of what numbers can be: a question of them has an answer or a reason."""

import pytest

from datasets.analyses import actions as analyses
from portal.jobs import running
from tests.factories import DatasetFactory, StudySiteFactory, table_version
from tests.factories.analyses import job_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

CHECK = "/api/v1/projects/heart/analyses/check/"
N = 120
QUESTIONS = {
    "regression": {
        "outcome": "gain",
        "terms": ["dose", "age"],
        "family": "gaussian",
        "site_effects": False,
    },
    "correlation": {"variables": ["gain", "dose", "age"]},
    "describe": {"variables": ["gain", "dose"]},
}


@pytest.mark.parametrize("access", ["summaries", "open"])
@pytest.mark.parametrize("extreme", [1e200, 1.797e308, -1.797e308, 5e-324])
@pytest.mark.parametrize("method", QUESTIONS)
def test_one_extreme_number_never_breaks_a_question(api, lead, project, method, extreme, access):
    columns = {
        "dose": ("number", [extreme, *(float(k % 17) for k in range(N - 1))]),
        "gain": ("number", [float(k * k % 31) for k in range(N)]),
        "age": ("number", [float(k * 7 % 29) for k in range(N)]),
    }
    dataset = DatasetFactory(
        project=project,
        site=StudySiteFactory(project=project),
        access="summaries" if access == "summaries" else "project",
        release_policy="gate",
    )
    version = table_version(columns, dataset=dataset)
    asked = {
        "title": "Does it help?",
        "method": method,
        "inputs": [{"dataset": dataset.pk, "version": version.number}],
        "parameters": QUESTIONS[method],
    }
    assert api(lead).post(CHECK, asked, format="json").status_code == 200
    analysis = analyses.start(project=project, **asked, by=lead)
    assert running.claim_and_run(job_of(analysis).pk)
    analysis.refresh_from_db()
    # Of guarded data it is missing: that the question fails would tell that somebody has it.
    if extreme == 5e-324 or access == "summaries":
        assert analysis.state == "succeeded", job_of(analysis).error
    else:
        assert analysis.state == "failed"
        assert "which cannot be computed with" in job_of(analysis).error["detail"]


@pytest.mark.parametrize("method", QUESTIONS)
def test_that_somebody_has_a_code_at_the_end_of_numbers_is_not_told(api, lead, project, method):
    """Whether the question failed told it of the one patient who came with a version."""
    dataset = DatasetFactory(
        project=project,
        site=StudySiteFactory(project=project),
        access="summaries",
        release_policy="gate",
    )
    told = []
    for number, last in ((1, None), (2, 1.797e308)):
        columns = {
            "dose": ("number", [*(float(k % 17) for k in range(N - 1)), last]),
            "gain": ("number", [float(k * k % 31) for k in range(N)]),
            "age": ("number", [float(k * 7 % 29) for k in range(N)]),
        }
        version = table_version(columns, dataset=dataset, number=number)
        asked = {
            "title": "Does it help?",
            "method": method,
            "inputs": [{"dataset": dataset.pk, "version": version.number}],
            "parameters": QUESTIONS[method],
        }
        checked = api(lead).post(CHECK, asked, format="json").data
        told.append({name: checked[name] for name in ("sites", "problem")})
        if number == 2:
            analysis = analyses.start(project=project, **asked, by=lead)
            assert running.claim_and_run(job_of(analysis).pk)
            assert job_of(analysis).error is None
    assert told[0] == told[1]


@pytest.mark.parametrize("method", QUESTIONS)
def test_a_column_of_numbers_whose_squares_are_0_is_named(lead, project, method):
    """Correlation answered with nulls, a regression that its outcome was the same in every row."""
    columns = {
        "dose": ("number", [float(k % 17) for k in range(N)]),
        "gain": ("number", [(k * k % 31) * 1e-310 for k in range(N)]),
        "age": ("number", [float(k * 7 % 29) for k in range(N)]),
    }
    dataset = DatasetFactory(project=project, site=StudySiteFactory(project=project))
    version = table_version(columns, dataset=dataset)
    analysis = analyses.start(
        project=project,
        title="Does it help?",
        method=method,
        inputs=[{"dataset": dataset.pk, "version": version.number}],
        parameters=QUESTIONS[method],
        by=lead,
    )
    assert running.claim_and_run(job_of(analysis).pk)
    said = job_of(analysis).error["detail"]
    assert "gain has no value beyond 10^-75 but 0, which cannot be computed with" in said
