"""Say on the project's page what it looks for, and what it has found."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext

from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.openings import actions as openings
from projects.openings.forms import OpeningForm
from projects.openings.models import Opening
from projects.projects.head import open_project, project_page
from projects.roles import Permission


@form_on("project", "slug", at="needs-h")
def add(request: Request, slug: str) -> HttpResponse:
    """Add one thing the project looks for."""
    project, context = project_page(request, slug, needs=Permission.EDIT_PROJECT)
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
            return led_to("project", at="needs-h", slug=slug)
    return form_page(request, "projects/openings/add.html", {**context, "form": form})


@form_on("project", "slug", at="needs-h")
def fill(request: Request, slug: str, pk: int) -> HttpResponse:
    """Mark an opening as filled."""
    opening = find(request, slug, pk)
    openings.fill(opening=opening, by=request.user)
    say(request, gettext("Found: %(opening)s.") % {"opening": opening.label})
    return led_to("project", at="needs-h", slug=slug)


def find(request: Request, slug: str, pk: int) -> Opening:
    """An opening of a project the person may see, or 404."""
    visible = Opening.objects.visible_to(request.user).select_related("project")
    return get_object_or_404(visible, pk=pk, project=open_project(request, slug))
