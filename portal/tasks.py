"""The portal's own message to a worker: are you there?"""

from celery import shared_task

from datasets.pipelines.running import sign_of_life


@shared_task
def beat() -> None:
    """Note in the database that this worker consumes messages."""
    sign_of_life()
