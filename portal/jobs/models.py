"""Work for the workers. This table is the truth; a message to a worker is only a hint."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.common.models import TimeStamped, one_of
from portal.common.text import Text
from portal.jobs.choices import ACTIVE, JobState
from portal.jobs.handlers import HANDLERS
from portal.jobs.visibility import JobQuerySet


class Job(TimeStamped):
    """One piece of work, claimed by lease and fenced by its attempt number."""

    kind = models.CharField(max_length=40, help_text="A key of portal.jobs.handlers.HANDLERS.")
    target_id = models.BigIntegerField()
    project_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    last_attempt = models.PositiveSmallIntegerField(default=settings.JOB_MAX_ATTEMPTS)
    lease_until = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(default=timezone.now)
    progress = models.FloatField(default=0)
    message = models.CharField(max_length=200, blank=True)
    said = models.JSONField(
        null=True, blank=True, help_text="The message's template and values, where it has any."
    )
    error = models.JSONField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("job", "state", JobState),
            models.UniqueConstraint(
                "kind", "target_id", condition=Q(state__in=ACTIVE), name="job_one_active_per_target"
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="job_progress_valid"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=ACTIVE) & Q(finished_at=None))
                | (~Q(state__in=ACTIVE) & Q(finished_at__isnull=False)),
                name="job_finished_iff_ended",
            ),
            models.CheckConstraint(
                condition=(Q(state=JobState.RUNNING) & Q(lease_until__isnull=False))
                | (~Q(state=JobState.RUNNING) & Q(lease_until=None)),
                name="job_lease_iff_running",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "published_at"],
                condition=Q(state__in=ACTIVE),
                name="job_waiting",
            ),
            models.Index(fields=["kind", "target_id", "-id"], name="job_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.target_id}"

    @property
    def title(self) -> Text:
        """What the job does, in words."""
        return HANDLERS[self.kind].title

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class WorkerHeartbeat(models.Model):
    """When a worker process last consumed; a silent one is restarted by its supervisor."""

    name = models.CharField(max_length=120, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
