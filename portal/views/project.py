"""The page of one project: what it found, what it lacks, and who and where it is.

It shows data and answers of the project, so it sits above all apps.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from datasets.analyses.result import newest_answer
from datasets.choices import WITH_RULE, AnalysisState
from datasets.models import Analysis, Dataset, Mapping, Version
from portal.common.pages import Request, bounded
from portal.common.text import RowCount
from projects.models import Project
from projects.overview.shown import overview_of
from projects.projects.head import project_page

UNDER_WAY = 5


@require_safe
def project(request: Request, slug: str) -> HttpResponse:
    """The page; what was found and brought is for those who see inside."""
    shown, context = project_page(request, slug)
    rows_at: dict[int, RowCount] = {}
    if context["may"]["see_inside"]:
        rows_at = rows_by_site(request, shown)
        context |= found_of(request, shown, rows_at, context["counts"])
        # Others may not see all there is: nobody tells them what is missing.
        if not context["membership"]:
            context["missing"] = "sight" if context["missing"] else ""
    context |= overview_of(request, shown, context, rows_at)
    return render(request, "portal/project/detail.html", context)


def rows_by_site(request: Request, project: Project) -> dict[int, RowCount]:
    """How many rows each site has brought, in the newest version of each dataset."""
    seen = Version.objects.visible_to(request.user).ready().filter(dataset__project=project)
    newest = seen.order_by("dataset", "-number").distinct("dataset")
    readable = Dataset.objects.rows_readable_by(request.user).filter(project=project)
    read = set(readable.values_list("pk", flat=True))
    rows_at: dict[int, RowCount] = {}
    for one in newest.select_related("dataset"):
        rows = one.rows_for(reads=one.dataset_id in read)
        site = one.dataset.site_id
        rows_at[site] = rows_at[site] + rows if site in rows_at else rows
    return rows_at


def found_of(
    request: Request, project: Project, rows_at: dict[int, RowCount], counts: dict[str, int]
) -> dict[str, Any]:
    """The newest answer or what is missing for the first, what runs, and the whole in numbers."""
    answer = newest_answer(request.user, project)
    at_work = Analysis.objects.visible_to(request.user).filter(
        project=project, state__in=(AnalysisState.QUEUED, AnalysisState.RUNNING)
    )
    under_way = list(at_work.only("title", "state").order_by("id")[:UNDER_WAY])
    numbers = [
        {"label": gettext("Rows"), "value": str(sum(rows_at.values(), RowCount(0)))},
        {"label": gettext("Sites"), "value": bounded(counts["sites"])},
        {
            "label": gettext("Harmonised"),
            "value": gettext("%(mapped)s of %(all)s")
            % {"mapped": harmonised(request, project), "all": bounded(counts["variables"])},
        },
        {"label": gettext("Analyses"), "value": bounded(counts["analyses"])},
    ]
    return {
        "latest": answer,
        "forest": answer["forest"].by_region() if answer.get("forest") else None,
        "missing": "" if answer or under_way else missing_for(rows_at, counts),
        "under_way": under_way,
        "numbers": numbers if counts["datasets"] else [],
    }


def harmonised(request: Request, project: Project) -> int:
    """How many of the project's variables at least one dataset gives."""
    given = Mapping.objects.visible_to(request.user).filter(
        variable__project=project, status__in=WITH_RULE
    )
    return given.values("variable").distinct().count()


def missing_for(rows_at: dict[int, RowCount], counts: dict[str, int]) -> str:
    """The next thing that the project needs for its first answer."""
    if not counts["sites"]:
        return "site"
    if not rows_at:
        return "data"
    if not counts["variables"]:
        return "variable"
    return "answer" if counts["analyses"] else "question"
