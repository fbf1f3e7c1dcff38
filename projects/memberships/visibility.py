"""Who sees which memberships."""

from typing import Any

from django.db import models
from django.db.models import Q

from projects.projects.visibility import active_membership, own_projects, project_inside_seen


class MembershipQuerySet(models.QuerySet[Any]):
    """Memberships by who may see them."""

    def active(self) -> "MembershipQuerySet":
        return self.filter(active_membership())

    def visible_to(self, user: Any) -> "MembershipQuerySet":
        """Current members of projects one sees inside; one's own and one's projects' former too."""
        seen = project_inside_seen(user, "project__") & active_membership()
        if user.is_authenticated:
            seen |= Q(project__in=own_projects(user)) | Q(user=user)
        return self.filter(seen)
