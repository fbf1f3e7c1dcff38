"""Which rows stand behind what a guarded input answers, and what its dataset's ledger says."""

from collections.abc import Callable, Mapping
from typing import Any

from datasets.analyses.inputs import variable_infos
from datasets.analyses.models import Analysis, AnalysisInput, AnalysisPart
from datasets.engine.guard import ledger as engine
from datasets.engine.guard.gate import Released
from datasets.engine.methods import METHODS
from datasets.engine.rows.frame import Rows
from datasets.engine.sentences import Sentence
from datasets.ledger.work import Entry, Held

Fields = Callable[[], Mapping[str, Any]]
"""What a part keeps; asked in the transaction that keeps it, where the ledger has its last word."""


def kept_of(
    one: AnalysisInput, analysis: Analysis, spec: Any, released: Released[Any], rows: Rows
) -> Fields:
    """Of what an input's gate let go in a round: that, or why it is held. `rows` are its own.

    A guarded input is compared with what its dataset released before. What was held in one round
    of a question is held in the others.
    """
    held: Held = [] if released.rules.is_open else _held_before(one, spec.round)
    leaves = not (released.rules.is_open or released.whole or held)
    entry = _entry_for(one, analysis, released, rows) if leaves else None

    def fields() -> Mapping[str, Any]:
        why = entry.enter() if entry else held
        reasons = [(Sentence("the whole answer"), Sentence.from_kept(one["said"])) for one in why]
        kept = released
        if reasons:
            kept = METHODS[analysis.method].hold(spec, one.site, released.rules, reasons)
        return {"statistics": kept.to_json(), "held": why}

    return fields


def forget_held(analysis: Analysis) -> None:
    """Parts that were held are asked anew when the analysis is tried again from its beginning."""
    if analysis.spec["round"] == 1:
        AnalysisPart.objects.filter(input__analysis=analysis).exclude(held=[]).delete()


def _held_before(one: AnalysisInput, number: int) -> Held:
    parts = AnalysisPart.objects.filter(input=one, round__lt=number)
    found: Held | None = parts.exclude(held=[]).values_list("held", flat=True).first()
    return found or []


def _entry_for(
    one: AnalysisInput, analysis: Analysis, released: Released[Any], rows: Rows
) -> Entry:
    one.analysis = analysis
    method = METHODS[analysis.method]
    types = dict(one.version.columns.order_by("position").values_list("name", "type"))
    sets = engine.behind(
        rows,
        method.parameters.from_json(analysis.parameters).row_groups,
        exact=method.exact_sums,
        version=one.version_id,
        read=engine.columns_read(one.rules, types, variable_infos(analysis)),
    )
    return Entry(
        version=one.version,
        question_sha256=one.question_sha256,
        analysis=analysis.pk,
        asked_by=analysis.created_by,
        threshold=released.rules.threshold,
        sets=sets,
    )
