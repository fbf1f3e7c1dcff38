"""Answer a question of open data once more, as whoever does not read their rows is told it.

Every input passes a gate of its own, as if its dataset were guarded; what is guarded keeps to the
rules and to the holds of the run itself. Nobody waits for it who asked, so one worker does it all.
"""

from contextlib import ExitStack
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from datasets.analyses.behind import reasons_held
from datasets.analyses.inputs import (
    Watched,
    harmonised_rows,
    input_info,
    inputs_of,
    variable_infos,
)
from datasets.analyses.models import Analysis, AnalysisInput, GuardedAnswer
from datasets.analyses.provenance import provenance_of
from datasets.analyses.work import crumbs, error_for
from datasets.datasets.permissions import steers
from datasets.datasets.rules import guarded_rules_for
from datasets.domains.questions import domains_for, known_of
from datasets.engine.guard.rules import Rules
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.run import run_rounds
from datasets.engine.rows.frame import InputInfo, VariableInfo
from datasets.engine.sentences import sentences_in
from portal.jobs.handlers import Effects, Handler
from portal.jobs.models import Job
from portal.jobs.running import Context


def guard(job: Job, context: Context) -> Effects:
    """Keep the answer that the gates of all inputs let go."""
    analysis = Analysis.objects.select_related("project", "created_by").get(pk=job.target_id)
    fields = _answered(analysis, context)

    def effects() -> None:
        GuardedAnswer.objects.update_or_create(analysis=analysis, defaults=fields)

    return effects


def _answered(analysis: Analysis, context: Context) -> dict[str, Any]:
    """What is kept of it; of a question that its gates leave without an answer nothing."""
    method, inputs = METHODS[analysis.method], inputs_of(analysis.pk)
    variables = variable_infos(analysis)
    parameters = method.parameters.from_json(analysis.parameters)
    assert analysis.provenance is not None
    kept_to = [Rules.from_json(one) for one in analysis.provenance["disclosure"]["rules"]]
    rules = {
        one.index: guarded_rules_for(one.version.dataset) if of_run.is_open else of_run
        for one, of_run in zip(inputs, kept_to, strict=True)
    }
    held = reasons_held(analysis)

    def hold(info: InputInfo) -> Any:
        return held.get(info.index, [])

    declared = _declared(inputs, variables)
    with ExitStack() as tables:
        read = [
            (
                input_info(one),
                Watched(harmonised_rows(one, variables, tables, declared[one.index]), context),
            )
            for one in inputs
        ]
        try:
            answer, released = run_rounds(method, parameters, read, rules, hold)
        except ParameterError:
            return {"result": None, "warnings": [], "words": {}, "provenance": {}}
    answer = method.told(parameters, answer, {info.name: info for info in variables})
    result = answer.result.to_json()
    return {
        "result": result,
        "warnings": [one.to_json() for one in answer.warnings],
        "words": sentences_in(answer),
        "provenance": provenance_of(analysis, result, released, timezone.now()),
    }


def _declared(
    inputs: list[AnalysisInput], variables: list[VariableInfo]
) -> dict[int, dict[str, Any]]:
    """What each input's columns and variables may hold: of an open one as is declared today."""
    known = known_of([one.version for one in inputs if not one.domains], also_open=True)
    return {
        one.index: one.domains or domains_for(known.get(one.version_id), one.rules, variables)
        for one in inputs
    }


HANDLER = Handler(
    title=gettext_lazy("Prepare an answer for whoever reads no rows"),
    work=guard,
    steered_by=steers,
    error_for=error_for,
    crumbs=crumbs,
)
