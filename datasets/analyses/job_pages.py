"""What people hear of the jobs behind an analysis: why one failed, where its question stands."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.closed import UNREAD
from datasets.analyses.models import Analysis, AnalysisPart
from datasets.analyses.standing import statuses_of
from datasets.analyses.titles import title_of
from datasets.choices import JobKind, ReleaseOutcome
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import project_of
from portal.common.pages import Crumb
from portal.common.text import told
from portal.jobs.handlers import Stands
from portal.jobs.models import Job
from projects.projects.words import project_crumbs

STANDS = {
    ReleaseOutcome.HELD: (
        "clock",
        gettext_lazy("People of its sites decide first whether an answer may leave."),
    ),
    ReleaseOutcome.REFUSED: (
        "eye-off",
        gettext_lazy("Somebody of its sites withheld the answer, and wrote to whoever asked why."),
    ),
}
"""What is said of a question without an answer that did not fail."""


def crumbs(job: Job) -> list[Crumb]:
    """The project and the analysis the job runs."""
    analysis = Analysis.objects.select_related("project").get(pk=job.target_id)
    here = Crumb(title_of(analysis), analysis.get_absolute_url())
    return [*project_crumbs(analysis.project), here]


def crumbs_of_part(job: Job) -> list[Crumb]:
    """A part has no page: the project."""
    return [*project_crumbs(project_of(job))]


def error_for(user: Any, job: Job, *, exact: bool = True) -> dict[str, Any] | None:
    """Why an analysis or a part of it failed, which can tell counts and values.

    So whoever may not read the rows of every input reads only that it did. That it is held is told
    to all, in one fixed sentence.
    """
    if job.error is None or job.error["code"] == "held":
        return job.error
    if job.kind == JobKind.SUMMARISE:
        number = AnalysisPart.objects.values_list("input__analysis_id", flat=True).get(
            pk=job.target_id
        )
    else:
        number = job.target_id
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=number)
    if exact and not inputs.with_row_right(user).filter(rows_readable=False).exists():
        return job.error
    detail = (
        told(UNREAD.why.kept)
        if job.error["code"] == "not_estimable"
        else gettext("You may not read the rows of every dataset in it, so details are withheld.")
    )
    return {"code": job.error["code"], "detail": detail, "row": None, "column": None}


def stands(job: Job) -> Stands | None:
    """What waits for a person, or was withheld by one, did not fail: its question’s page calls it
    so."""
    analysis = Analysis.objects.only("pk", "state").get(pk=job.target_id)
    status = statuses_of([analysis]).get(analysis.pk)
    if status not in STANDS:
        return None
    return Stands(status.label, *STANDS[status])
