"""Who sees which datasets and reads their rows: each rule is written here, once."""

from typing import Any

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Prefetch, Q, Value
from django.db.models.functions import Concat

from datasets.choices import Access, VersionState
from portal.common.models import holds
from projects.choices import Visibility
from projects.models import Membership
from projects.projects.visibility import own_projects
from projects.roles import Permission, roles_with

WORDS = Concat("title", Value(" "), "description", output_field=models.TextField())
"""What datasets are found by: both in one, so that one index finds several words at once."""


ROW_ROLES = roles_with(Permission.READ_ROWS)


ACCESS_LEVELS = tuple(Access.values)


CONTROL_ROLES = roles_with(Permission.MANAGE_DATA)


def projects_of(user: Any, roles: tuple[str, ...] | None = None) -> models.QuerySet[Any]:
    """Ids of the projects the person belongs to now, in one of `roles` if given."""
    if not user.is_authenticated:
        return Membership.objects.none().values("project")
    return own_projects(user) if roles is None else own_projects(user, role__in=roles)


def dataset_seen(user: Any, prefix: str = "") -> Q:
    """A dataset's description and guarded summaries are visible to the person.

    The project is joined: a list of all public projects inside this OR would be searched anew for
    every dataset.
    """
    public = Q(**{f"{prefix}project__visibility": Visibility.PUBLIC})
    outside = Q(**{f"{prefix}access__in": seen_outside(user)})
    return (public & outside) | Q(**{f"{prefix}project__in": projects_of(user)})


def seen_outside(user: Any) -> tuple[str, ...]:
    """Access levels of datasets that people outside a public project know of."""
    if not user.is_authenticated:
        return (Access.OPEN,)
    return (Access.OPEN, Access.REGISTERED, Access.CONTROLLED, Access.SUMMARIES)


def rows_read(user: Any, prefix: str = "") -> Q:
    """The person may read a dataset's rows.

    open: whoever sees it · registered: any account that sees it · project: contributors and up ·
    controlled: stewards and leads · summaries: nobody but the person who keeps the data. The
    keeper reads rows only while still a contributor or more.
    """
    rows = Q(**{f"{prefix}access": Access.OPEN})
    if user.is_authenticated:
        contributes = Q(**{f"{prefix}project__in": projects_of(user, ROW_ROLES)})
        controls = Q(**{f"{prefix}project__in": projects_of(user, CONTROL_ROLES)})
        rows |= Q(**{f"{prefix}access": Access.REGISTERED})
        shared = Q(**{f"{prefix}access": Access.PROJECT})
        kept = Q(**{f"{prefix}created_by": user.pk})
        rows |= contributes & (shared | kept)
        rows |= controls & Q(**{f"{prefix}access": Access.CONTROLLED})
    return rows & dataset_seen(user, prefix)


class DatasetQuerySet(models.QuerySet[Any]):
    """Datasets by who may see them and read their rows."""

    def visible_to(self, user: Any) -> "DatasetQuerySet":
        return self.filter(dataset_seen(user))

    def rows_readable_by(self, user: Any) -> "DatasetQuerySet":
        return self.filter(rows_read(user))

    def at(self, access: str, user: Any) -> "DatasetQuerySet":
        """Those of an access level, of those the person sees.

        A level that nobody outside sees is looked for in the person's own projects alone, which
        the database would not find out by itself.
        """
        if access not in seen_outside(user):
            self = self.filter(project__in=projects_of(user))
        return self.filter(access=access)

    def harmonisable(self) -> "DatasetQuerySet":
        """All but those whose every file turned out to be unreadable."""
        versions = self.model._meta.get_field("versions").related_model._default_manager
        own = versions.filter(dataset=OuterRef("pk"))
        failed = own.filter(state=VersionState.FAILED)
        return self.exclude(Exists(failed) & ~Exists(own.exclude(state=VersionState.FAILED)))

    def matching(self, words: str) -> "DatasetQuerySet":
        """Those that have every word in their title or description."""
        found = self.alias(words=WORDS)
        for word in words.split():
            found = found.filter(holds(word, "words"))
        return found

    def with_row_right(self, user: Any) -> "DatasetQuerySet":
        """Each with `rows_readable`: whether the person may read its rows."""
        reads = ExpressionWrapper(rows_read(user), output_field=models.BooleanField())
        return self.annotate(rows_readable=reads)

    def with_latest_version(self, user: Any) -> "DatasetQuerySet":
        """Each with `latest`: a list of the newest version that the person may see, or empty."""
        versions = self.model._meta.get_field("versions").related_model._default_manager
        newest = versions.visible_to(user).order_by("dataset", "-number").distinct("dataset")
        return self.prefetch_related(Prefetch("versions", newest, to_attr="latest"))
