"""Who sees what projects look for."""

from typing import Any

from django.db import models

from projects.projects.visibility import project_known


class OpeningQuerySet(models.QuerySet[Any]):
    """What projects look for, by who may see it."""

    def visible_to(self, user: Any) -> "OpeningQuerySet":
        """Those of projects the person may know of: an opening is there to be found."""
        return self.filter(project_known(user, "project__"))

    def open(self) -> "OpeningQuerySet":
        return self.filter(filled_at=None)
