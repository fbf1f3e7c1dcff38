"""Suggestions for whatever nothing is said of yet: read, ticked, accepted in one go."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from datasets.harmonisation.matrix import Matrix
from datasets.harmonisation.open_cells import Open, open_cells, take
from datasets.harmonisation.views import visible_datasets
from portal.common.door import led_to
from portal.common.pages import Request, say
from projects.projects.head import project_page
from projects.roles import Permission


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, slug: str) -> HttpResponse:
    """What is suggested for whatever the person may map; a POST accepts what is ticked."""
    project, context = project_page(request, slug, needs=Permission.ADD_DATA)
    datasets = visible_datasets(request, project)
    found, more = open_cells(Matrix(request.user, project, datasets, context["granted"]))
    if request.method == "POST":
        accept(request, found)
        return led_to("mapping-review", slug=slug)
    return render(
        request,
        "datasets/harmonisation/review.html",
        {**context, "found": found, "more": more},
    )


def accept(request: Request, found: list[Open]) -> None:
    """Save what is ticked and still suggested; say of each other one why not."""
    saved = outdated = 0
    for one in take(found, request.POST.getlist("suggestion"), by=request.user):
        outdated += one.outcome == "changed"
        saved += one.outcome == "accepted"
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
    text = ngettext(
        "%(count)s suggestion is accepted.", "%(count)s suggestions are accepted.", saved
    )
    say(request, text % {"count": saved})
