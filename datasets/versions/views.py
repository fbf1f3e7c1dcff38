"""Find a version, and see what was wrong with its file."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, require
from datasets.versions.models import Version
from datasets.versions.reports import csv_report
from datasets.versions.shown import problems_for
from portal.common.pages import Request
from portal.jobs.shown import part


@require_safe
def problems(request: Request, pk: int, number: int) -> HttpResponse:
    """What was wrong with the file, as a CSV file to work through."""
    version = find(request, pk, number)
    names = ("row", "column", "value", "code", "detail", "cure")
    rows = [
        [problem.get(name) for name in names] for problem in problems_for(request.user, version)
    ]
    return csv_report(f"problems-{version.dataset_id}-v{version.number}.csv", [names, *rows])


def find(
    request: Request, pk: int, number: int, *, needs: DatasetPermission | None = None
) -> Version:
    """A version of the dataset, if the person may see it, or 404.

    Whoever may not do with the dataset what the page needs gets 403.
    """
    visible = Version.objects.visible_to(request.user)
    version = get_object_or_404(
        visible.select_related("dataset__project", "dataset__site"), dataset=pk, number=number
    )
    if needs is not None:
        require(request.user, needs, version.dataset)
    return version


def visible_versions(request: Request, dataset: Dataset) -> Any:
    """The versions the person may see, newest first."""
    visible = Version.objects.visible_to(request.user).filter(dataset=dataset)
    return visible.select_related("created_by").order_by("-number")


def job_part(request: Request, newest: Version | None) -> dict[str, Any] | None:
    """The newest version's job, as long as the version is no result to look at."""
    job = newest.latest_job() if newest and not newest.is_ready else None
    if job is None or not request.user.is_authenticated:
        return None
    return part(job, request.user)
