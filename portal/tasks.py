"""The portal's own message to a worker: are you there?"""

import os

from celery import shared_task
from django.db.models.functions import Now

from datasets.models import WorkerHeartbeat


@shared_task
def beat() -> None:
    """Note in the database that this worker consumes messages."""
    WorkerHeartbeat.objects.update_or_create(
        name=os.environ["COHORTIUM_WORKER"], defaults={"beat_at": Now()}
    )
