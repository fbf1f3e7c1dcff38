"""Who sees which mappings."""

from typing import Any

from django.db import models

from datasets.datasets.visibility import dataset_seen
from projects.projects.visibility import project_inside_seen


class MappingQuerySet(models.QuerySet[Any]):
    """Mappings, where both the variable and the dataset are visible."""

    def visible_to(self, user: Any) -> "MappingQuerySet":
        inside = project_inside_seen(user, "variable__project__")
        return self.filter(dataset_seen(user, "dataset__"), inside)
