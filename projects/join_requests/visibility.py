"""Who sees which join requests."""

from typing import Any

from django.db import models
from django.db.models import Q

from projects.projects.visibility import own_projects


class JoinRequestQuerySet(models.QuerySet[Any]):
    """Join requests by who may see them."""

    def visible_to(self, user: Any) -> "JoinRequestQuerySet":
        """One's own, and those to projects whose members one manages."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(user=user) | Q(project__in=own_projects(user, role="lead")))

    def open(self) -> "JoinRequestQuerySet":
        return self.filter(state="open")
