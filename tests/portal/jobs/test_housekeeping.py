"""The sweep: lost hints are repeated, abandoned jobs end, stray files go; also without a broker."""

import os
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from datasets.engine.rows.frame import VariableInfo
from datasets.mappings.work import harmonised, table_key
from datasets.uploads import work
from datasets.versions import storage
from portal.jobs import queue
from portal.jobs import sweep as housekeeping
from portal.jobs.choices import JobState
from portal.jobs.models import Job, WorkerHeartbeat
from portal.jobs.running import claim
from tests.factories import (
    DatasetFactory,
    JobFactory,
    MembershipFactory,
    VersionFactory,
    table_version,
)
from tests.factories.files import ready_version, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_broker")]


def age(job, seconds, **values):
    Job.objects.filter(pk=job.pk).update(published_at=Now() - timedelta(seconds=seconds), **values)


def test_a_hint_that_got_lost_is_repeated():
    lost, fresh = JobFactory(), JobFactory()
    age(lost, 60)
    housekeeping.sweep()
    assert queue.messages_waiting() == 1
    lost.refresh_from_db()
    assert lost.published_at > fresh.published_at


def test_hints_do_not_pile_up_while_all_workers_are_busy():
    for _ in range(3):
        age(JobFactory(), 60)
    for _ in range(5):
        housekeeping.sweep()
        Job.objects.update(published_at=Now() - timedelta(seconds=60))
    assert queue.messages_waiting() == 3


def test_a_job_whose_worker_died_is_hinted_at_again():
    job = JobFactory()
    VersionFactory(pk=job.target_id)
    claim(job.pk)
    age(job, 60, lease_until=Now() - timedelta(seconds=1))
    housekeeping.sweep()
    assert queue.messages_waiting() == 1


def test_a_running_job_is_left_alone():
    job = JobFactory()
    claim(job.pk)
    age(job, 600)
    housekeeping.sweep()
    job.refresh_from_db()
    assert (job.state, queue.messages_waiting()) == (JobState.RUNNING, 0)


def test_a_job_abandoned_in_its_last_attempt_has_failed():
    version = VersionFactory()
    job = JobFactory(target_id=version.pk, project_id=version.dataset.project_id)
    for _ in range(3):
        claim(job.pk)
        age(job, 60, lease_until=Now() - timedelta(seconds=1))
    housekeeping.sweep()
    job.refresh_from_db()
    version.refresh_from_db()
    assert (job.state, job.error["code"], version.state) == ("failed", "gave_up", "failed")
    assert queue.messages_waiting() == 0


def test_without_a_broker_the_sweep_still_ends_jobs_and_forgets_no_hint(settings):
    version = VersionFactory()
    job = JobFactory(target_id=version.pk, project_id=version.dataset.project_id, attempt=2)
    claim(job.pk)
    age(job, 60, lease_until=Now() - timedelta(seconds=1))
    waiting = JobFactory()
    age(waiting, 60)
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(OperationalError):
        queue.messages_waiting()
    housekeeping.sweep()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    before = Job.objects.get(pk=waiting.pk).published_at
    waiting.refresh_from_db()
    assert waiting.published_at == before


def test_the_command_runs_one_round():
    age(JobFactory(), 60)
    call_command("sweep")
    assert queue.messages_waiting() == 1


def test_harmonised_tables_that_nobody_reads_go_and_are_made_again():
    version = table_version({"age": ("integer", [40, 50])})
    rules = {"age": {"kind": "copy", "column": "age"}}
    variables = [VariableInfo("age", "integer")]
    key = table_key(version, rules, variables)
    long_ago = time.time() - work.MADE_AGAIN_SECONDS - 60
    for read_lately in (True, False, True):
        with harmonised(version, rules, variables) as path:
            os.utime(path, (long_ago, long_ago))
        if read_lately:
            with harmonised(version, rules, variables) as path:
                assert path.exists()
        work.remove_strays()
        assert storage.exists(key) == read_lately
    assert storage.exists(version.table_key)


def test_stray_files_go_and_others_stay(monkeypatch):
    monkeypatch.setattr(work, "STRAY_SECONDS", -60.0)
    dataset = DatasetFactory()
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    version = ready_version(dataset)
    gone = uploaded(DatasetFactory(project=dataset.project, created_by=dataset.created_by))
    stray = gone.original_key
    gone.delete()
    WorkerHeartbeat.objects.create(name="long gone", beat_at=Now() - timedelta(days=2))
    work.remove_strays()
    housekeeping.forget_workers()
    assert not storage.exists(stray)
    assert storage.exists(version.original_key)
    assert storage.exists(version.table_key)
    assert not WorkerHeartbeat.objects.exists()
