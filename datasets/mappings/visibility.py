"""Who sees which mappings."""

from typing import Any

from django.db import models

from datasets.datasets.visibility import dataset_seen
from projects.models import Project


class MappingQuerySet(models.QuerySet[Any]):
    """Mappings, where both the variable and the dataset are visible."""

    def visible_to(self, user: Any) -> "MappingQuerySet":
        inside = Project.objects.inside_visible_to(user).values("pk")
        return self.filter(dataset_seen(user, "dataset__"), variable__project__in=inside)
