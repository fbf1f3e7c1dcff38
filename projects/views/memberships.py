"""Who belongs to a project, who asks to, and what each member is."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.models import Discipline
from portal.common.exceptions import DomainError, Invalid
from portal.common.http import add_errors, form_page, say
from projects.actions import join_requests, memberships
from projects.forms.join_requests import ApproveForm, DeclineForm
from projects.forms.memberships import MembershipForm
from projects.models import JoinRequest, Membership, Project
from projects.permissions import Permission, grantable_roles, require
from projects.views.explore import ago, disciplines_of
from projects.views.head import project_page

PAGE = 50


@require_safe
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """The queue of requests for those who decide, then the members, then the former ones."""
    return members_page(request, slug)


def members_page(
    request: HttpRequest, slug: str, *, declining: tuple[int, DeclineForm] | None = None
) -> HttpResponse:
    """The page, with the form of a refusal that lacked its reason if there is one."""
    project, context = project_page(request, slug)
    require(request.user, Permission.SEE_INSIDE, project)
    queue, waiting = [], 0
    if context["may"]["manage_members"]:
        waiting = JoinRequest.objects.open().filter(project=project).count()
        queue = queue_of(request, project, declining)
    visible = Membership.objects.visible_to(request.user).filter(project=project)
    rows = visible.select_related("user__profile__institution", "site__institution")
    people = Paginator(rows.active().order_by("starts_at", "id"), PAGE)
    former = rows.filter(ends_at__lte=timezone.now()).order_by("-ends_at", "-id")[:PAGE]
    return form_page(
        request,
        "projects/membership/list.html",
        {
            **context,
            "queue": queue,
            "waiting": waiting,
            "people": people.get_page(request.GET.get("page")),
            "former": former,
            "declining": declining[1] if declining else None,
        },
    )


def queue_of(
    request: HttpRequest, project: Project, declining: tuple[int, DeclineForm] | None
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
    return [
        {
            "request": each,
            "profile": getattr(each.user, "profile", None),
            "disciplines": [Discipline(value).label for value in disciplines_of(each.user)],
            "age": ago(each.created_at),
            "approve": ApproveForm(roles=roles, auto_id=f"id_request-{each.pk}-%s"),
            "decline": form if each.pk == marked else DeclineForm(prefix=f"request-{each.pk}"),
            "marked": each.pk == marked,
        }
        for each in asked
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change a member's role, site and last day; members say their own site themselves."""
    project, context = project_page(request, slug)
    require(request.user, Permission.SEE_INSIDE, project)
    member = get_object_or_404(
        Membership.objects.visible_to(request.user).select_related("project", "user", "site"),
        pk=pk,
        project=project,
    )
    own = member.user_id == request.user.pk
    if not own:
        require(request.user, Permission.MANAGE_MEMBERS, project)
    roles = grantable_roles(request.user, project)
    form = MembershipForm(request.POST or None, membership=member, roles=roles)
    if request.method == "POST" and form.is_valid():
        try:
            memberships.change(membership=member, by=request.user, **form.changes)
        except Invalid as error:
            add_errors(form, error)
        except DomainError as error:
            form.add_error(None, error.detail)
        else:
            say(request, "Your site is saved." if own else f"{member.user.name} is changed.")
            return redirect("project-members", slug)
    return form_page(
        request,
        "projects/membership/change.html",
        {**context, "member": member, "own": own, "form": form},
    )


@login_required
@require_POST
def end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End somebody's membership now."""
    project, _ = project_page(request, slug)
    member = get_object_or_404(
        Membership.objects.visible_to(request.user).select_related("project", "user"),
        pk=pk,
        project=project,
    )
    memberships.end(membership=member, by=request.user)
    say(request, f"{member.user.name} has no access any more.")
    return redirect("project-members", slug)


@login_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave the project."""
    project, _ = project_page(request, slug)
    memberships.leave(project=project, by=request.user)
    say(request, f"You left {project.title}.")
    return redirect("projects")
