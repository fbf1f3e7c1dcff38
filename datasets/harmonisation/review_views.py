"""Suggestions for whatever nothing is said of yet: read, ticked, accepted in one go."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from datasets.harmonisation import sheet_changes
from datasets.harmonisation.matrix import Matrix
from datasets.harmonisation.open_cells import Open, open_cells, take
from datasets.harmonisation.places import matrix_datasets
from portal.common.door import led_to
from portal.common.pages import Request, say
from projects.models import Project
from projects.projects.head import project_page
from projects.roles import Permission


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, slug: str) -> HttpResponse:
    """What is suggested for whatever the person may map; a POST accepts what is ticked."""
    project, context = project_page(request, slug, needs=Permission.ADD_DATA)
    datasets = matrix_datasets(request.user, project)
    found, more = open_cells(Matrix(request.user, project, datasets, context["granted"]))
    if request.method == "POST":
        batch = accept(request, found)
        query = urlencode({"accepted": batch} if batch else {})
        return led_to("mapping-review", at="main", query=query, slug=slug)
    return render(
        request,
        "datasets/harmonisation/review.html",
        {**context, "found": found, "more": more, "accepted": accepted(request, project)},
    )


def accepted(request: Request, project: Project) -> uuid.UUID | None:
    """The step that was just accepted, where anything of it can be taken back."""
    try:
        batch = uuid.UUID(request.GET.get("accepted", ""))
    except ValueError:
        return None
    found = sheet_changes.changed_by(project=project, batch=batch, user=request.user)
    return batch if found else None


def accept(request: Request, found: list[Open]) -> uuid.UUID | None:
    """Save what is ticked and still suggested, as one step; say of each other one why not."""
    ticked = request.POST.getlist("suggestion")
    if not ticked:
        text = gettext("Nothing is ticked: tick the suggestions that are right, then accept them.")
        messages.warning(request, text)
        return None
    saved = outdated = 0
    batch = None
    for one in take(found, ticked, by=request.user):
        outdated += one.outcome == "changed"
        saved += one.outcome == "accepted"
        batch = batch or one.batch
        if one.cell and one.error:
            names = {"dataset": one.cell.dataset.title, "variable": one.cell.variable.name}
            text = gettext("%(dataset)s, %(variable)s: %(error)s")
            messages.warning(request, text % {**names, "error": one.error.detail})
    if outdated:
        text = ngettext(
            "%(count)s suggestion is another one meanwhile: look at it again.",
            "%(count)s suggestions are other ones meanwhile: look at them again.",
            outdated,
        )
        messages.warning(request, text % {"count": outdated})
    if not saved:
        messages.warning(request, gettext("None of the ticked suggestions is accepted."))
        return batch
    text = ngettext(
        "%(count)s suggestion is accepted.", "%(count)s suggestions are accepted.", saved
    )
    say(request, text % {"count": saved})
    return batch
