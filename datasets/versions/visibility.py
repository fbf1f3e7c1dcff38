"""Who sees which versions."""

from typing import Any

from django.db import models
from django.db.models import Q

from datasets.choices import READY_STATES
from datasets.datasets.visibility import dataset_seen, projects_of, rows_read


class VersionQuerySet(models.QuerySet[Any]):
    """Versions of datasets: those that are not ready show only to members of the project."""

    def ready(self) -> "VersionQuerySet":
        return self.filter(state__in=READY_STATES)

    def visible_to(self, user: Any) -> "VersionQuerySet":
        ready = Q(state__in=READY_STATES)
        member = Q(dataset__project__in=projects_of(user))
        return self.filter(dataset_seen(user, "dataset__") & (ready | member))

    def rows_readable_by(self, user: Any) -> "VersionQuerySet":
        return self.visible_to(user).filter(rows_read(user, "dataset__"))
