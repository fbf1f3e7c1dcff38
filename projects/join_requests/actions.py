"""Ask to join a project, and decide on who asked. Nothing is ever approved by a time-out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from members.audit_events import actions as audit_events
from members.models import User
from members.notifications import actions as notifications
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from portal.common.text import Text, filled
from portal.common.transitions import move
from projects.choices import JOIN_REQUEST_TRANSITIONS, JoinPolicy, JoinRequestState, Role
from projects.join_requests.models import JoinRequest
from projects.join_requests.permissions import require_own
from projects.memberships.actions import take_in
from projects.memberships.models import Membership
from projects.projects.actions import locked
from projects.projects.models import Project
from projects.projects.permissions import (
    can,
    people_with,
    require,
    require_granting,
    require_role_among,
)
from projects.roles import Permission

LONGEST = 2000


@transaction.atomic
def ask(*, project: Project, message: str, answers: Sequence[str] = (), by: User) -> JoinRequest:
    """Ask to join, again after a refusal if need be; a verified newcomer may be let in at once."""
    if not Project.objects.visible_to(by).filter(pk=project.pk).exists():
        raise NotAllowed(gettext("There is no such project that you can see."))
    project = locked(project)
    if project.join_policy == JoinPolicy.CLOSED:
        raise NotAllowed(
            gettext("This project takes members by invitation only."), code="join_closed"
        )
    if Membership.objects.active().filter(project=project, user=by).exists():
        raise Conflict(gettext("You are a member of this project already."), code="already_member")
    if JoinRequest.objects.open().filter(project=project, user=by).exists():
        raise Conflict(
            gettext("You have asked already; a lead has yet to decide."), code="already_asked"
        )
    at_once = joins_at_once(project, by)
    join_request = JoinRequest(
        project=project,
        user=by,
        message=_text("message", message, gettext("Say what you would bring to this project.")),
        answers=_answers(project, answers),
    )
    join_request.save()
    leads = people_with(Permission.MANAGE_MEMBERS, project)
    if at_once:
        _take_in(join_request, Role.CONTRIBUTOR, by=by)
        _tell_leads(leads, join_request, "joined")
    else:
        _tell_leads(leads, join_request, "asked", action_label=gettext_lazy("Decide"))
    _record("asked", join_request, by=by, after={"state": JoinRequestState.OPEN})
    if at_once:
        _record("approved", join_request, by=by, after=_outcome(join_request))
    return join_request


def joins_at_once(project: Project, user: User) -> bool:
    """Whether asking is enough: the project is open to verified accounts, and this one is new.

    Who was a member before, or was declined, is decided on by a lead, whatever the policy.
    """
    return (
        project.join_policy == JoinPolicy.VERIFIED
        and user.is_verified
        and not Membership.objects.filter(project=project, user=user).exists()
        and not JoinRequest.objects.filter(
            project=project, user=user, state=JoinRequestState.DECLINED
        ).exists()
    )


@transaction.atomic
def approve(*, join_request: JoinRequest, role: str = Role.CONTRIBUTOR, by: User) -> JoinRequest:
    """Let the person in, in a role up to one's own."""
    project = locked(join_request.project)
    grantable = require_granting(by, project)
    join_request = _still_open(join_request)
    if role not in Role.values:
        raise Invalid(
            errors={
                "role": gettext("Choose one of: %(values)s.") % {"values": ", ".join(Role.values)}
            }
        )
    require_role_among(grantable, role)
    if not join_request.user.is_active:
        raise Conflict(gettext("This account is closed."), code="account_closed")
    _take_in(join_request, role, by=by)
    _tell_requester(
        join_request,
        filled(
            gettext_lazy("You are in: %(project)s welcomes you. Your role: %(role)s."),
            project=project.title,
            role=Role(role).label,
        ),
    )
    _record("approved", join_request, by=by, before=_BEFORE, after=_outcome(join_request))
    return join_request


@transaction.atomic
def decline(*, join_request: JoinRequest, reason: str, by: User) -> JoinRequest:
    """Say no, with a reason the person will read."""
    project = locked(join_request.project)
    require(by, Permission.MANAGE_MEMBERS, project)
    join_request = _still_open(join_request)
    reason = _text("reason", reason, gettext("Give a reason: the person will read it."))
    _close(join_request, JoinRequestState.DECLINED, by=by, reason=reason)
    _tell_requester(
        join_request,
        filled(
            gettext_lazy("%(project)s declined your request: %(reason)s"),
            project=project.title,
            reason=reason,
        ),
    )
    _record("declined", join_request, by=by, before=_BEFORE, after=_outcome(join_request))
    return join_request


@transaction.atomic
def withdraw(*, join_request: JoinRequest, by: User) -> JoinRequest:
    """Take one's own request back."""
    locked(join_request.project)
    require_own(by, join_request)
    join_request = _still_open(join_request)
    _close(join_request, JoinRequestState.WITHDRAWN, by=by)
    _record("withdrawn", join_request, by=by, before=_BEFORE, after=_outcome(join_request))
    return join_request


def see(*, join_requests: Iterable[JoinRequest], by: User) -> None:
    """Note when somebody who decides first opened the requests, for the person who waits."""
    unseen = [each for each in join_requests if each.seen_at is None and each.user_id != by.pk]
    if not unseen or not can(by, Permission.MANAGE_MEMBERS, unseen[0].project):
        return
    now = timezone.now()
    JoinRequest.objects.filter(pk__in=[each.pk for each in unseen], seen_at=None).update(
        seen_at=now, updated_at=now
    )
    for each in unseen:
        each.seen_at = now


DECIDED: dict[str, Text] = {
    JoinRequestState.APPROVED: gettext_lazy(
        "%(name)s approved this request on %(day)s at %(time)s UTC."
    ),
    JoinRequestState.DECLINED: gettext_lazy(
        "%(name)s declined this request on %(day)s at %(time)s UTC."
    ),
    JoinRequestState.WITHDRAWN: gettext_lazy(
        "%(name)s took this request back on %(day)s at %(time)s UTC."
    ),
}
_BEFORE = {"state": JoinRequestState.OPEN.value}


def _still_open(join_request: JoinRequest) -> JoinRequest:
    """The request as it is now; if it was decided in the meantime, say by whom."""
    current = JoinRequest.objects.select_related("project", "user", "decided_by").get(
        pk=join_request.pk
    )
    if current.state == JoinRequestState.OPEN:
        return current
    # The database holds it for every request that is not open.
    decided_at = cast(datetime, current.decided_at)
    who = current.decided_by.name if current.decided_by else gettext("Somebody")
    raise Conflict(
        str(DECIDED[current.state])
        % {
            "name": who,
            "day": format_date(decided_at, "j F Y"),
            "time": format_date(decided_at, "H:i"),
        },
        code="already_decided",
    )


def _take_in(join_request: JoinRequest, role: str, *, by: User) -> None:
    take_in(join_request.project, join_request.user, role)
    _close(join_request, JoinRequestState.APPROVED, by=by, role=role)


def _close(join_request: JoinRequest, state: str, *, by: User, **values: Any) -> None:
    """Move the request to its end, and take it off the inbox of everybody who could decide."""
    now = timezone.now()
    if by.pk != join_request.user_id and join_request.seen_at is None:
        values["seen_at"] = now
    move(
        join_request,
        state,
        table=JOIN_REQUEST_TRANSITIONS,
        decided_at=now,
        decided_by=by,
        **values,
    )
    notifications.settle(event=f"join_request.{join_request.pk}.asked")


def _tell_leads(
    leads: list[User], join_request: JoinRequest, step: str, *, action_label: Text = ""
) -> None:
    project = join_request.project
    notifications.notify(
        leads,
        event=f"join_request.{join_request.pk}.{step}",
        kind=f"join_request.{step}",
        text=filled(
            gettext_lazy("%(name)s asks to join %(project)s")
            if step == "asked"
            else gettext_lazy("%(name)s has joined %(project)s"),
            name=join_request.user.name,
            project=project.title,
        ),
        because=gettext_lazy("You decide on its members."),
        group=project.title,
        project_id=project.pk,
        url=f"{project.get_absolute_url()}members/#request-{join_request.pk}",
        action_label=action_label,
    )


def _tell_requester(join_request: JoinRequest, text: Text) -> None:
    project = join_request.project
    notifications.notify(
        [join_request.user],
        event=f"join_request.{join_request.pk}.{join_request.state}",
        kind=f"join_request.{join_request.state}",
        text=text,
        because=gettext_lazy("You asked to join."),
        group=project.title,
        project_id=project.pk,
        url=f"{project.get_absolute_url()}join/",
    )


def _text(field: str, value: str, missing: str) -> str:
    """The text without blank ends; it has to say something, and not too much."""
    text = value.strip()
    if not text:
        raise Invalid(errors={field: missing})
    if len(text) > LONGEST:
        raise Invalid(
            errors={
                field: gettext("Keep it under %(most)s characters.")
                % {"most": number_format(LONGEST, force_grouping=True)}
            }
        )
    return text


def _answers(project: Project, answers: Sequence[str]) -> list[dict[str, str]]:
    """Each of the project's questions, as it reads today, with its answer."""
    questions = project.join_questions
    if len(answers) != len(questions):
        count = len(questions)
        raise Invalid(
            errors={
                "answers": ngettext(
                    "Answer the project’s %(count)s question.",
                    "Answer the project’s %(count)s questions.",
                    count,
                )
                % {"count": count}
            }
            if count
            else {"answers": gettext("This project asks no questions.")}
        )
    texts = [_text("answers", answer, gettext("Answer every question.")) for answer in answers]
    return [
        {"question": question, "answer": text}
        for question, text in zip(questions, texts, strict=True)
    ]


def _outcome(join_request: JoinRequest) -> dict[str, Any]:
    values = {"state": join_request.state, "user": join_request.user_id}
    if join_request.role:
        values["role"] = join_request.role
    if join_request.reason:
        values["reason"] = join_request.reason
    return values


def _record(step: str, join_request: JoinRequest, *, by: User, **values: Any) -> None:
    audit_events.record(
        f"join_request.{step}",
        join_request,
        by=by,
        scopes={"project": join_request.project_id},
        **values,
    )
