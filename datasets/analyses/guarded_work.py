"""Keep what of an answer of open data is told to whoever does not read their rows.

Nobody waits for it who asked, so it is a job of its own, and one worker does it all.
"""

from contextlib import ExitStack

from django.utils.translation import gettext_lazy

from datasets.analyses.guarded import GatedRows, guarded_answer
from datasets.analyses.inputs import Watched, inputs_of, variable_infos
from datasets.analyses.models import Analysis, GuardedAnswer
from datasets.analyses.work import crumbs, error_for
from datasets.datasets.permissions import steers
from portal.jobs.handlers import Effects, Handler
from portal.jobs.models import Job
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
        # Somebody who reads it at the same time may keep it as well.
        GuardedAnswer.objects.bulk_create(
            [made],
            update_conflicts=True,
            unique_fields=["analysis"],
            update_fields=["result", "warnings", "words", "provenance"],
        )

    return effects


HANDLER = Handler(
    title=gettext_lazy("Prepare an answer for whoever reads no rows"),
    work=guard,
    steered_by=steers,
    error_for=error_for,
    crumbs=crumbs,
)
