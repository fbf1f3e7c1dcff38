"""Who sees which jobs."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from portal.jobs.choices import ACTIVE

SEEN_TOO: list[Callable[[Any], Q]] = []
"""Which jobs of a project a signed-in person sees; apps above add their rules on start."""

PARTS: list[str] = []
"""Kinds that are parts of other work, which nobody sees by themselves: how many there were can tell
of what they worked on. Apps add theirs on start."""


class JobQuerySet(models.QuerySet[Any]):
    """Jobs: those of what one belongs to, one's own among them, and one's own of no project;
    none that is a part of other work."""

    def visible_to(self, user: Any) -> "JobQuerySet":
        if not user.is_authenticated:
            return self.none()
        seen = Q(created_by=user, project_id=None)
        for rule in SEEN_TOO:
            seen |= rule(user)
        return self.filter(seen).exclude(kind__in=PARTS)

    def latest_of(self, kind: str, target_id: int) -> Any:
        """The newest job of this kind on this target, or None."""
        return self.filter(kind=kind, target_id=target_id).order_by("-id").first()

    def active(self) -> "JobQuerySet":
        return self.filter(state__in=ACTIVE)
