"""Whose inbox a notification is in."""

from typing import Self

from django.db import models
from django.utils import translation

from members.users.visibility import OwnQuerySet


class NotificationQuerySet(OwnQuerySet):
    """The inbox's questions."""

    owner = "recipient"

    def open(self) -> Self:
        return self.filter(done_at__isnull=True)

    def saying(self, words: str) -> Self:
        """Those with these words, as they are read or as they were written."""
        read = models.Q(**{f"said__{translation.get_language()}__text__icontains": words})
        return self.filter(read | models.Q(text__icontains=words))

    def by_urgency(self) -> Self:
        """What waits on the person first, the earliest due date first, then the newest."""
        waits = models.Case(models.When(action_label="", then=1), default=0)
        return self.order_by(waits, models.F("due_at").asc(nulls_last=True), "-created_at", "-id")
