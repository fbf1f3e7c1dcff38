"""Who sees which rows: each access rule of projects is written here, once."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone


def active_membership(prefix: str = "memberships__") -> Q:
    """The condition that a joined membership is in force now."""
    now = timezone.now()
    return Q(**{f"{prefix}starts_at__lte": now}) & (
        Q(**{f"{prefix}ends_at": None}) | Q(**{f"{prefix}ends_at__gt": now})
    )


def own_projects(user: Any, **conditions: Any) -> models.QuerySet[Any]:
    """Ids of the projects the person belongs to now."""
    return user.memberships.filter(active_membership(""), **conditions).values("project")


def project_known(user: Any, prefix: str = "") -> Q:
    """The person may know of the project: it is public or listed, or their own."""
    known = Q(**{f"{prefix}visibility__in": ("public", "listed")})
    if user.is_authenticated:
        known |= Q(**{f"{prefix}pk__in": own_projects(user)})
    return known


def project_inside_seen(user: Any, prefix: str = "") -> Q:
    """The person may see the project's people, sites and data list: it is public, or their own."""
    seen = Q(**{f"{prefix}visibility": "public"})
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

    def with_member(self, user: Any) -> "ProjectQuerySet":
        """Those the person belongs to now."""
        return self.filter(pk__in=own_projects(user)) if user.is_authenticated else self.none()


class StudySiteQuerySet(models.QuerySet[Any]):
    """Study sites by who may see them."""

    def visible_to(self, user: Any) -> "StudySiteQuerySet":
        """Those of projects whose inside the person sees."""
        return self.filter(project_inside_seen(user, "project__"))


class OpeningQuerySet(models.QuerySet[Any]):
    """What projects look for, by who may see it."""

    def visible_to(self, user: Any) -> "OpeningQuerySet":
        """Those of projects the person may know of: an opening is there to be found."""
        return self.filter(project_known(user, "project__"))

    def open(self) -> "OpeningQuerySet":
        return self.filter(filled_at=None)


class MembershipQuerySet(models.QuerySet[Any]):
    """Memberships by who may see them."""

    def active(self) -> "MembershipQuerySet":
        return self.filter(active_membership(""))

    def visible_to(self, user: Any) -> "MembershipQuerySet":
        """Current members of projects one sees inside; one's own and one's projects' former too."""
        seen = project_inside_seen(user, "project__") & active_membership("")
        if user.is_authenticated:
            seen |= Q(project__in=own_projects(user)) | Q(user=user)
        return self.filter(seen)


class JoinRequestQuerySet(models.QuerySet[Any]):
    """Join requests by who may see them."""

    def visible_to(self, user: Any) -> "JoinRequestQuerySet":
        """One's own, and those to projects whose members one manages."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(user=user) | Q(project__in=own_projects(user, role="lead")))

    def open(self) -> "JoinRequestQuerySet":
        return self.filter(state="open")
