"""Who sees which analyses."""

from typing import Any

from django.db import models
from django.db.models import Q

from datasets.datasets.visibility import (
    ACCESS_LEVELS,
    ROW_ROLES,
    projects_of,
    seen_outside,
)


class AnalysisQuerySet(models.QuerySet[Any]):
    """Analyses: members see all; outside a public project, those whose inputs all are seen."""

    def visible_to(self, user: Any) -> "AnalysisQuerySet":
        hidden = [level for level in ACCESS_LEVELS if level not in seen_outside(user)]
        return self.filter(
            Q(project__in=projects_of(user))
            | (Q(project__visibility="public") & ~Q(inputs__version__dataset__access__in=hidden))
        )


class DraftQuerySet(models.QuerySet[Any]):
    """Drafts: nobody but their author sees them, while still a member who may ask."""

    def visible_to(self, user: Any) -> "DraftQuerySet":
        if not user.is_authenticated:
            return self.none()
        return self.filter(created_by=user.pk, project__in=projects_of(user, ROW_ROLES))

    def open(self) -> "DraftQuerySet":
        """Those that are not registered yet."""
        return self.filter(analysis=None)
