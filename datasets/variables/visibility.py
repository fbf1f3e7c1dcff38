"""Who sees which shared variables."""

from typing import Any

from django.db import models

from projects.models import Project


class InsideProjectQuerySet(models.QuerySet[Any]):
    """Things of a project that whoever sees inside the project sees."""

    def visible_to(self, user: Any) -> "InsideProjectQuerySet":
        return self.filter(project__in=Project.objects.inside_visible_to(user).values("pk"))
