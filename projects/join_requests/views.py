"""Ask to join a project, follow the request, and decide on those of others."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from portal.common.text import short_day
from projects.choices import JoinPolicy, JoinRequestState
from projects.join_requests import actions as join_requests
from projects.join_requests.forms import AskForm
from projects.join_requests.models import JoinRequest
from projects.projects.head import open_project, project_page
from projects.projects.models import Project
from projects.projects.permissions import require
from projects.projects.words import ago
from projects.roles import Permission


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request, slug: str) -> HttpResponse:
    """Ask on one page; afterwards the same address shows where the request stands."""
    project, context = project_page(request, slug)
    if context["membership"]:
        return redirect(project)
    latest = latest_of(request, project)
    form = None
    if context["join_request"] is None and project.join_policy != JoinPolicy.CLOSED:
        form = AskForm(request.POST or None, project=project)
    # What cannot be asked any more is refused by the action, in words.
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            asked = join_requests.ask(
                project=project,
                message=form.cleaned_data["message"] if form else "",
                answers=form.answers if form else (),
                by=request.user,
            )
        except Invalid as error:
            if form is None:
                # One could ask again a moment after the page was found to have no form.
                raise
            add_errors(form, error)
        else:
            if asked.state == JoinRequestState.APPROVED:
                say(
                    request,
                    gettext("You are in: welcome to %(project)s.") % {"project": project.title},
                )
                return redirect(project)
            say(request, gettext("Your request is sent. A lead decides, and you will be told."))
            return led_to("project-join", at="track-h", slug=slug)
    return form_page(
        request,
        "projects/join_requests/join.html",
        {
            **context,
            "form": form,
            "latest": latest,
            "steps": steps_of(latest) if latest else [],
            "at_once": form is not None and join_requests.joins_at_once(project, request.user),
            "profile": getattr(request.user, "profile", None),
        },
    )


@form_on("project-join", "slug", at="track-h")
def withdraw(request: Request, slug: str) -> HttpResponse:
    """Take one's open request back."""
    project = open_project(request, slug)
    latest = latest_of(request, project)
    if latest is None:
        raise Http404
    join_requests.withdraw(join_request=latest, by=request.user)
    say(request, gettext("You took your request back. You can ask again at any time."))
    return led_to("project-join", at="track-h", slug=slug)


def latest_of(request: Request, project: Project) -> JoinRequest | None:
    """The person's last request to this project."""
    own = JoinRequest.objects.filter(project=project, user=request.user)
    return own.select_related("decided_by").order_by("-created_at", "-id").first()


def find(request: Request, slug: str, pk: int, *, needs: Permission) -> JoinRequest:
    """A request to this project that the person may see, or 404; and may decide on, or 403."""
    visible = JoinRequest.objects.visible_to(request.user).select_related("project", "user")
    found = get_object_or_404(visible, pk=pk, project__slug=slug)
    require(request.user, needs, found.project)
    return found


def steps_of(join_request: JoinRequest) -> list[dict[str, Any]]:
    """The request as a tracker: sent, seen, decided; what is done, and whose turn it is."""
    sent = {
        "title": gettext("Sent"),
        "note": gettext("%(day)s, by you") % {"day": short_day(join_request.created_at)},
        "state": "done",
    }
    ended: Any = join_request.decided_at  # there wherever it is decided
    if join_request.seen_at:
        note = gettext("%(day)s, by a lead of the project") % {
            "day": short_day(join_request.seen_at)
        }
        seen = {"title": gettext("Seen"), "note": note, "state": "done"}
    else:
        note = "" if ended else gettext("No lead has opened it yet.")
        seen = {"title": gettext("Seen"), "note": note, "state": "later" if ended else "now"}
    by = join_request.decided_by.name if join_request.decided_by else ""
    if join_request.state == JoinRequestState.OPEN:
        waiting = gettext("It is the leads’ turn; you asked %(ago)s.") % {
            "ago": ago(join_request.created_at)
        }
        decided = {
            "title": gettext("Decided"),
            "note": waiting
            if join_request.seen_at
            else gettext("A lead decides; you will be told."),
            "state": "now" if join_request.seen_at else "later",
        }
    elif join_request.state == JoinRequestState.APPROVED:
        note = gettext("%(day)s, by %(by)s. Your role: %(role)s.") % {
            "day": short_day(ended),
            "by": by,
            "role": join_request.get_role_display(),
        }
        decided = {"title": gettext("Approved"), "note": note, "state": "done"}
    elif join_request.state == JoinRequestState.DECLINED:
        note = gettext("%(day)s, by %(by)s: %(reason)s") % {
            "day": short_day(ended),
            "by": by,
            "reason": join_request.reason,
        }
        decided = {"title": gettext("Declined"), "note": note, "state": "bad"}
    else:
        decided = {
            "title": gettext("Taken back"),
            "note": gettext("%(day)s, by you") % {"day": short_day(ended)},
            "state": "bad",
        }
    if join_request.state == JoinRequestState.WITHDRAWN and not join_request.seen_at:
        return [sent, decided]
    return [sent, seen, decided]
