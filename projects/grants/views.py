"""The funding of a project."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from portal.common.door import form_on
from portal.common.exceptions import Conflict, Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.grants import actions
from projects.grants.forms import AimForms, GrantForm, aims_as_typed, aims_in, as_typed
from projects.grants.models import Grant
from projects.projects.head import open_project, project_page
from projects.roles import Permission


@require_http_methods(["GET", "HEAD", "POST"])
def grants(request: Request, slug: str) -> HttpResponse:
    """Every grant with what it is for, and a form to add one."""
    needs = {"GET": Permission.SEE_INSIDE, "POST": Permission.EDIT_PROJECT}
    project, context = project_page(request, slug, needs=needs)
    form, aims = GrantForm(request.POST or None), AimForms(request.POST or None)
    if request.method == "POST" and form.is_valid() and aims.is_valid():
        values = {**form.cleaned_data, "aims": aims_in(aims)}
        try:
            grant = actions.add(project=project, by=request.user, **values)
        except (Invalid, Conflict) as error:
            add_errors(form, error, at="grant_number")
        else:
            say(
                request, gettext("%(source)s pays for this project now.") % {"source": grant.source}
            )
            return redirect("project-grants", slug)
    rows = Grant.objects.filter(project=project).prefetch_related("aims")
    forms = {"form": form, "aims": aims} if context["may"]["edit_project"] else {}
    return form_page(request, "projects/grants/list.html", {**context, **forms, "rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, slug: str, pk: int) -> HttpResponse:
    """Correct a grant, and say what was spent."""
    project, context = project_page(request, slug, needs=Permission.EDIT_PROJECT)
    grant = get_object_or_404(Grant.objects.select_related("project"), pk=pk, project=project)
    form = GrantForm(request.POST or None, initial=as_typed(grant))
    aims = AimForms(request.POST or None, initial=aims_as_typed(grant))
    if request.method == "POST" and form.is_valid() and aims.is_valid():
        values = {**form.cleaned_data, "aims": aims_in(aims)}
        try:
            actions.change(grant=grant, by=request.user, **values)
        except (Invalid, Conflict) as error:
            add_errors(form, error, at="grant_number")
        else:
            say(request, gettext("Saved."))
            return redirect("project-grants", slug)
    shown = {**context, "grant": grant, "form": form, "aims": aims}
    return form_page(request, "projects/grants/change.html", shown)


@form_on("grant", "slug", "pk")
def remove(request: Request, slug: str, pk: int) -> HttpResponse:
    """Take away a grant that was written down by mistake."""
    project = open_project(request, slug, needs=Permission.EDIT_PROJECT)
    visible = Grant.objects.visible_to(request.user).select_related("project")
    grant = get_object_or_404(visible, pk=pk, project=project)
    actions.remove(grant=grant, by=request.user)
    say(request, gettext("The grant is removed."))
    return redirect("project-grants", slug)
