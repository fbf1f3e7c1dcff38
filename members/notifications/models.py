"""What the portal tells a person: a line in the inbox."""

from django.db import models
from django.db.models import Q
from django.utils import translation

from members.notifications.visibility import NotificationQuerySet
from members.users.models import User
from portal.common.models import TimeStamped

WORDS = ("text", "because", "action_label")
"""What a line says in words."""


class Notification(TimeStamped):
    """One event told to one person, once; text and address only, so it knows no other app.

    Its words are in the person's language as it was then; `said` has them in each.
    """

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    event = models.CharField(max_length=120, help_text="Names what happened; told once a person.")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    because = models.CharField(max_length=120, blank=True)
    group = models.CharField(max_length=200, blank=True, help_text="The project's title.")
    project_id = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Its number: two projects may have the same title."
    )
    url = models.CharField(max_length=300)
    action_label = models.CharField(max_length=30, blank=True, help_text="Set if it waits on them.")
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    said = models.JSONField(
        default=dict, blank=True, help_text="Text, reason and action as read in each language."
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("event", "recipient", name="notification_once_per_person"),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-created_at"],
                condition=Q(done_at__isnull=True),
                name="notification_open",
            ),
            models.Index(fields=["recipient", "-created_at", "-id"], name="notification_all"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def words(self) -> dict[str, str]:
        """Its text, reason and action in the language of whoever reads it."""
        kept = {name: getattr(self, name) for name in WORDS}
        said: dict[str, str] = self.said.get(translation.get_language(), kept)
        return said
