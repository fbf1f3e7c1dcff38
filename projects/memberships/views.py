"""Change what a member is, end a membership, leave a project."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from portal.common.door import form_on, led_to
from portal.common.exceptions import DomainError
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.memberships import actions as memberships
from projects.memberships.forms import MembershipForm
from projects.memberships.models import Membership
from projects.memberships.permissions import MembershipPermission, require
from projects.projects.head import open_project, project_page
from projects.projects.models import Project
from projects.projects.permissions import grantable_roles
from projects.roles import Permission


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, slug: str, pk: int) -> HttpResponse:
    """Change a member's role, site and last day; members say their own site themselves."""
    project, context = project_page(request, slug, needs=Permission.SEE_INSIDE)
    member = find(request, project, pk, needs=MembershipPermission.PLACE)
    own = member.user_id == request.user.pk
    roles = grantable_roles(request.user, project)
    form = MembershipForm(request.POST or None, membership=member, roles=roles)
    if request.method == "POST" and form.is_valid():
        try:
            memberships.change(membership=member, by=request.user, **form.changes)
        except DomainError as error:
            add_errors(form, error)
        else:
            say(
                request,
                gettext("Your site is saved.")
                if own
                else gettext("%(user)s is changed.") % {"user": member.user.name},
            )
            return led_to("project-members", at="members-h", slug=slug)
    return form_page(
        request,
        "projects/memberships/change.html",
        {**context, "member": member, "own": own, "form": form},
    )


@form_on("membership", "slug", "pk", at="end-h")
def end(request: Request, slug: str, pk: int) -> HttpResponse:
    """End somebody's membership now."""
    member = find(request, open_project(request, slug), pk, needs=MembershipPermission.END)
    memberships.end(membership=member, by=request.user)
    say(request, gettext("%(user)s has no access any more.") % {"user": member.user.name})
    return led_to("project-members", at="members-h", slug=slug)


@form_on("project-members", "slug", at="members-h")
def leave(request: Request, slug: str) -> HttpResponse:
    """Leave the project."""
    project = open_project(request, slug)
    memberships.leave(project=project, by=request.user)
    say(request, gettext("You left %(project)s.") % {"project": project.title})
    return redirect("projects")


def find(request: Request, project: Project, pk: int, *, needs: MembershipPermission) -> Membership:
    """A membership the person may see, or 404; and may do with what the page needs, or 403."""
    visible = Membership.objects.visible_to(request.user)
    visible = visible.select_related("project", "user", "site")
    member = get_object_or_404(visible, pk=pk, project=project)
    require(request.user, needs, member)
    return member
