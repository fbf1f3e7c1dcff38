"""Say what a project looks for, and when it has found it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from members.audit_events import actions as audit_events
from members.models import User
from portal.common.models import validated_save
from projects.openings.models import Opening
from projects.projects.actions import locked, mark_active
from projects.projects.models import Project
from projects.projects.permissions import require
from projects.roles import Permission


@transaction.atomic
def add(
    *,
    project: Project,
    kind: str,
    by: User,
    detail: str = "",
    discipline: str = "",
    method: str = "",
    region: str = "",
) -> Opening:
    """Say what the project lacks; people whose disciplines fit are shown that they have it."""
    project = locked(project)
    require(by, Permission.EDIT_PROJECT, project)
    opening = Opening(
        project=project,
        kind=kind,
        detail=" ".join(detail.split()),
        discipline=discipline,
        method=" ".join(method.split()),
        region=region,
    )
    validated_save(opening)
    mark_active(project)
    _record("opening.added", opening, by=by, after={"kind": kind, "label": opening.label})
    return opening


@transaction.atomic
def fill(*, opening: Opening, by: User, filled: bool = True) -> Opening:
    """Mark that the project has found it, or looks for it again."""
    project = locked(opening.project)
    require(by, Permission.EDIT_PROJECT, project)
    opening = Opening.objects.select_related("project").get(pk=opening.pk)
    if filled == (opening.filled_at is not None):
        return opening
    opening.filled_at = timezone.now() if filled else None
    opening.save(update_fields=["filled_at", "updated_at"])
    mark_active(project)
    _record("opening.filled" if filled else "opening.reopened", opening, by=by)
    return opening


def _record(action: str, opening: Opening, *, by: User, **values: Any) -> None:
    audit_events.record(action, opening, by=by, scopes={"project": opening.project_id}, **values)
