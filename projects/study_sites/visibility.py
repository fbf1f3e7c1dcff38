"""Who sees which study sites."""

from typing import Any

from django.db import models

from projects.projects.visibility import project_inside_seen


class StudySiteQuerySet(models.QuerySet[Any]):
    """Study sites by who may see them."""

    def visible_to(self, user: Any) -> "StudySiteQuerySet":
        """Those of projects whose inside the person sees."""
        return self.filter(project_inside_seen(user, "project__"))
