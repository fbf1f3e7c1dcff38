"""Who belongs to a project, who asks to, and what each member is."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from portal.common.exceptions import DomainError, Invalid
from portal.common.http import add_errors, form_page, say
from projects.memberships import actions as memberships
from projects.memberships.forms import MembershipForm
from projects.memberships.models import Membership
from projects.projects.head import project_page
from projects.projects.permissions import grantable_roles, require
from projects.roles import Permission


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
            say(
                request,
                gettext("Your site is saved.")
                if own
                else gettext("%(user)s is changed.") % {"user": member.user.name},
            )
            return redirect("project-members", slug)
    return form_page(
        request,
        "projects/memberships/change.html",
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
    say(request, gettext("%(user)s has no access any more.") % {"user": member.user.name})
    return redirect("project-members", slug)


@login_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave the project."""
    project, _ = project_page(request, slug)
    memberships.leave(project=project, by=request.user)
    say(request, gettext("You left %(project)s.") % {"project": project.title})
    return redirect("projects")
