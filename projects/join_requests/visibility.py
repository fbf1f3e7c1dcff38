"""Who sees which join requests."""

from typing import Any

from django.db import models
from django.db.models import Q

from projects.choices import JoinRequestState
from projects.projects.visibility import own_projects
from projects.roles import Permission, roles_with


class JoinRequestQuerySet(models.QuerySet[Any]):
    """Join requests by who may see them."""

    def visible_to(self, user: Any) -> "JoinRequestQuerySet":
        """One's own, and those to projects whose members one manages."""
        if not user.is_authenticated:
            return self.none()
        managed = own_projects(user, role__in=roles_with(Permission.MANAGE_MEMBERS))
        return self.filter(Q(user=user) | Q(project__in=managed))

    def open(self) -> "JoinRequestQuerySet":
        return self.filter(state=JoinRequestState.OPEN)
