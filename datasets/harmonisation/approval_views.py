"""Rules that wait for this person: read, ticked, approved together."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from datasets.harmonisation.matrix import NO_TOPIC, Matrix
from datasets.harmonisation.narrowing import (
    chips_of,
    finds_sites,
    narrowed,
    site_choices,
    topic_choices,
)
from datasets.harmonisation.places import matrix_datasets
from datasets.harmonisation.waiting_cells import WaitingRule, approve_all, waiting_cells
from portal.common.door import led_to
from portal.common.pages import Request, say
from projects.projects.head import project_page
from projects.roles import Permission


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approvals(request: Request, slug: str) -> HttpResponse:
    """What waits for the person, of a topic or a site; a POST approves what is ticked."""
    project, context = project_page(request, slug, needs=Permission.ADD_DATA)
    datasets = matrix_datasets(request.user, project)
    matrix = Matrix(request.user, project, datasets, context["granted"])
    if request.method == "POST":
        approve(request, matrix)
        return led_to("mapping-approvals", at="main", query=request.GET.urlencode(), slug=slug)
    variables, of_sites, *_ = narrowed(matrix, request.GET)
    found, more = waiting_cells(matrix, variables, of_sites)
    topics: dict[str, list[WaitingRule]] = {}
    for one in found:
        topics.setdefault(one.variable.topic, []).append(one)
    return render(
        request,
        "datasets/harmonisation/approvals.html",
        {
            **context,
            "topics": [{"name": name or NO_TOPIC, "rows": rows} for name, rows in topics.items()],
            "more": more,
            "chips": chips_of(request, matrix),
            "topic_choices": topic_choices(request, matrix),
            "site_choices": site_choices(request, of_sites),
            "finds_sites": finds_sites(request, matrix),
            "asked": request.GET,
        },
    )


def approve(request: Request, matrix: Matrix) -> None:
    """Approve what is ticked; say of each other one why not."""
    ticked = request.POST.getlist("approve")
    without_values = request.POST.getlist("approve_without_values")
    if not (ticked or without_values):
        text = gettext("Nothing is ticked: tick the rules that are right, then approve them.")
        messages.warning(request, text)
        return
    made = approve_all(matrix, ticked, without_values=without_values, by=request.user)
    for one in made:
        if one.variable and one.dataset and one.error:
            text = gettext("%(dataset)s, %(variable)s: %(error)s")
            names = {"dataset": one.dataset.title, "variable": one.variable.name}
            messages.warning(request, text % {**names, "error": one.error.detail})
    count = sum(one.outcome == "approved" for one in made)
    if not count:
        messages.warning(request, gettext("None of the ticked rules is approved."))
        return
    text = ngettext("%(count)s rule is approved.", "%(count)s rules are approved.", count)
    say(request, text % {"count": count})
