"""The page of one project: what it found, what it lacks, and who and where it is.

It shows data and answers of the project, so it sits above all apps.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from datasets.analyses.result import newest_answer
from datasets.analyses.titles import titles_of
from datasets.choices import WITH_RULE, AnalysisState
from datasets.datasets.rules import rules_for
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
        brought = brought_to(request, shown)
        rows_at = rows_by_site(brought)
        context |= found_of(request, shown, brought, context["counts"])
        # Others may not see all there is: nobody tells them what is missing.
        if not context["membership"]:
            context["missing"] = "sight" if context["missing"] else ""
    context |= overview_of(request, shown, context, rows_at)
    return render(request, "portal/project/detail.html", context)


def brought_to(request: Request, project: Project) -> list[tuple[Version, bool]]:
    """The newest version of each dataset, and whether the person reads its rows."""
    seen = Version.objects.visible_to(request.user).ready().filter(dataset__project=project)
    newest = seen.order_by("dataset", "-number").distinct("dataset")
    readable = Dataset.objects.rows_readable_by(request.user).filter(project=project)
    read = set(readable.values_list("pk", flat=True))
    return [(one, one.dataset_id in read) for one in newest.select_related("dataset")]


def rows_by_site(brought: list[tuple[Version, bool]]) -> dict[int, RowCount]:
    """How many rows each site has brought."""
    rows_at: dict[int, RowCount] = {}
    for one, reads in brought:
        site = one.dataset.site_id
        rows_at[site] = rows_at.get(site, RowCount(0)) + one.rows_for(reads=reads)
    return rows_at


def rows_in_all(brought: list[tuple[Version, bool]]) -> RowCount:
    """How many they are together; where some are rounded, as a question of all of them counts."""
    exact = all(reads for _, reads in brought)
    told = [
        one.rows_for(reads=exact or (reads and rules_for(one.dataset).is_open))
        for one, reads in brought
    ]
    return sum(told, RowCount(0))


def found_of(
    request: Request,
    project: Project,
    brought: list[tuple[Version, bool]],
    counts: dict[str, int],
) -> dict[str, Any]:
    """The newest answer or what is missing for the first, what runs, and the whole in numbers."""
    answer = newest_answer(request.user, project)
    at_work = Analysis.objects.visible_to(request.user).filter(
        project=project, state__in=(AnalysisState.QUEUED, AnalysisState.RUNNING)
    )
    running = list(at_work.defer("spec").order_by("id")[:UNDER_WAY])
    titles = titles_of(running)
    numbers = [
        {"label": gettext("Rows"), "value": str(rows_in_all(brought))},
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
        "missing": "" if answer or running else missing_for(brought, counts),
        "under_way": [{"analysis": one, "title": titles[one.pk]} for one in running],
        "numbers": numbers if counts["datasets"] else [],
    }


def harmonised(request: Request, project: Project) -> int:
    """How many of the project's variables at least one dataset gives to analyses."""
    given = Mapping.objects.visible_to(request.user).filter(
        variable__project=project, status__in=WITH_RULE
    )
    if project.second_person:
        given = given.filter(approved_at__isnull=False)
    return given.values("variable").distinct().count()


def missing_for(brought: list[tuple[Version, bool]], counts: dict[str, int]) -> str:
    """The next thing that the project needs for its first answer."""
    if not counts["sites"]:
        return "site"
    if not brought:
        return "data"
    if not counts["variables"]:
        return "variable"
    return "answer" if counts["analyses"] else "question"
