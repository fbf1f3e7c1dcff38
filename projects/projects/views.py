"""Start a project and change it, in the browser."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.projects import actions as projects
from projects.projects.forms import ProjectForm
from projects.projects.head import project_page
from projects.roles import Permission


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Start a project."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = projects.create(by=request.user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            say(request, gettext("Your project is there. Add its sites and say what it looks for."))
            return redirect(project)
    return form_page(request, "projects/projects/new.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, slug: str) -> HttpResponse:
    """Change a project."""
    project, context = project_page(request, slug, needs=Permission.EDIT_PROJECT)
    form = ProjectForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            projects.change(project=project, by=request.user, **form.cleaned_data)
        except Invalid as error:
            add_errors(form, error)
        else:
            say(request, gettext("Saved."))
            return redirect(project)
    return form_page(request, "projects/projects/edit.html", {**context, "form": form})
