"""Put right what machines left behind: hints that got lost and dead workers' jobs."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from portal.jobs import running
from portal.jobs.choices import JobState
from portal.jobs.models import Job, WorkerHeartbeat
from portal.jobs.queue import hint, messages_waiting

FORGOTTEN_SECONDS = 24 * 3600.0


AT_ONCE = 500


log = structlog.get_logger(__name__)


def sweep() -> None:
    """One round: end what has no attempts left, and hint again at what nobody has taken."""
    fail_abandoned()
    hint_again()


def fail_abandoned() -> None:
    """Jobs whose worker died in the last attempt have failed; people see it and can repeat them."""
    abandoned = Job.objects.filter(
        state=JobState.RUNNING, lease_until__lt=Now(), attempt__gte=F("last_attempt")
    )
    for job_id in list(abandoned.values_list("pk", flat=True)[:AT_ONCE]):
        if running.fail_abandoned(job_id):
            log.warning("job_gave_up", job=job_id)


def hint_again() -> None:
    """Repeat the hints at jobs that wait for longer than JOB_REPUBLISH_SECONDS.

    No more than the broker lacks: while all workers are busy, repeated hints would pile up there.
    """
    pause = Now() - timedelta(seconds=settings.JOB_REPUBLISH_SECONDS)
    free = Job.objects.filter(running.claimable(), attempt__lt=F("last_attempt"))
    overdue = free.filter(published_at__lt=pause).order_by("published_at", "pk")
    job_ids = list(overdue.values_list("pk", flat=True)[:AT_ONCE])
    if not job_ids:
        return
    try:
        missing = free.count() - messages_waiting()
    except (OperationalError, OSError) as error:
        log.warning("broker_away", error=type(error).__name__)
        return
    job_ids = job_ids[: max(missing, 0)]
    if job_ids and hint(*job_ids):
        Job.objects.filter(pk__in=job_ids).update(published_at=Now())
        log.info("hinted_again", jobs=len(job_ids))


def forget_workers() -> None:
    """Remove signs of life of workers long gone."""
    gone = Now() - timedelta(seconds=FORGOTTEN_SECONDS)
    WorkerHeartbeat.objects.filter(beat_at__lt=gone).delete()
