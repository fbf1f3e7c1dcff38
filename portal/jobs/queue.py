"""Put work into the job table, and hint to the workers that it is there."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import structlog
from celery import current_app, group
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from kombu import Connection
from kombu.exceptions import OperationalError

from portal.common.exceptions import Conflict
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job
from portal.jobs.visibility import PARTS

TASK = "portal.jobs.tasks.run_job"


BROKER_SECONDS = 1.0


BROKER_PAUSE_SECONDS = 2.0


log = structlog.get_logger(__name__)


_broker = threading.local()


def enqueue(*, kind: str, target_id: int, project_id: int | None, by: Any) -> Job:
    """A queued job, written in the caller's transaction and hinted at after its commit."""
    require_known(kind)
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind, target_id=target_id, project_id=project_id, created_by=by
            )
    except IntegrityError as error:
        raise Conflict(gettext("This is being worked on already."), code="job_active") from error
    hint_after_commit(job)
    return job


def enqueue_group(
    *, kind: str, target_ids: Sequence[int], project_id: int | None, by: Any
) -> list[Job]:
    """A queued job for each target, in the caller's transaction; after its commit one Celery group
    hints at all of them.

    Parts of other work take no number of those that people see: how many came between two would
    tell how much work it was. Each has its target's, below 0.
    """
    require_known(kind)
    jobs = Job.objects.bulk_create(
        Job(
            pk=-target_id if kind in PARTS else None,
            kind=kind,
            target_id=target_id,
            project_id=project_id,
            created_by=by,
        )
        for target_id in target_ids
    )
    transaction.on_commit(lambda: hint(*(job.pk for job in jobs)))
    return jobs


def require_known(kind: str) -> None:
    """Refuse a kind that no app has registered: nobody could ever run such a job."""
    if kind not in HANDLERS:
        raise LookupError(f"No handler is registered for jobs of the kind “{kind}”.")


def hint_after_commit(job: Job) -> None:
    """Tell the workers once the row can be seen; whether that works or not."""
    transaction.on_commit(lambda: hint(job.pk))


def hint(*job_ids: int) -> bool:
    """Send the message that jobs wait, within about a second; False when the broker is away.

    A broker that has just failed is left alone for a moment, so that many jobs at once do not add
    up to a long wait. The sweep sends again what was not sent or got lost.
    """
    if time.monotonic() < getattr(_broker, "away_until", 0.0):
        return False
    try:
        # A connection of its own: one kept from before the broker's restart would fail.
        with connect() as connection:
            messages = group(current_app.signature(TASK, args=[job_id]) for job_id in job_ids)
            messages.apply_async(producer=current_app.amqp.Producer(connection), retry=False)
    except (OperationalError, OSError) as error:
        _broker.away_until = time.monotonic() + BROKER_PAUSE_SECONDS
        log.warning("broker_away", jobs=job_ids, error=type(error).__name__)
        return False
    return True


def connect() -> Connection:
    """A connection to the broker that gives up after `BROKER_SECONDS`."""
    return Connection(
        settings.CELERY_BROKER_URL,
        connect_timeout=BROKER_SECONDS,
        transport_options={
            "socket_timeout": BROKER_SECONDS,
            "socket_connect_timeout": BROKER_SECONDS,
            "max_retries": 0,
        },
    )


def messages_waiting() -> int:
    """How many hints the broker still holds. Raises `OperationalError` when it is away."""
    with connect() as connection:
        channel = connection.default_channel
        return channel._size(current_app.conf.task_default_queue)
