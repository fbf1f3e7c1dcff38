"""Take people into a project, change what they are there, and let them go.

Every change locks the project's row first, so that two people who change memberships at once are
served one after the other, and a project never loses its last lead.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from members.audit_events import actions as audit_events
from members.models import User
from members.notifications import actions as notifications
from portal.common.exceptions import Conflict, Invalid
from portal.common.text import Text, day, filled
from projects.choices import Role
from projects.memberships.models import Membership
from projects.memberships.permissions import MembershipPermission, require
from projects.projects.actions import locked, mark_active
from projects.projects.models import Project
from projects.projects.permissions import can, require_grant
from projects.roles import Permission
from projects.study_sites.models import StudySite

RIGHTS_CHANGED: list[Callable[[Project, User], None]] = []
"""What follows when somebody may do other things in a project than before; apps above this one add
theirs on start."""


@transaction.atomic
def add(
    *, project: Project, user: User, role: str, by: User, site: StudySite | None = None
) -> Membership:
    """Take a person in; somebody who left comes back on the same row."""
    project = locked(project)
    require_grant(by, role, project)
    if project.join_requests.open().filter(user=user).exists():
        raise Conflict(
            gettext("%(user)s has asked to join: decide on the request.") % {"user": user.name},
            code="join_request_open",
        )
    if _active(project, user):
        raise Conflict(
            gettext("%(user)s is a member already.") % {"user": user.name}, code="already_member"
        )
    membership = take_in(project, user, role, site=site)
    notifications.notify(
        [user],
        event=f"membership.{membership.pk}.added.{membership.starts_at.isoformat()}",
        kind="membership.added",
        text=filled(YOU_ARE_NOW[role], project=project.title),
        because=filled(gettext_lazy("%(name)s added you."), name=by.name),
        group=project.title,
        project_id=project.pk,
        url=project.get_absolute_url(),
    )
    record("membership.added", membership, by=by, after=state(membership))
    return membership


def take_in(
    project: Project, user: User, role: str, *, site: StudySite | None = None
) -> Membership:
    """Write the membership, new or renewed, in the project the caller has locked."""
    membership, _ = Membership.objects.update_or_create(
        project=project,
        user=user,
        defaults={"role": role, "starts_at": timezone.now(), "ends_at": None, "site": site},
    )
    mark_active(project)
    return membership


@transaction.atomic
def change(*, membership: Membership, by: User, **values: Any) -> Membership:
    """Change any of `role`, `site` and `ends` at once, all or nothing."""
    if "role" in values:
        membership = change_role(membership=membership, role=values["role"], by=by)
    if "site" in values:
        membership = place(membership=membership, site=values["site"], by=by)
    if "ends" in values and values["ends"] is None:
        membership = keep(membership=membership, by=by)
    elif "ends" in values:
        membership = end(membership=membership, by=by, at=values["ends"])
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Give a member another role, up to one's own; the last lead stays one."""
    project, membership = _locked_member(membership)
    require_grant(by, role, project)
    _require_active(membership)
    if membership.role == role:
        return membership
    before = state(membership)
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    _require_lead(project)
    if not can(membership.user, Permission.MANAGE_MEMBERS, project):
        _clear_decisions(project, membership.user)
    _follow(project, membership.user)
    if membership.user_id != by.pk:
        text = gettext_lazy("Your role in %(project)s is now: %(role)s.")
        _tell(membership, filled(text, project=project.title, role=Role(role).label), by=by)
    record("membership.role_changed", membership, by=by, before=before, after=state(membership))
    return membership


@transaction.atomic
def place(*, membership: Membership, site: StudySite | None, by: User) -> Membership:
    """Say at which site a member works; members may say so themselves."""
    project, membership = _locked_member(membership)
    require(by, MembershipPermission.PLACE, membership)
    _require_active(membership)
    if site is not None and site.project_id != project.pk:
        raise Invalid(errors={"site": gettext("Choose one of this project’s sites.")})
    if membership.site_id == (site.pk if site else None):
        return membership
    before = state(membership)
    membership.site = site
    membership.save(update_fields=["site", "updated_at"])
    record("membership.placed", membership, by=by, before=before, after=state(membership))
    return membership


@transaction.atomic
def end(*, membership: Membership, by: User, at: datetime | None = None) -> Membership:
    """End a membership now, or on a later day; access ends with it."""
    project, membership = _locked_member(membership)
    require_grant(by, membership.role, project)
    _require_active(membership)
    now = timezone.now()
    if at is not None and at <= now:
        raise Invalid(errors={"ends": gettext("Choose a time that is still to come.")})
    return _end(project, membership, at or now, by=by)


@transaction.atomic
def keep(*, membership: Membership, by: User) -> Membership:
    """Let a membership with a last day go on without one."""
    project, membership = _locked_member(membership)
    require_grant(by, membership.role, project)
    _require_active(membership)
    if membership.ends_at is None:
        return membership
    before = state(membership)
    membership.ends_at = None
    membership.save(update_fields=["ends_at", "updated_at"])
    text = gettext_lazy("Your membership of %(project)s has no last day any more.")
    _tell(membership, filled(text, project=project.title), by=by)
    record("membership.kept", membership, by=by, before=before, after=state(membership))
    return membership


@transaction.atomic
def leave(*, project: Project, by: User) -> Membership:
    """Leave a project; the last lead has to name another one first."""
    project = locked(project)
    membership = _active(project, by)
    if membership is None:
        raise Conflict(gettext("You are not a member of this project."), code="not_a_member")
    return _end(project, membership, timezone.now(), by=by)


def _end(project: Project, membership: Membership, at: datetime, *, by: User) -> Membership:
    before = state(membership)
    membership.ends_at = at
    membership.save(update_fields=["ends_at", "updated_at"])
    _require_lead(project)
    if not membership.is_active:
        _clear_decisions(project, membership.user)
        _follow(project, membership.user)
    left = membership.user_id == by.pk and not membership.is_active
    if membership.user_id != by.pk:
        text = filled(
            gettext_lazy("Your membership of %(project)s has ended."), project=project.title
        )
        if membership.is_active:
            text = filled(
                gettext_lazy("Your membership of %(project)s ends on %(day)s."),
                project=project.title,
                day=day(at),
            )
        _tell(membership, text, by=by, url="/projects/")
    action = "membership.left" if left else "membership.ended"
    record(action, membership, by=by, before=before, after=state(membership))
    return membership


def _active(project: Project, user: User) -> Membership | None:
    members = Membership.objects.active().filter(project=project, user=user)
    return members.select_related("user").first()


def _locked_member(membership: Membership) -> tuple[Project, Membership]:
    """The project locked, and the membership as it is by now."""
    project = locked(membership.project)
    current = Membership.objects.select_related("project", "user", "site").get(pk=membership.pk)
    return project, current


def _require_active(membership: Membership) -> None:
    """Refuse to change what has ended; who may change memberships at all is asked before this."""
    if not membership.is_active:
        raise Conflict(gettext("This membership has ended."), code="membership_ended")


def _require_lead(project: Project) -> None:
    """Refuse the change just made if nobody is left who leads the project without an end."""
    leads = Membership.objects.active().filter(
        Q(ends_at=None), project=project, role=Role.LEAD, user__is_active=True
    )
    if not leads.exists():
        raise Conflict(
            gettext("A project needs a lead: make somebody else a lead first."), code="last_lead"
        )


def _follow(project: Project, user: User) -> None:
    for follow in RIGHTS_CHANGED:
        follow(project, user)


def _clear_decisions(project: Project, user: User) -> None:
    """Take decisions on members off the inbox of somebody who no longer makes them."""
    for pk in project.join_requests.open().values_list("pk", flat=True):
        notifications.settle(event=f"join_request.{pk}.asked", recipient=user)


def _tell(membership: Membership, text: Text, *, by: User, url: str = "") -> None:
    notifications.notify(
        [membership.user],
        event=f"membership.{membership.pk}.changed.{timezone.now().isoformat()}",
        kind="membership.changed",
        text=text,
        because=filled(gettext_lazy("%(name)s changed it."), name=by.name),
        group=membership.project.title,
        project_id=membership.project_id,
        url=url or membership.project.get_absolute_url(),
    )


YOU_ARE_NOW: dict[str, Text] = {
    Role.LEAD: gettext_lazy("You are now lead of %(project)s."),
    Role.STEWARD: gettext_lazy("You are now a data steward of %(project)s."),
    Role.CONTRIBUTOR: gettext_lazy("You are now a contributor of %(project)s."),
    Role.READER: gettext_lazy("You are now a reader of %(project)s."),
}


def state(membership: Membership) -> dict[str, Any]:
    """What the audit trail keeps of a membership."""
    return {
        "user": membership.user_id,
        "role": membership.role,
        "site": membership.site_id,
        "ends_at": membership.ends_at,
    }


def record(action: str, membership: Membership, *, by: User, **values: Any) -> None:
    """One row in the audit trail about a membership."""
    audit_events.record(
        action, membership, by=by, scopes={"project": membership.project_id}, **values
    )
