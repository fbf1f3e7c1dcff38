"""Messages to the workers: run this job, and are you there?"""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from portal.jobs import running
from portal.jobs.running import sign_of_life


@shared_task
def beat() -> None:
    """Note in the database that this worker consumes messages."""
    sign_of_life()


@shared_task
def run_job(job_id: int) -> None:
    """Run the job if nobody has it; a message delivered twice does nothing the second time."""
    running.claim_and_run(job_id)


@worker_shutting_down.connect
def leave(**told: Any) -> None:
    """On SIGTERM the running job goes to another worker at once, not when its lease runs out."""
    running.leaving.set()
