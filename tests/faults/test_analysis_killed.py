"""A coordinator is killed with -9 in the middle of its rounds: the next one goes on from there."""

import os
import signal

import numpy as np
import pytest

from datasets.analyses import actions as analyses
from datasets.choices import JobKind
from datasets.models import AnalysisPart
from members.models import Notification
from portal.jobs import sweep as housekeeping
from portal.jobs.models import Job
from portal.jobs.running import claim_and_run
from tests.factories import (
    DatasetFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
    table_version,
)
from tests.factories.analyses import job_of
from tests.workers import running_worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 40_000
HASTE = {"JOB_LEASE_SECONDS": "3"}


@pytest.fixture
def lead():
    return UserFactory()


@pytest.fixture
def analysis(lead):
    project = ProjectFactory(lead=lead)
    random = np.random.default_rng(20260312)
    inputs = []
    for name, country in (("Oslo", "NOR"), ("Lima", "PER"), ("Hue", "VNM")):
        age, dose = random.normal(60, 10, ROWS), random.normal(0, 1, ROWS)
        sick = random.random(ROWS) < 1 / (1 + np.exp(-(age - 60) / 10 - dose / 2))
        version = table_version(
            {"age": ("number", age), "dose": ("number", dose), "sick": ("boolean", sick)},
            dataset=DatasetFactory(
                project=project,
                site=StudySiteFactory(project=project, name=name, country=country),
                created_by=lead,
            ),
        )
        inputs.append({"dataset": version.dataset_id, "version": version.number})
    return analyses.start(
        project=project,
        title="Does the dose matter?",
        method="regression",
        inputs=inputs,
        parameters={
            "outcome": "sick",
            "terms": ["age", "dose"],
            "interactions": [["age", "site"], ["dose", "site"]],
        },
        by=lead,
    )


def test_killed_in_a_round_and_the_next_worker_goes_on(analysis, lead, settings):
    settings.JOB_REPUBLISH_SECONDS = 1
    job = job_of(analysis)

    def in_round(number):
        housekeeping.sweep()
        analysis.refresh_from_db(fields=["spec"])
        return analysis.spec["round"] >= number

    with running_worker("first", **HASTE) as worker:
        wait_for(lambda: in_round(3), seconds=120, what="the third round")
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    analysis.refresh_from_db()
    assert (analysis.state, analysis.result) == ("running", None)
    kept = AnalysisPart.objects.filter(
        input__analysis=analysis, round__lt=analysis.spec["round"]
    ).count()

    def done():
        housekeeping.sweep()
        job.refresh_from_db()
        return not job.is_active

    with running_worker("second", **HASTE):
        wait_for(done, 120, "the analysis ends")
    analysis.refresh_from_db()
    assert (job.state, job.attempt, analysis.state) == ("succeeded", 2, "succeeded")
    assert analysis.result["n"] == 3 * ROWS
    # What was in before the crash was not asked again; what broke off was, once.
    parts = Job.objects.filter(kind=JobKind.SUMMARISE)
    assert kept >= 6
    assert set(parts.values_list("state", flat=True)) == {"succeeded"}
    assert parts.count() == AnalysisPart.objects.filter(input__analysis=analysis).count()
    assert parts.filter(attempt__gt=1).count() <= 3
    assert Notification.objects.filter(kind="analysis.succeeded").count() == 1

    again = analyses.rerun(analysis=analysis, by=lead)
    assert claim_and_run(job_of(again).pk)
    again.refresh_from_db()
    assert again.differences == []
