"""A person asks to join a project."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.common.models import Decision, TimeStamped, one_of, paired
from projects.choices import JoinRequestState, Role
from projects.join_requests.visibility import JoinRequestQuerySet
from projects.projects.models import Project


class JoinRequest(TimeStamped, Decision):
    """What the person brings, and what became of it. `decided_by` is who ended it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="join_requests"
    )
    message = models.TextField(max_length=2000)
    answers = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=JoinRequestState, default=JoinRequestState.OPEN)
    role = models.CharField(max_length=12, choices=Role, blank=True)
    reason = models.TextField(max_length=2000, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("join_request", "state", JoinRequestState),
            paired("join_request", "decided_at", "decided_by"),
            models.UniqueConstraint(
                "project",
                "user",
                condition=Q(state=JoinRequestState.OPEN),
                name="join_request_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state=JoinRequestState.OPEN, decided_at=None)
                | (~Q(state=JoinRequestState.OPEN) & Q(decided_at__isnull=False)),
                name="join_request_decided_unless_open",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values, state=JoinRequestState.APPROVED)
                | (Q(role="") & ~Q(state=JoinRequestState.APPROVED)),
                name="join_request_role_iff_approved",
            ),
        ]
        indexes = [models.Index(fields=["project", "state", "created_at"], name="join_queue")]

    def __str__(self) -> str:
        return f"{self.user} to {self.project}"
