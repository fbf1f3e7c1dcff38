"""Who knows of which projects, and who sees inside."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from projects.choices import Visibility


def active_membership() -> Q:
    """The condition that a membership is in force now."""
    now = timezone.now()
    return Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))


def own_projects(user: Any, **conditions: Any) -> models.QuerySet[Any]:
    """Ids of the projects the person belongs to now."""
    return user.memberships.filter(active_membership(), **conditions).values("project")


def own_project_jobs(user: Any) -> Q:
    """Jobs of the projects the person belongs to now."""
    return Q(project_id__in=own_projects(user))


def project_known(user: Any, prefix: str = "") -> Q:
    """The person may know of the project: it is public or listed, or their own."""
    known = Q(**{f"{prefix}visibility__in": (Visibility.PUBLIC, Visibility.LISTED)})
    if user.is_authenticated:
        known |= Q(**{f"{prefix}pk__in": own_projects(user)})
    return known


def project_inside_seen(user: Any, prefix: str = "") -> Q:
    """The person may see the project's people, sites and data list: it is public, or their own."""
    seen = Q(**{f"{prefix}visibility": Visibility.PUBLIC})
    if user.is_authenticated:
        seen |= Q(**{f"{prefix}pk__in": own_projects(user)})
    return seen


class ProjectQuerySet(models.QuerySet[Any]):
    """Projects by who may see them."""

    def visible_to(self, user: Any) -> "ProjectQuerySet":
        """Those the person may know of: public and listed ones, and their own."""
        return self.filter(project_known(user))

    def inside_visible_to(self, user: Any) -> "ProjectQuerySet":
        """Those whose people, sites and data list the person may see."""
        return self.filter(project_inside_seen(user))


class InsideProjectQuerySet(models.QuerySet[Any]):
    """Things of a project that whoever sees inside the project sees."""

    def visible_to(self, user: Any) -> "InsideProjectQuerySet":
        """Those of projects whose inside the person sees."""
        return self.filter(project_inside_seen(user, "project__"))
