"""States of jobs."""

from django.db import models
from django.utils.translation import gettext_lazy


class JobState(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", gettext_lazy("Waiting for a worker")
    RUNNING = "running", gettext_lazy("Running")
    SUCCEEDED = "succeeded", gettext_lazy("Done")
    FAILED = "failed", gettext_lazy("Failed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


ACTIVE = (JobState.QUEUED, JobState.RUNNING)
