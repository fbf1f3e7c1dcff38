"""Who sees which shared variables."""

from typing import Any

from django.db import models

from projects.projects.visibility import project_inside_seen


class InsideProjectQuerySet(models.QuerySet[Any]):
    """Things of a project that whoever sees inside the project sees."""

    def visible_to(self, user: Any) -> "InsideProjectQuerySet":
        return self.filter(project_inside_seen(user, "project__"))
