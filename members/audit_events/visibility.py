"""The trail of one thing."""

from typing import Any, Self

from django.db import models


class AuditEventQuerySet(models.QuerySet[Any]):
    """The trail of one thing, for whoever may read it: the upper apps decide who that is."""

    def for_project(self, project_id: int) -> Self:
        return self.filter(project_id=project_id).order_by("-id")

    def for_dataset(self, dataset_id: int) -> Self:
        return self.filter(dataset_id=dataset_id).order_by("-id")
