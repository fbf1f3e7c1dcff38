"""Messages to the workers: run this job, and are you there?"""

from celery import shared_task

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
