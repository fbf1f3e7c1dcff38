"""Hints to the workers: after the commit, within a second or two, and allowed to fail."""

import contextlib
import socket

import pytest
from django.core.files.base import ContentFile

from datasets.uploads import actions as versions
from portal.common.exceptions import Conflict
from portal.jobs import queue
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from tests.factories import DatasetFactory, JobFactory, MembershipFactory
from tests.factories.files import PATIENTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_broker")]


@pytest.fixture
def hanging_broker():
    """Something that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.setblocking(False)
        yield server


def address_of(server):
    return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def callers(server):
    """How many connections were made since it was last asked."""
    count = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            count += 1
    return count


def test_a_hint_goes_out_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        job = JobFactory()
        queue.hint_after_commit(job)
        assert queue.messages_waiting() == 0
    assert len(waiting) == 1
    waiting[0]()
    assert queue.messages_waiting() == 1


def test_a_target_has_one_active_job():
    job = JobFactory()
    arguments = {"kind": job.kind, "target_id": job.target_id, "project_id": job.project_id}
    with pytest.raises(Conflict) as caught:
        queue.enqueue(**arguments, by=job.created_by)
    assert caught.value.code == "job_active"
    assert Job.objects.count() == 1


@pytest.mark.parametrize("kind", ["refusing", "hanging"])
def test_an_upload_is_accepted_without_a_broker_which_is_tried_once(
    settings, kind, hanging_broker, django_capture_on_commit_callbacks
):
    refusing = "redis://127.0.0.1:1/0"
    settings.CELERY_BROKER_URL = address_of(hanging_broker) if kind == "hanging" else refusing
    dataset = DatasetFactory()
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    with django_capture_on_commit_callbacks(execute=True):
        version = versions.upload(
            dataset=dataset, file=ContentFile(PATIENTS, name="a.csv"), by=dataset.created_by
        )
    assert version.latest_job().state == JobState.QUEUED
    assert callers(hanging_broker) == (kind == "hanging")


def test_many_hints_do_not_add_up_to_a_long_wait(settings, hanging_broker):
    settings.CELERY_BROKER_URL = address_of(hanging_broker)
    assert not any(queue.hint(number) for number in range(20))
    assert callers(hanging_broker) == 1
