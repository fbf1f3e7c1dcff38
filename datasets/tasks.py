"""Messages to the workers: each loads by id and calls a pipeline."""

from celery import shared_task

from datasets.pipelines import running


@shared_task
def run_job(job_id: int) -> None:
    """Run the job if nobody has it; a message delivered twice does nothing the second time."""
    running.claim_and_run(job_id)
