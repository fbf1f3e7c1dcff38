"""The people of a project: who asks to join, who belongs, who did."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from members.choices import Discipline
from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, bounded, count_up_to, in_order, say
from portal.web.figures.svg import Markup
from projects.join_requests import actions as join_requests
from projects.join_requests.forms import ApproveForm, DeclineForm
from projects.join_requests.models import JoinRequest
from projects.join_requests.views import find
from projects.memberships.models import Membership
from projects.projects.head import project_page
from projects.projects.models import Project
from projects.projects.permissions import grantable_roles
from projects.projects.words import ago, disciplines_of
from projects.roles import Permission

PAGE = 25


NUMBER = "\0"
"""Stands for a request's number: PostgreSQL keeps no text that holds it, so nobody wrote it."""


@require_safe
def members(request: Request, slug: str) -> HttpResponse:
    """The queue of requests for those who decide, then the members, then the former ones."""
    return members_page(request, slug)


def members_page(
    request: Request, slug: str, *, declining: tuple[int, DeclineForm] | None = None
) -> HttpResponse:
    """The page, with the form of a refusal that lacked its reason if there is one."""
    project, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    queue, waiting = [], 0
    if context["may"]["manage_members"]:
        waiting = count_up_to(JoinRequest.objects.open().filter(project=project))
        queue = queue_of(request, project, declining)
    visible = Membership.objects.visible_to(request.user).filter(project=project)
    rows = visible.select_related("user__profile__institution", "site__institution")
    active = rows.active()
    people, previous, following = in_order(request, active, size=PAGE, key="starts_at")
    former = rows.filter(ends_at__lte=timezone.now()).order_by("-ends_at", "-id")[:PAGE]
    return form_page(
        request,
        "projects/people/list.html",
        {
            **context,
            "queue": queue,
            "waiting": bounded(waiting),
            "people": people,
            "count": bounded(count_up_to(active)),
            "previous": previous,
            "next": following,
            "former": former,
            "declining": declining[1] if declining else None,
        },
    )


def queue_of(
    request: Request, project: Project, declining: tuple[int, DeclineForm] | None
) -> list[dict[str, Any]]:
    """Who waits, the longest first, each with what is known of them and the forms to decide."""
    asked = list(
        JoinRequest.objects.open()
        .filter(project=project)
        .select_related("project", "user__profile__institution")
        .order_by("created_at", "id")[:PAGE]
    )
    join_requests.see(join_requests=asked, by=request.user)
    roles = grantable_roles(request.user, project)
    marked, form = declining or (0, None)
    # Alike for all but for the request's number, and drawn once: forms cost most of such a page.
    role = ApproveForm(roles=roles, auto_id=f"id_request-{NUMBER}-%s")["role"].as_field_group()
    reason = str(DeclineForm(prefix=f"request-{NUMBER}"))
    return [
        {
            "request": each,
            "profile": getattr(each.user, "profile", None),
            "disciplines": [Discipline(value).label for value in disciplines_of(each.user)],
            "age": ago(each.created_at),
            "approve": of_request(each, role),
            "decline": form if each.pk == marked else of_request(each, reason),
            "marked": each.pk == marked,
        }
        for each in asked
    ]


def of_request(asked: JoinRequest, fields: str) -> Markup:
    """The fields of a form, drawn for any request, under this request's number."""
    return Markup(fields.replace(NUMBER, str(asked.pk)))


@form_on("project-members", "slug", at="request-{pk}")
def approve(request: Request, slug: str, pk: int) -> HttpResponse:
    """Let the person in, in the chosen role."""
    asked = find(request, slug, pk, needs=Permission.MANAGE_MEMBERS)
    join_requests.approve(join_request=asked, role=request.POST.get("role", ""), by=request.user)
    say(request, gettext("%(user)s is now a member.") % {"user": asked.user.name})
    return led_to("project-members", at="queue-h", slug=slug)


@form_on("project-members", "slug", at="request-{pk}")
def decline(request: Request, slug: str, pk: int) -> HttpResponse:
    """Say no with a reason; without one the queue comes back with the request's form marked."""
    asked = find(request, slug, pk, needs=Permission.MANAGE_MEMBERS)
    form = DeclineForm(request.POST, prefix=f"request-{asked.pk}")
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        join_requests.decline(join_request=asked, reason=reason, by=request.user)
    except Invalid as error:
        if form.is_valid():
            add_errors(form, error)
        return members_page(request, slug, declining=(asked.pk, form))
    say(
        request, gettext("%(user)s is told that you declined, and why.") % {"user": asked.user.name}
    )
    return led_to("project-members", at="queue-h", slug=slug)
