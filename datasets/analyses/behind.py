"""Which rows stand behind what a guarded input answers, and what its dataset's ledger says."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import QuerySet

from datasets.analyses.inputs import Watched, input_info, open_rows, variable_infos
from datasets.analyses.models import Analysis, AnalysisInput, AnalysisPart
from datasets.analyses.titles import title_kept
from datasets.choices import AnalysisState
from datasets.datasets.rules import rules_for
from datasets.engine.guard.gate import Released
from datasets.engine.guard.row_sets import RowSet, behind, reads_of
from datasets.engine.guard.rules import Rules
from datasets.engine.methods import METHODS
from datasets.engine.rows.frame import Rows
from datasets.engine.sentences import Sentence
from datasets.ledger.work import Entry, Held, enter_told, rule_text, stands
from portal.jobs.running import Context, JobFailed

Reasons = list[tuple[Sentence, Sentence]]
"""Place and reason of everything for which an input's answer waits for a person of its site."""


@dataclass
class Kept:
    """What an input's part keeps of what its gate let go in a round: that, or why it is held.

    `entry` still has to enter the ledger, which has the last word; with `stands` it was let in.
    """

    released: Released[Any]
    hold: Callable[[Reasons], Released[Any]]
    held: Held
    stands: bool
    entry: Entry | None

    def enter(self) -> None:
        """Let the ledger have its last word, in the transaction that keeps the part."""
        if self.entry:
            self.held = self.entry.enter()
            self.entry, self.stands = None, not self.held

    def fields(self) -> Mapping[str, Any]:
        """Of the part, once the ledger has spoken."""
        kept = self.released
        if self.held:
            whole = Sentence("the whole answer")
            kept = self.hold([(whole, Sentence.from_kept(one["said"])) for one in self.held])
        return {"statistics": kept.to_json(), "held": self.held}


def kept_of(
    one: AnalysisInput,
    analysis: Analysis,
    spec: Any,
    released: Released[Any],
    rows: Rows,
    context: Context,
    before: Kept | None = None,
) -> Kept:
    """Look what is kept of an input's answer: a guarded one is compared with what its dataset was
    asked before, and what nobody entered yet of that is made up for. What its gate lets go does not
    count: that a question is held, or is not, would else tell of a refusal.

    What was held in one round of a question is held in the others; a question has several, and the
    first enters it. `rows` are the input's own, `before` what it kept in the round
    before, where that is known.
    """
    one.analysis = analysis
    held: Held = []
    if not released.rules.is_open:
        held = before.held if before else _held_before(one, spec.round)
    is_asked = not (released.rules.is_open or held)
    known = before is not None and before.stands
    if is_asked and not known:
        known = stands(one.version, one.question_sha256)
    entry = None
    if is_asked and not known:
        enter_earlier(one.version.dataset_id, analysis, context)
        entry = _entry_for(one, analysis, released, rows)
    hold = partial(METHODS[analysis.method].hold, spec, one.site, released.rules)
    return Kept(released, hold, held, known, entry)


def forget_held(analysis: Analysis) -> None:
    """An analysis of which something was held begins anew when it is tried again."""
    parts = AnalysisPart.objects.filter(input__analysis=analysis)
    if not parts.exclude(held=[]).exists():
        return
    parts.delete()
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)
    inputs = [input_info(one) for one in analysis.inputs.all()]
    analysis.spec = method.plan(parameters, inputs).to_json()
    analysis.save(update_fields=["spec", "updated_at"])


def held_parts(analysis: Analysis) -> QuerySet[AnalysisPart]:
    """What ledgers held of its newest round."""
    parts = AnalysisPart.objects.filter(input__analysis=analysis, round=analysis.spec["round"])
    return parts.exclude(held=[])


def reasons_held(analysis: Analysis, *, but_of: int = 0) -> dict[int, Reasons]:
    """Why shares of its newest round are held, by their input's index; without those of one
    dataset."""
    others = held_parts(analysis).exclude(input__version__dataset=but_of)
    return {
        index: [(Sentence("the whole answer"), Sentence.from_kept(one["said"])) for one in held]
        for index, held in others.values_list("input__index", "held")
    }


def _held_before(one: AnalysisInput, number: int) -> Held:
    if number == 1:
        return []
    parts = AnalysisPart.objects.filter(input=one, round__lt=number)
    found: Held | None = parts.exclude(held=[]).values_list("held", flat=True).first()
    return found or []


def _entry_for(
    one: AnalysisInput, analysis: Analysis, released: Released[Any], rows: Rows
) -> Entry:
    # One set of rules, that of the answer: the dataset's may be others by now.
    rules = released.rules
    is_model = METHODS[analysis.method].complete
    return Entry(
        version=one.version,
        question_sha256=one.question_sha256,
        analysis=analysis.pk,
        asked_by=analysis.created_by,
        rules=rules,
        sets=_sets_of(one, analysis, rows, subtractable=is_model, threshold=rules.threshold),
        titles=title_kept,
    )


def enter_earlier(dataset: int, asking: Analysis, context: Context) -> None:
    """Answers from when the dataset was open to all who asked stand in its ledger, too.

    Nothing was rounded then. It is made up for when the first question is asked of the guarded
    dataset, since it reads every row once for each; `asking` can be stopped meanwhile.
    """
    told = AnalysisInput.objects.filter(
        version__dataset=dataset, analysis__state=AnalysisState.SUCCEEDED, is_entered=False
    )
    for number, index, rules in told.order_by("pk").values_list(
        "pk", "index", "analysis__provenance__disclosure__rules"
    ):
        context.stop_if_asked()
        if rules and Rules.from_json(rules[index]).is_open:
            _enter_told(number, asking, context)
        AnalysisInput.objects.filter(pk=number).update(is_entered=True)


def _enter_told(number: int, asking: Analysis, context: Context) -> None:
    earlier = AnalysisInput.objects.select_related("analysis__created_by", "version__dataset").get(
        pk=number
    )
    if stands(earlier.version, earlier.question_sha256):
        return
    asked = METHODS[earlier.analysis.method]
    parameters = asked.parameters.from_json(earlier.analysis.parameters)
    variables = variable_infos(earlier.analysis)
    with ExitStack() as tables:
        try:
            rows = open_rows(earlier, variables, tables, asked, parameters)
        except JobFailed:
            # Its table can be read no more, so nobody can ask of it either.
            return
        watched = Watched(rows, context, asking)
        threshold = rules_for(earlier.version.dataset).threshold
        sets = _sets_of(earlier, earlier.analysis, watched, subtractable=True, threshold=threshold)
    enter_told(
        version=earlier.version,
        question_sha256=earlier.question_sha256,
        analysis=earlier.analysis_id,
        asked_by=earlier.analysis.created_by,
        sets=sets,
    )


def _sets_of(
    one: AnalysisInput, analysis: Analysis, rows: Rows, *, subtractable: bool, threshold: int
) -> list[RowSet]:
    method, variables = METHODS[analysis.method], variable_infos(analysis)
    types = dict(one.version.columns.order_by("position").values_list("name", "type"))
    return behind(
        rows,
        method.parameters.from_json(analysis.parameters).row_groups,
        subtractable=subtractable,
        threshold=threshold,
        version=one.version_id,
        read=reads_of(one.rules, types, variables),
        rules={
            info.name: rule_text(one.rules[info.name], info)
            for info in variables
            if info.name in one.rules
        },
    )
