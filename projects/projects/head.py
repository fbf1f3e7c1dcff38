"""Open a project for a page or a call, and what every page of one project shows."""

from collections.abc import Callable
from typing import Any

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import SimpleLazyObject
from rest_framework.request import Request

from portal.common.door import Needs, needed
from portal.common.pages import COUNTED
from projects.projects.models import Project
from projects.projects.permissions import permissions_as, require, require_among
from projects.roles import Permission

BEHIND_TABS: dict[str, Callable[[Any], QuerySet[Any]]] = {}
"""What stands behind a project's tabs, by the tab: what of it, in any project, a person may see.

Nouns above this one, also those of other apps, register theirs on start.
"""


def open_project(request: HttpRequest | Request, slug: str, *, needs: Needs = None) -> Project:
    """The project, or 404; and whoever may not do there what this method needs gets 403."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    need = needed(needs, request.method)
    if need is not None:
        require(request.user, Permission(need), project)
    return project


def project_page(
    request: HttpRequest, slug: str, *, needs: Needs = None
) -> tuple[Project, dict[str, Any]]:
    """As `open_project`, with the context of templates/projects/projects/head.html.

    `may` answers for each permission by name: `{% if may.manage_members %}`.
    """
    user = request.user
    project = open_project(request, slug)
    membership = join_request = None
    if user.is_authenticated:
        membership = project.memberships.active().filter(user=user).first()
    granted = permissions_as(membership.role if membership else None, project)
    need = needed(needs, request.method)
    if need is not None:
        require_among(granted, Permission(need))
    if user.is_authenticated:
        join_request = project.join_requests.open().filter(user=user).first()
    return project, {
        "project": project,
        "granted": granted,
        "may": {permission.name.lower(): permission in granted for permission in Permission},
        "membership": membership,
        "join_request": join_request,
        # Asked for only where the tabs are drawn.
        "counts": SimpleLazyObject(lambda: counts_of(user, project)),
    }


def counts_of(user: Any, project: Project) -> dict[str, int]:
    """How much stands behind each tab of the project, one more than is counted where it is too
    much; one query."""
    numbers = [_count_of(seen_by(user)) for seen_by in BEHIND_TABS.values()]
    found = Project.objects.filter(pk=project.pk).values_list(*numbers).get()
    return dict(zip(BEHIND_TABS, found, strict=True))


def _count_of(things: QuerySet[Any]) -> Subquery:
    of_project = things.filter(project=OuterRef("pk")).order_by().values("pk")
    return Subquery(
        of_project[: COUNTED + 1],
        template="(SELECT count(*) FROM (%(subquery)s) counted)",
        output_field=IntegerField(),
    )
