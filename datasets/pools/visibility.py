"""Who sees which pooled tables."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from datasets.datasets.models import Dataset
from datasets.datasets.visibility import projects_of


class PooledTableQuerySet(models.QuerySet[Any]):
    """Pooled tables, for members of the project who may read the rows of every dataset in them.

    Their recipes tell as much as the rows: rules name values, and counts are exact.
    """

    def visible_to(self, user: Any) -> "PooledTableQuerySet":
        unread = (
            Dataset.objects.filter(versions__pooled_inputs__table=OuterRef("pk"))
            .with_row_right(user)
            .filter(rows_readable=False)
        )
        return self.filter(~Exists(unread), project__in=projects_of(user))
