"""Claim, lease, fence and finish: a job ends once, whoever comes twice or late."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from portal.jobs import running
from portal.jobs.choices import JobState
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job
from portal.jobs.running import JobFailed, claim, claim_and_run
from tests.factories.datasets import JobFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def handle(monkeypatch):
    """`handle(work)`: what ingestion jobs do here; returns the states told to the target."""
    told = []

    def install(work):
        def follow(job, state):
            told.append(state)

        monkeypatch.setitem(
            HANDLERS, "ingest", replace(HANDLERS["ingest"], work=work, follow=follow)
        )
        return told

    return install


def nothing(job, context):
    return lambda: None


def let_lease_run_out(job):
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def state_of(job):
    job.refresh_from_db()
    return job.state


def test_a_job_runs_once_however_often_its_message_comes(handle):
    ran = []
    handle(lambda job, context: lambda: ran.append(job.pk))
    job = JobFactory()
    assert [claim_and_run(job.pk) for _ in range(3)] == [True, False, False]
    assert ran == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.attempt, job.progress, job.lease_until) == ("succeeded", 1, 1.0, None)
    assert job.finished_at >= job.started_at


def test_of_simultaneous_takers_one_wins(handle):
    handle(nothing)
    job = JobFactory()
    start, taken = threading.Barrier(8), []

    def take():
        start.wait()
        taken.append(claim(job.pk) is not None)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True]


def test_a_running_job_is_free_again_when_its_lease_has_run_out(handle):
    handle(nothing)
    job = JobFactory()
    claim(job.pk)
    assert claim(job.pk) is None
    let_lease_run_out(job)
    assert claim(job.pk).attempt == 2


def test_a_late_worker_overwrites_nothing(handle):
    handle(nothing)
    job, wrote = JobFactory(), []
    late = claim(job.pk)
    let_lease_run_out(job)
    current = claim(job.pk)
    assert not running.succeed(late, lambda: wrote.append("late"))
    assert not running.end(late, JobState.FAILED, {"code": "late", "detail": ""})
    assert state_of(job) == "running"
    assert running.succeed(current, lambda: wrote.append("current"))
    assert not running.succeed(late, lambda: wrote.append("late"))
    assert wrote == ["current"]


def test_a_late_worker_is_refused_in_the_middle_of_its_work(handle):
    job, wrote = JobFactory(), []

    def work(job, context):
        let_lease_run_out(job)
        claim(job.pk)
        with context.fenced():
            wrote.append("late")

    handle(work)
    claim_and_run(job.pk)
    assert wrote == []
    assert (state_of(job), job.attempt) == ("running", 2)


def test_effects_that_fail_leave_nothing_behind(handle):
    job = JobFactory()

    def work(job, context):
        def effects():
            Job.objects.filter(pk=job.pk).update(message="half")
            raise RuntimeError

        return effects

    handle(work)
    claim_and_run(job.pk)
    assert (state_of(job), job.finished_at) == ("queued", None)
    assert job.message != "half"


def test_after_three_accidents_the_job_has_failed_and_its_target_knows(handle):
    job = JobFactory()

    def work(job, context):
        raise RuntimeError

    told = handle(work)
    states = []
    for _ in range(4):
        claim_and_run(job.pk)
        states.append(state_of(job))
    assert states == ["queued", "queued", "failed", "failed"]
    assert told == ["failed"]
    assert job.error["code"] == "gave_up"


def test_a_refusal_fails_at_once_and_says_why(handle):
    def work(job, context):
        raise JobFailed("ragged_row", "Row 3 has 4 fields.", row=3)

    told, job = handle(work), JobFactory()
    claim_and_run(job.pk)
    assert (state_of(job), job.attempt, told) == ("failed", 1, ["failed"])
    assert job.error == {"code": "ragged_row", "detail": "Row 3 has 4 fields.", "row": 3}


def test_three_dead_workers_and_the_job_has_failed(handle):
    told, job = handle(nothing), JobFactory()
    for _ in range(3):
        assert claim(job.pk)
        assert not running.fail_abandoned(job.pk)
        let_lease_run_out(job)
    assert claim(job.pk) is None
    assert running.fail_abandoned(job.pk)
    assert not running.fail_abandoned(job.pk)
    assert (state_of(job), told) == ("failed", ["failed"])


def test_the_lease_is_extended_and_progress_saved_while_the_work_goes_on(handle, settings):
    settings.JOB_LEASE_SECONDS = 1
    seen = []

    def work(job, context):
        context.report(0.4, "Reading the rows")
        time.sleep(1.6)
        row = Job.objects.annotate(now=Now()).get(pk=job.pk)
        seen.append((row.progress, row.message, row.lease_until > row.now))
        return lambda: None

    handle(work)
    job = JobFactory()
    claim_and_run(job.pk)
    assert seen == [(0.4, "Reading the rows", True)]
    assert state_of(job) == "succeeded"


def test_a_waiting_job_is_cancelled_at_once(handle):
    told, job = handle(nothing), JobFactory()
    running.cancel(job)
    assert (state_of(job), told) == ("cancelled", ["cancelled"])
    assert not claim_and_run(job.pk)


def test_a_running_job_stops_soon_after_it_was_cancelled(handle):
    job = JobFactory()

    def work(job, context):
        running.cancel(job)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            context.stop_if_asked()
            time.sleep(0.02)
        return lambda: None

    told = handle(work)
    claim_and_run(job.pk)
    assert (state_of(job), told) == ("cancelled", ["cancelled"])


def test_what_was_cancelled_while_its_worker_died_is_not_begun_again(handle):
    ran = []
    told = handle(lambda job, context: ran.append(1))
    job = JobFactory()
    claim(job.pk)
    running.cancel(job)
    let_lease_run_out(job)
    claim_and_run(job.pk)
    assert (state_of(job), told, ran) == ("cancelled", ["cancelled"], [])


def test_a_repeat_goes_on_counting_so_the_fence_holds(handle):
    told, job = handle(nothing), JobFactory()
    first = claim(job.pk)
    running.end(first, JobState.FAILED, {"code": "x", "detail": "y"})
    assert running.queue_again(job)
    assert (state_of(job), job.error, job.finished_at) == ("queued", None, None)
    second = claim(job.pk)
    assert second.attempt == 2
    assert not running.succeed(first, lambda: None)
    assert running.succeed(second, lambda: None)
    assert told == ["failed", "queued"]
    assert not running.queue_again(job)


def test_a_process_that_ends_hands_its_job_over_and_takes_no_other(handle, monkeypatch):
    monkeypatch.setattr(running, "leaving", threading.Event())

    def work(job, context):
        running.leaving.set()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            context.stop_if_asked()
            time.sleep(0.02)
        return lambda: None

    told = handle(work)
    job = JobFactory()
    before = job.last_attempt
    assert claim_and_run(job.pk)
    assert state_of(job) == JobState.QUEUED
    assert (job.attempt, job.last_attempt, job.lease_until) == (1, before + 1, None)
    assert not claim_and_run(job.pk)
    running.leaving.clear()
    handle(nothing)
    assert claim_and_run(job.pk)
    assert (state_of(job), job.attempt, told) == (JobState.SUCCEEDED, 2, [])
