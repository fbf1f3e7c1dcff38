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


class ProjectQuerySet(models.QuerySet[Any]):
    """Projects by who may see them."""

    def visible_to(self, user: Any) -> "ProjectQuerySet":
        """Those the person may know of: public and listed ones, and their own."""
        open_to_all = Q(visibility__in=("public", "listed"))
        if not user.is_authenticated:
            return self.filter(open_to_all)
        return self.filter(open_to_all | Q(pk__in=self.ids_of_member(user)))

    def inside_visible_to(self, user: Any) -> "ProjectQuerySet":
        """Those whose people, sites and data list the person may see."""
        public = Q(visibility="public")
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(pk__in=self.ids_of_member(user)))

    def with_member(self, user: Any) -> "ProjectQuerySet":
        """Those the person belongs to now."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=self.ids_of_member(user))

    def ids_of_member(self, user: Any) -> models.QuerySet[Any]:
        return user.memberships.filter(active_membership("")).values("project")


class JoinRequestQuerySet(models.QuerySet[Any]):
    """Join requests by who may see them."""

    def visible_to(self, user: Any) -> "JoinRequestQuerySet":
        """One's own, and those to projects whose members one manages."""
        if not user.is_authenticated:
            return self.none()
        leads = user.memberships.filter(active_membership(""), role="lead").values("project")
        return self.filter(Q(user=user) | Q(project__in=leads))

    def open(self) -> "JoinRequestQuerySet":
        return self.filter(state="open")
