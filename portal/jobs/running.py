"""Run one job: claim it by lease, keep the lease, finish it once.

The database's clock alone decides. A claim raises `attempt`; whatever a worker writes later asks
for that number again, so one that was thought dead and comes back overwrites nothing.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_noop

from portal.jobs.choices import JobState
from portal.jobs.handlers import HANDLERS, Effects
from portal.jobs.models import Job, WorkerHeartbeat
from portal.jobs.queue import hint_after_commit

BEAT_SECONDS = 0.5

leaving = threading.Event()
"""Set when this process was asked to end: it gives its jobs to others and takes no new ones."""

log = structlog.get_logger(__name__)


class JobFailed(Exception):
    """The job cannot succeed, and trying again would not help; `error` is shown to people.

    What other languages make `detail` of goes along as `said` (docs/adr/0021).

    With `effects`, these run in the finishing transaction instead of the handler's `follow`.
    """

    effects: "Effects | None" = None

    def __init__(self, code: str, detail: str, **place: Any) -> None:
        super().__init__(code)
        self.error: dict[str, Any] = {"code": code, "detail": detail, **place}


class Stopped(Exception):
    """The job noticed that it shall stop: cancelled, or it is somebody else's by now."""


class Context:
    """What the work may ask and tell while it runs."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._keeper = Keeper(job)

    def report(
        self, progress: float, message: str = "", said: dict[str, Any] | None = None
    ) -> None:
        """How far the work is, 0 to 1; saved by the keeper, outside every transaction.

        `said` is what other languages make the message of (docs/adr/0021).
        """
        self._keeper.reached = {
            "progress": min(max(progress, 0.0), 1.0),
            "message": message[:200],
            "said": said,
        }

    def should_stop(self) -> bool:
        """Whether somebody cancelled the job, or it is no longer ours."""
        return self._keeper.cancelled or self._keeper.lost

    def stop_if_asked(self) -> None:
        """Raise `Stopped` if the work shall stop."""
        if self.should_stop():
            raise Stopped

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A short transaction in the middle of the work, refused to a worker that came late."""
        with transaction.atomic():
            if not held(self.job).select_for_update().exists():
                raise Stopped
            yield


class Keeper(threading.Thread):
    """Extends the lease, saves the progress and learns of a cancellation, on its own connection."""

    def __init__(self, job: Job) -> None:
        super().__init__(name=f"lease-{job.pk}", daemon=True)
        self.job = job
        self.reached: dict[str, Any] = {"progress": 0.0, "message": "", "said": None}
        self.cancelled = self.lost = False
        self._done = threading.Event()
        self._sure_until = time.monotonic() + settings.JOB_LEASE_SECONDS

    def run(self) -> None:
        try:
            while not self._done.wait(BEAT_SECONDS):
                self._beat()
        finally:
            connection.close()

    def stop(self) -> None:
        """End the thread; the finishing transaction needs no lease, it holds the row."""
        self._done.set()
        if self.is_alive():
            self.join()

    def _beat(self) -> None:
        asked_at = time.monotonic()
        try:
            if leaving.is_set():
                # At once, for the work may not look up before the process is killed.
                hand_over(self.job)
                self.lost = True
                return
            kept = held(self.job).update(lease_until=lease_end(), **self.reached)
            if not kept:
                self.lost = True
                return
            self._sure_until = asked_at + settings.JOB_LEASE_SECONDS
            self.cancelled = (
                held(self.job).filter(cancel_requested_at__isnull=False).exists() or self.cancelled
            )
            sign_of_life()
        except DatabaseError:
            # The server may be back before the lease ends; until then the work goes on.
            connection.close()
            self.lost = time.monotonic() > self._sure_until


def claim_and_run(job_id: int) -> bool:
    """Run the job if it is free; False when somebody else has it or it has ended.

    Call it outside a transaction. A worker calls it for each message, and whoever waits for
    other jobs may call it to help.
    """
    job = None if leaving.is_set() else claim(job_id)
    if job is None:
        return False
    if job.cancel_requested_at is not None:
        end(job, JobState.CANCELLED)
        return True
    told = log.bind(job=job.pk, kind=job.kind, target=job.target_id, attempt=job.attempt)
    told.info("job_taken")
    context = Context(job)
    context._keeper.start()
    try:
        effects = HANDLERS[job.kind].work(job, context)
        context._keeper.stop()
        succeed(job, effects)
    except Stopped:
        context._keeper.stop()
        if context._keeper.cancelled:
            end(job, JobState.CANCELLED)
    except JobFailed as failure:
        context._keeper.stop()
        end(job, JobState.FAILED, failure.error, failure.effects)
    except Exception:
        context._keeper.stop()
        told.exception("job_broke")
        give_back(job)
    finally:
        context._keeper.stop()
        told.info("job_left")
    return True


def claim(job_id: int) -> Job | None:
    """Take the job for one lease, or None; one UPDATE decides between simultaneous takers."""
    with transaction.atomic():
        taken = (
            Job.objects.filter(claimable(), pk=job_id, kind__in=list(HANDLERS))
            .filter(attempt__lt=F("last_attempt"))
            .update(
                state=JobState.RUNNING,
                attempt=F("attempt") + 1,
                lease_until=lease_end(),
                started_at=Coalesce("started_at", Now()),
                progress=0,
                message="",
                updated_at=Now(),
            )
        )
        return Job.objects.get(pk=job_id) if taken else None


def claimable() -> Q:
    """The condition that nobody holds the job: it waits, or its lease has run out."""
    return Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=Now())


def held(job: Job) -> QuerySet[Job]:
    """The job's row as long as this attempt is the one that runs."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)


def succeed(job: Job, effects: Effects) -> bool:
    """End the job and apply what it did, together; False for a worker that came late."""
    with transaction.atomic():
        if not held(job).update(
            state=JobState.SUCCEEDED, progress=1, message="", error=None, **ended()
        ):
            return False
        effects()
        return True


def end(
    job: Job, state: str, error: dict[str, Any] | None = None, effects: Effects | None = None
) -> bool:
    """End the job without success and let its target know, together."""
    with transaction.atomic():
        if not held(job).update(state=state, error=error, **ended()):
            return False
        if effects:
            effects()
        else:
            tell_target(job)
        return True


def give_back(job: Job) -> None:
    """Queue the job again after an accident; its last attempt fails it instead.

    The sweep hints at it after a pause, so an accident that lasts is not repeated at once.
    """
    if job.attempt >= job.last_attempt:
        end(job, JobState.FAILED, GAVE_UP)
        return
    with transaction.atomic():
        held(job).update(
            state=JobState.QUEUED,
            lease_until=None,
            message=gettext_noop("Something went wrong; trying again"),
            said=None,
            published_at=Now(),
            updated_at=Now(),
        )


def hand_over(job: Job) -> None:
    """Queue the job for another worker, since this one ends; that costs it no attempt."""
    with transaction.atomic():
        if held(job).update(
            state=JobState.QUEUED,
            last_attempt=F("last_attempt") + 1,
            lease_until=None,
            message="",
            published_at=Now(),
            updated_at=Now(),
        ):
            hint_after_commit(job)


def fail_abandoned(job_id: int) -> bool:
    """Fail a job whose lease ran out in its last attempt; False if somebody still works on it."""
    with transaction.atomic():
        abandoned = Job.objects.filter(
            pk=job_id,
            state=JobState.RUNNING,
            lease_until__lt=Now(),
            attempt__gte=F("last_attempt"),
        )
        if not abandoned.update(state=JobState.FAILED, error=GAVE_UP, **ended()):
            return False
        tell_target(Job.objects.get(pk=job_id))
        return True


def cancel(job: Job) -> None:
    """Cancel a waiting job at once, and ask the worker of a running one to stop.

    Runs inside the caller's transaction.
    """
    waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
    if waiting.update(state=JobState.CANCELLED, cancel_requested_at=Now(), **ended()):
        tell_target(job)
        return
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
        cancel_requested_at=Coalesce("cancel_requested_at", Now()), updated_at=Now()
    )


def queue_again(job: Job) -> bool:
    """Queue an ended job with new attempts; its number goes on, so the fence holds.

    Runs inside the caller's transaction; False unless the job failed or was cancelled.
    """
    ended = Job.objects.filter(pk=job.pk, state__in=(JobState.FAILED, JobState.CANCELLED))
    if not ended.update(
        state=JobState.QUEUED,
        last_attempt=F("attempt") + settings.JOB_MAX_ATTEMPTS,
        error=None,
        progress=0,
        message="",
        cancel_requested_at=None,
        started_at=None,
        finished_at=None,
        published_at=Now(),
        updated_at=Now(),
    ):
        return False
    tell_target(job)
    hint_after_commit(job)
    return True


def tell_target(job: Job) -> None:
    """Give the job's target the state that goes with the job's."""
    job.refresh_from_db()
    HANDLERS[job.kind].follow(job, job.state)


def lease_end() -> Any:
    """When a lease taken now runs out, on the database's clock."""
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def sign_of_life() -> None:
    """Note that this worker works: while a job runs, it answers no other message."""
    name = os.environ.get("COHORTIUM_WORKER")
    if name:
        WorkerHeartbeat.objects.update_or_create(name=name, defaults={"beat_at": Now()})


def ended() -> dict[str, Any]:
    """The fields that every end sets."""
    return {"lease_until": None, "finished_at": Now(), "updated_at": Now()}


GAVE_UP = {
    "code": "gave_up",
    "detail": gettext_noop(
        "The work broke off repeatedly on our side. Nothing is lost; you can try again."
    ),
}
