"""Keep what of an answer of open data is told to whoever does not read their rows.

Nobody waits for it who asked, so it is a job of its own, and one worker does it all.
"""

from contextlib import ExitStack

from django.utils.translation import gettext_lazy

from datasets.analyses.guarded import GatedRows, guarded_answer
from datasets.analyses.inputs import Watched, inputs_of, variable_infos
from datasets.analyses.models import Analysis, GuardedAnswer
from datasets.analyses.work import crumbs, error_for
from datasets.choices import GUARDED_ACCESS, JobKind
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import steers
from portal.jobs.handlers import Effects, Handler
from portal.jobs.models import Job
from portal.jobs.queue import enqueue_group
from portal.jobs.running import Context


def guard(job: Job, context: Context) -> Effects:
    """Keep the answer that the gates of all inputs let go, in place of an earlier one."""
    analysis = Analysis.objects.select_related("project", "created_by").get(pk=job.target_id)
    inputs, variables = inputs_of(analysis.pk), variable_infos(analysis)
    opened = GatedRows(inputs)
    with ExitStack() as tables:
        rows = {one.index: Watched(opened(one, variables, tables), context) for one in inputs}
        made = guarded_answer(analysis, rows)

    def effects() -> None:
        GuardedAnswer.objects.filter(analysis=analysis).delete()
        made.save()

    return effects


def access_changed(dataset: Dataset) -> None:
    """Answers from when data were open are guarded anew once they close: by which rules, their
    owner says only then. Until it is done nothing is told that kept to looser ones."""
    if dataset.access not in GUARDED_ACCESS:
        return
    earlier = GuardedAnswer.objects.filter(analysis__inputs__version__dataset=dataset)
    numbers = set(earlier.values_list("analysis", flat=True))
    GuardedAnswer.objects.filter(analysis__in=numbers).delete()
    # One that is asked for already reads the rules when it begins.
    asked = Job.objects.filter(kind=JobKind.GUARD, target_id__in=numbers).active()
    numbers -= set(asked.values_list("target_id", flat=True))
    if numbers:
        enqueue_group(
            kind=JobKind.GUARD,
            target_ids=sorted(numbers),
            project_id=dataset.project_id,
            by=dataset.created_by,
        )


HANDLER = Handler(
    title=gettext_lazy("Prepare an answer for whoever reads no rows"),
    work=guard,
    steered_by=steers,
    error_for=error_for,
    crumbs=crumbs,
)
