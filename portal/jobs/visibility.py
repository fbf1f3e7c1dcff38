"""Who sees which jobs."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from portal.jobs.choices import ACTIVE

SEEN_TOO: list[Callable[[Any], Q]] = []
"""Which jobs a signed-in person sees besides their own; apps above add their rules on start."""


class JobQuerySet(models.QuerySet[Any]):
    """Jobs: one's own, and those of what one belongs to."""

    def visible_to(self, user: Any) -> "JobQuerySet":
        if not user.is_authenticated:
            return self.none()
        seen = Q(created_by=user)
        for rule in SEEN_TOO:
            seen |= rule(user)
        return self.filter(seen)

    def active(self) -> "JobQuerySet":
        return self.filter(state__in=ACTIVE)
