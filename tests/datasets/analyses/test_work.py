"""Rounds, parts and coordinators: a question ends once, with one worker or many."""

import uuid
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.analyses import actions as analyses
from datasets.analyses import answerable
from datasets.analyses import inputs as reading
from datasets.analyses.answers import hide_differences
from datasets.choices import AnalysisState, JobKind
from datasets.models import AnalysisPart
from members.models import Notification
from portal.jobs import actions as jobs
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.jobs.running import Context, JobFailed, Stopped, claim_and_run
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
    table_version,
)
from tests.workers import killed_in_round

pytestmark = pytest.mark.django_db(transaction=True)

REGRESSION = {"outcome": "sick", "terms": ["age"], "site_effects": False}
AGES = [30, 35, 41, 44, 50, 52, 58, 60, 66, 71, 33, 47, 55, 62, 68, 39]
SICK = [a > 45 if i % 5 else a <= 45 for i, a in enumerate(AGES)]


@pytest.fixture(params=["few rows", "many rows"], autouse=True)
def rows(request, monkeypatch):
    """How the coordinator gets the answers of a round: by itself, or from jobs it hands out."""
    if request.param == "many rows":
        monkeypatch.setattr(reading, "FEW_VALUES", 0)
    return request.param


@pytest.fixture
def member():
    return UserFactory()


@pytest.fixture
def start(member):
    """`start(method, parameters)`: a queued analysis over two small hospitals."""
    project = ProjectFactory()
    MembershipFactory(project=project, user=member, role="contributor")
    inputs = []
    for name, country, ages in (("Oslo", "NOR", AGES), ("Lima", "PER", AGES[::-1])):
        site = StudySiteFactory(project=project, name=name, country=country)
        version = table_version(
            {"age": ("integer", ages), "sick": ("boolean", SICK)},
            dataset=DatasetFactory(project=project, site=site, created_by=member),
        )
        inputs.append({"dataset": version.dataset_id, "version": version.number})

    def begin(method="regression", parameters=REGRESSION, **more):
        return analyses.start(
            project=project,
            title="Does age matter?",
            method=method,
            inputs=inputs,
            parameters=parameters,
            by=member,
            **more,
        )

    return begin


def coordinator(analysis):
    return Job.objects.get(kind=JobKind.ANALYSE, target_id=analysis.pk)


def parts_done(analysis):
    return AnalysisPart.objects.filter(input__analysis=analysis, statistics__isnull=False).count()


def test_one_worker_alone_answers(start, member, rows):
    analysis = start()
    assert claim_and_run(coordinator(analysis).pk)
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.SUCCEEDED
    assert analysis.result["n"] == 32
    assert analysis.provenance["result_sha256"] == analysis.result_sha256
    assert analysis.provenance["steps"][0]["by_site"] == {"Oslo": 16, "Lima": 16}
    assert analysis.spec["round"] == analysis.result["rounds"]
    assert parts_done(analysis) == 2 * (analysis.result["rounds"] if rows == "many rows" else 1)
    [after] = Job.objects.exclude(state=JobState.SUCCEEDED)
    assert claim_and_run(after.pk)
    # Sixteen rows of a site carry no model that its gate would let go.
    assert analysis.guarded_answer.result is None
    told = Notification.objects.get(recipient=member, kind="analysis.succeeded")
    assert told.url == analysis.get_absolute_url()


def test_neither_times_nor_numbers_of_jobs_tell_how_long_it_took(start, member, api):
    """Whoever reads no rows took from them whether a term settles the outcome."""
    analysis = start()
    first = coordinator(analysis)
    assert claim_and_run(first.pk)
    after = Job.objects.get(kind=JobKind.GUARD)
    assert after.pk == first.pk + 1, "rounds have jobs of their own, and take no number"
    told = api(member).get(f"/api/v1/analyses/{analysis.pk}/").data
    of_job = api(member).get(f"/api/v1/jobs/{after.pk}/").data
    moments = [told["updated_at"], told["finished_at"], told["provenance"]["finished_at"]]
    moments += [
        of_job["created_at"],
        *(told["job"][f"{one}_at"] for one in ("started", "finished")),
    ]
    # A script that reads no rows reads the inbox of whoever asked.
    inbox = api(member, scopes=["read"]).get("/api/v1/notifications/").data["results"]
    moments += [inbox[0]["created_at"], inbox[0]["updated_at"]]
    assert [datetime.fromisoformat(one).strftime("%S.%f") for one in moments] == ["00.000000"] * 8
    assert told["finished_at"] >= told["created_at"]


def test_late_messages_for_parts_change_nothing(start):
    analysis = start("describe", {"variables": ["age"]})
    claim_and_run(coordinator(analysis).pk)
    assert not any(claim_and_run(job.pk) for job in Job.objects.exclude(kind=JobKind.GUARD))


def test_whoever_takes_over_goes_on_at_the_round_that_was_kept(start, rows, monkeypatch):
    analysis = start()
    first = coordinator(analysis)
    killed_in_round(3, first, monkeypatch)
    analysis.refresh_from_db()
    reached = {"few rows": (1, 0), "many rows": (3, 6)}[rows]
    assert analysis.state == AnalysisState.RUNNING
    assert (analysis.spec["round"], parts_done(analysis)) == reached
    Job.objects.filter(pk=first.pk).update(lease_until="2001-01-01T00:00Z")
    assert claim_and_run(first.pk)
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.SUCCEEDED
    handed_out = Job.objects.filter(kind=JobKind.SUMMARISE).count()
    assert handed_out == (parts_done(analysis) if rows == "many rows" else 0)


def test_a_part_that_fails_fails_the_analysis_in_words_and_retry_does_it_again(
    start, member, monkeypatch
):
    analysis = start("describe", {"variables": ["age"]})

    def broken(*asked):
        raise JobFailed("no_table", "The table could not be read.")

    kept = reading.harmonisation.harmonised
    monkeypatch.setattr(reading.harmonisation, "harmonised", broken)
    claim_and_run(coordinator(analysis).pk)
    analysis.refresh_from_db()
    job = coordinator(analysis)
    assert (analysis.state, job.state) == (AnalysisState.FAILED, JobState.FAILED)
    assert job.error["detail"] == "Oslo: The table could not be read."
    assert Notification.objects.filter(kind="analysis.failed").count() == 1
    monkeypatch.setattr(reading.harmonisation, "harmonised", kept)
    jobs.retry(job=job, by=member)
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.QUEUED
    assert claim_and_run(job.pk)
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.SUCCEEDED


def test_what_cannot_be_estimated_is_said(start, member, monkeypatch):
    """As an end like any other: whether the rows give an answer is nobody's business who does not
    read them."""
    monkeypatch.setattr(answerable, "MOST_VALUES", 0)
    analysis = start(parameters={"outcome": "age", "family": "binomial", "terms": ["sick"]})
    claim_and_run(coordinator(analysis).pk)
    analysis.refresh_from_db()
    assert (analysis.state, coordinator(analysis).error) == (AnalysisState.SUCCEEDED, None)
    assert "The outcome must be 0 or 1" in analysis.result["refused"]
    again = analyses.rerun(analysis=analysis, by=member)
    claim_and_run(coordinator(again).pk)
    again.refresh_from_db()
    assert again.agrees is True


def test_cancelled_while_it_waits_or_runs(start, member, monkeypatch):
    waiting = start()
    jobs.cancel(job=coordinator(waiting), by=member)
    waiting.refresh_from_db()
    assert waiting.state == AnalysisState.CANCELLED

    running = start()

    def cancelled(context):
        Job.objects.filter(pk=context.job.pk).update(cancel_requested_at="2026-01-01T00:00Z")
        context._keeper.cancelled = True
        raise Stopped

    monkeypatch.setattr(Context, "stop_if_asked", cancelled)
    claim_and_run(coordinator(running).pk)
    running.refresh_from_db()
    assert running.state == AnalysisState.CANCELLED
    assert not Job.objects.active().exists()


def test_a_rerun_finds_every_number_again_and_says_when_not(start, member):
    analysis = start()
    claim_and_run(coordinator(analysis).pk)
    analysis.refresh_from_db()
    again = analyses.rerun(analysis=analysis, by=member)
    claim_and_run(coordinator(again).pk)
    again.refresh_from_db()
    assert (again.agrees, again.differences) == (True, [])
    assert again.result_sha256 == analysis.result_sha256

    # A result of before this field came.
    del analysis.result["approximate"]
    analysis.result["coefficients"][1]["estimate"] *= 1 + 1e-6
    analysis.save()
    third = analyses.rerun(analysis=analysis, by=member)
    claim_and_run(coordinator(third).pk)
    third.refresh_from_db()
    assert third.agrees is False
    assert third.differences == ["coefficients[1].estimate"]


def test_a_question_that_was_run_often_asks_the_database_as_little(start, member):
    """Each run had its rights, its releases and its answer looked up by itself."""

    def queries(runs):
        with CaptureQueriesContext(connection) as asked:
            hide_differences(member, runs)
        assert [run.differences for run in runs] == [[]] * len(runs)
        return len(asked)

    analysis = start()
    claim_and_run(coordinator(analysis).pk)
    analysis.refresh_from_db()
    runs = [analyses.rerun(analysis=analysis, by=member) for _ in range(3)]
    for run in runs:
        claim_and_run(coordinator(run).pk)
        run.refresh_from_db()
    assert queries(runs) == queries(runs[:1])


def test_the_same_rules_are_applied_once(start, monkeypatch):
    made = []
    # What earlier tests kept of the same rows is another format's.
    monkeypatch.setattr(reading.harmonisation, "FORMAT", str(uuid.uuid4()))
    harmonise = reading.harmonisation.harmonise.harmonise
    monkeypatch.setattr(
        reading.harmonisation.harmonise,
        "harmonise",
        lambda *given: made.append(given) or harmonise(*given),
    )
    for _ in range(2):
        claim_and_run(coordinator(start("describe", {"variables": ["age"]})).pk)
    assert len(made) == 2


def test_names_like_our_own_words_and_two_datasets_of_one_site(member):
    """`notes` broke the sum of two datasets of a site; `model` was read though nobody asked."""
    project = ProjectFactory()
    MembershipFactory(project=project, user=member, role="contributor")
    oslo = StudySiteFactory(project=project, name="many", country="NOR")
    lima = StudySiteFactory(project=project, name="Lima", country="PER")
    inputs = []
    for site, ages in ((oslo, AGES), (oslo, AGES[3:] + AGES[:3]), (lima, AGES[::-1])):
        version = table_version(
            {
                "notes": ("integer", ages),
                "a:b": ("boolean", SICK),
                "model": ("integer", ages),
                "binomial": ("integer", ages),
            },
            dataset=DatasetFactory(project=project, site=site, created_by=member),
        )
        inputs.append({"dataset": version.dataset_id, "version": version.number})
    analysis = analyses.start(
        project=project,
        title="Do notes matter?",
        method="regression",
        inputs=inputs,
        parameters={"outcome": "a:b", "terms": ["notes"]},
        by=member,
    )
    assert [one["name"] for one in analysis.variables] == ["a:b", "notes"]
    assert claim_and_run(coordinator(analysis).pk)
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.SUCCEEDED
    assert analysis.result["n_by_site"] == {"many": 32, "Lima": 16}
    assert analysis.provenance["steps"][1]["by_site"] == {"many": 32, "Lima": 16}
