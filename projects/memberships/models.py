"""Who belongs to a project, in which role, from when to when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.common.models import TimeStamped, one_of
from projects.choices import Role
from projects.memberships.visibility import MembershipQuerySet
from projects.projects.models import Project
from projects.study_sites.models import StudySite


class Membership(TimeStamped):
    """One person's place in one project; it stays when it has ended."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role)
    site = models.ForeignKey(
        StudySite, on_delete=models.SET_NULL, null=True, blank=True, related_name="memberships"
    )
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("project", "user", name="membership_once_per_project"),
            one_of("membership", "role", Role),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")),
                name="membership_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["user", "ends_at"], name="membership_of_user")]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"

    @property
    def is_active(self) -> bool:
        now = timezone.now()
        return self.starts_at <= now and (self.ends_at is None or self.ends_at > now)
