"""Keep what of an answer of open data is told to whoever does not read their rows.

Nobody waits for it who asked, so it is a job of its own, and one worker does it all.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from django.utils.translation import gettext_lazy

from datasets.analyses.guarded import GatedRows, gates_of_all, guarded_answer, keep
from datasets.analyses.inputs import Watched, few_rows, inputs_of, variable_infos
from datasets.analyses.job_pages import crumbs, error_for
from datasets.analyses.models import Analysis, GuardedAnswer
from datasets.analyses.work import prepare
from datasets.choices import JobKind
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
    opened, rules = GatedRows(inputs), gates_of_all(analysis, inputs)
    with ExitStack() as tables:
        rows = few_rows(analysis, opened) or {
            one.index: Watched(opened(one, variables, tables), context) for one in inputs
        }
        made = guarded_answer(analysis, rows, rules)

    def effects() -> None:
        if not keep(made, rules):
            prepare(analysis)

    return effects


def rules_changed(dataset: Dataset, before: Mapping[str, Any]) -> None:
    """What rules let go that changed is told to nobody any more, and made again by the new ones."""
    if all(getattr(dataset, name) == before[name] for name in ("disclosure_rules", "threshold")):
        return
    stale = GuardedAnswer.objects.filter(analysis__inputs__version__dataset=dataset)
    numbers = set(stale.values_list("analysis", flat=True))
    stale.delete()
    # What is under way looks at the rules again at its end.
    under_way = Job.objects.filter(kind=JobKind.GUARD, target_id__in=numbers).active()
    enqueue_group(
        kind=JobKind.GUARD,
        target_ids=sorted(numbers - set(under_way.values_list("target_id", flat=True))),
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
