"""Say on the project's page what it looks for, and what it has found."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from portal.common.exceptions import Invalid
from portal.common.http import add_errors, form_page, say
from projects.openings import actions as openings
from projects.openings.forms import OpeningForm
from projects.openings.models import Opening
from projects.projects.head import project_page
from projects.projects.permissions import require
from projects.roles import Permission


@login_required
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add one thing the project looks for."""
    project, context = project_page(request, slug)
    require(request.user, Permission.EDIT_PROJECT, project)
    form = OpeningForm(request.POST)
    if form.is_valid():
        try:
            opening = openings.add(project=project, by=request.user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            say(
                request,
                gettext("The project now looks for: %(opening)s.") % {"opening": opening.label},
            )
            return redirect(project)
    return form_page(request, "projects/openings/add.html", {**context, "form": form})


@login_required
@require_POST
def fill(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Mark an opening as filled."""
    project, _ = project_page(request, slug)
    opening = get_object_or_404(Opening.objects.visible_to(request.user), pk=pk, project=project)
    openings.fill(opening=opening, by=request.user)
    say(request, gettext("Found: %(opening)s.") % {"opening": opening.label})
    return redirect(project)
