"""A worker is killed with -9 in the middle of a file: another one ends the job, once."""

import os
import signal
from contextlib import contextmanager

import pytest

from datasets.versions import storage
from members.models import AuditEvent, Notification
from portal.jobs import sweep as housekeeping
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from tests.factories import DatasetFactory, ProjectFactory, UserFactory
from tests.factories.files import uploaded
from tests.workers import answers, running_worker, start_worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

# Read for several beats of a job, on a fast machine too.
ROWS = 4_000_000
HASTE = {"JOB_LEASE_SECONDS": "3"}


@pytest.fixture
def version():
    lead = UserFactory()
    dataset = DatasetFactory(project=ProjectFactory(lead=lead), created_by=lead)
    lines = (
        b"%d,%s,%d.5,note %d\n" % (n % 90, b"mf"[n % 2 :][:1], n % 400, n) for n in range(ROWS)
    )
    return uploaded(dataset, b"age,sex,chol,note\n" + b"".join(lines))


def sweep_until_half_read(job, attempt):
    def half_read():
        housekeeping.sweep()
        job.refresh_from_db()
        return (job.state, job.attempt) == (JobState.RUNNING, attempt) and job.progress > 0

    wait_for(half_read, 120, "the file is half read")


def sweep_until_done(job):
    def done():
        housekeeping.sweep()
        job.refresh_from_db()
        return not job.is_active

    wait_for(done, 120, "the job ends")


def test_killed_once_and_the_next_worker_finishes(version, settings):
    settings.JOB_REPUBLISH_SECONDS = 1
    job = version.latest_job()
    with running_worker("first", **HASTE) as worker:
        sweep_until_half_read(job, 1)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    version.refresh_from_db()
    assert not version.is_ready
    assert (version.rows, version.table_key) == (None, "")
    with running_worker("second", **HASTE):
        sweep_until_done(job)
    version.refresh_from_db()
    assert (job.state, job.attempt, version.state) == ("succeeded", 2, "ready")
    assert (version.rows, version.columns.count()) == (ROWS, 4)
    assert AuditEvent.objects.filter(action="version.ready").count() == 1
    assert Notification.objects.filter(kind="version_ready").count() == 1
    assert len([k for k in storage.old_keys("tables", -60) if k == version.table_key]) == 1


def test_killed_three_times_and_it_has_failed_in_the_open(version, settings):
    settings.JOB_REPUBLISH_SECONDS = 1
    job = version.latest_job()
    for number in (1, 2, 3):
        with running_worker(f"worker-{number}", **HASTE) as worker:
            sweep_until_half_read(job, number)
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
    sweep_until_done(job)
    version.refresh_from_db()
    assert (job.state, job.attempt, job.error["code"]) == ("failed", 3, "gave_up")
    assert version.state == "failed"
    assert Job.objects.count() == 1


def test_asked_to_end_it_hands_its_job_over_at_once(version, settings):
    settings.JOB_REPUBLISH_SECONDS = 1
    job = version.latest_job()
    # With the usual lease of 30 seconds, which nobody waits for.
    with running_worker("first") as first, beside("second") as second:
        second.send_signal(signal.SIGSTOP)
        sweep_until_half_read(job, 1)
        last_attempt = job.last_attempt
        second.send_signal(signal.SIGCONT)
        first.terminate()

        def taken():
            housekeeping.sweep()
            job.refresh_from_db()
            return (job.state, job.attempt) == (JobState.RUNNING, 2)

        wait_for(taken, 8, "the second worker has the job")
        first.wait(15)
        sweep_until_done(job)
    version.refresh_from_db()
    assert (job.state, job.attempt, version.state) == ("succeeded", 2, "ready")
    assert job.last_attempt == last_attempt + 1
    assert version.rows == ROWS
    assert AuditEvent.objects.filter(action="version.ready").count() == 1


@contextmanager
def beside(name):
    """Another worker, whose start leaves the broker's messages alone."""
    process = start_worker(name)
    try:
        wait_for(lambda: answers(name), 120, what=f"{name} takes messages")
        yield process
    finally:
        process.kill()
        process.wait()
