"""Messages to the workers: each loads by id and calls a pipeline."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from datasets.pipelines import running


@shared_task
def run_job(job_id: int) -> None:
    """Run the job if nobody has it; a message delivered twice does nothing the second time."""
    running.claim_and_run(job_id)


@worker_shutting_down.connect
def leave(**told: Any) -> None:
    """On SIGTERM the running job goes to another worker at once, not when its lease runs out."""
    running.leaving.set()
