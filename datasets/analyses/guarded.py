"""A question of open data answered once more, as whoever does not read their rows is told it.

Every input passes a gate of its own, as if its dataset were guarded; what is guarded keeps to the
rules and to the holds of the run itself (ADR 33).
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from django.db import transaction
from django.utils import timezone

from datasets.analyses.behind import Reasons, reasons_held
from datasets.analyses.found import Found
from datasets.analyses.inputs import harmonised_rows, input_info, inputs_of
from datasets.analyses.models import Analysis, AnalysisInput, GuardedAnswer
from datasets.analyses.provenance import provenance_of
from datasets.datasets.models import Dataset
from datasets.datasets.rules import guarded_rules_for
from datasets.domains.questions import domains_for, known_of
from datasets.engine.guard.rules import Rules
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.run import run_rounds
from datasets.engine.rows.frame import InputInfo, Rows, VariableInfo
from portal.common.models import to_the_minute


def guarded_answer(
    analysis: Analysis, rows: Mapping[int, Rows], rules: Mapping[int, Rules]
) -> GuardedAnswer:
    """The answer that gates with these rules let go, not saved; `rows` as `GatedRows` opens them.
    Of a question that its gates leave without an answer it has no result."""
    method, inputs = METHODS[analysis.method], inputs_of(analysis.pk)
    parameters = method.parameters.from_json(analysis.parameters)
    held = reasons_held(analysis)

    def hold(info: InputInfo) -> Reasons:
        return held.get(info.index, [])

    read = [(input_info(one), rows[one.index]) for one in inputs]
    try:
        answer, released = run_rounds(method, parameters, read, rules, hold)
    except ParameterError:
        return GuardedAnswer(analysis=analysis)
    found = Found.of(answer, analysis)
    provenance = provenance_of(analysis, found.result, released, to_the_minute(timezone.now()))
    return GuardedAnswer(analysis=analysis, provenance=provenance, **vars(found))


def gates_of_all(analysis: Analysis, inputs: Sequence[AnalysisInput]) -> dict[int, Rules]:
    """The rules of every input's gate, by its index: today's of what was open in the run."""
    assert analysis.provenance is not None
    kept_to = [Rules.from_json(one) for one in analysis.provenance["disclosure"]["rules"]]
    return {
        one.index: guarded_rules_for(one.version.dataset) if of_run.is_open else of_run
        for one, of_run in zip(inputs, kept_to, strict=True)
    }


@transaction.atomic
def keep(made: GuardedAnswer, rules: Mapping[int, Rules]) -> bool:
    """Keep an answer that gates with these rules let go; False where others hold by now.

    Whoever changes the rules of a dataset waits meanwhile, and makes anew what is kept.
    """
    inputs = inputs_of(made.analysis_id)
    numbers = [one.version.dataset_id for one in inputs]
    list(Dataset.objects.filter(pk__in=numbers).order_by("pk").select_for_update(no_key=True))
    if gates_of_all(made.analysis, inputs_of(made.analysis_id)) != rules:
        return False
    GuardedAnswer.objects.bulk_create(
        [made],
        update_conflicts=True,
        unique_fields=["analysis"],
        update_fields=["result", "warnings", "words", "provenance"],
    )
    return True


class GatedRows:
    """Opens an input's rows with what is not declared missing: of an open one as is declared
    today."""

    def __init__(self, inputs: list[AnalysisInput]) -> None:
        self._known = known_of((one.version for one in inputs if not one.domains), also_open=True)

    def __call__(
        self, one: AnalysisInput, variables: list[VariableInfo], tables: ExitStack
    ) -> Rows:
        declared: Mapping[str, Any] = one.domains or domains_for(
            self._known.get(one.version_id), one.rules, variables
        )
        return harmonised_rows(one, variables, tables, declared)
