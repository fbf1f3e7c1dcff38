"""Who sees which analyses."""

from typing import Any

from django.db import models
from django.db.models import Q

from datasets.datasets.visibility import ACCESS_LEVELS, projects_of, seen_outside


class AnalysisQuerySet(models.QuerySet[Any]):
    """Analyses: members see all; outside a public project, those whose inputs all are seen."""

    def visible_to(self, user: Any) -> "AnalysisQuerySet":
        hidden = [level for level in ACCESS_LEVELS if level not in seen_outside(user)]
        return self.filter(
            Q(project__in=projects_of(user))
            | (Q(project__visibility="public") & ~Q(inputs__version__dataset__access__in=hidden))
        )
