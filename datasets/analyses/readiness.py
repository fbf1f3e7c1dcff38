"""What a question can use, before it is asked: the rows its run would read, and what they carry.

Each input whose rows one reads answers the first round of the run itself, through its own gate, so
that what is promised is what is used; rounded, where it is guarded. Of the others it is told how
many rows can be complete at most: no ledger is kept of what is counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.asked import Checked
from datasets.analyses.doubles import doubles
from datasets.analyses.first_round import (
    FirstRound,
    as_counted,
    by_site,
    first_round,
    has_columns,
    released_by,
)
from datasets.analyses.inputs import input_info, open_rows
from datasets.analyses.models import AnalysisInput
from datasets.analyses.ready import Costliest, Readiness, SiteReady, in_all
from datasets.datasets.models import Dataset
from datasets.datasets.rules import rules_for
from datasets.engine.guard.tables import released_rows
from datasets.engine.methods import METHODS, Before, Method, ParameterError
from datasets.engine.methods.contract import NOTHING_RELEASED
from datasets.engine.methods.shared.labels import labelled
from datasets.engine.methods.shared.ready import Doubt, Needs, Ready
from datasets.engine.rows.complete import count_complete, count_present
from datasets.engine.rows.frame import RESERVED_COLUMNS, Rows, VariableInfo
from datasets.engine.sentences import Sentence, in_turn
from portal.common.text import told
from portal.jobs.running import JobFailed

NO_MODEL = Sentence("No model can be fitted to these rows as they are.")
"""What whoever does not read the rows is told in place of why."""

MOST_VALUES = 2_000_000
"""Rows times variables that are read while a page waits; a few seconds' work."""

MOST_TWICE = 500_000
"""Those that are read once more, without a variable: under a second's work."""


def readiness(
    question: Checked, method: str, by: Any, *, exact: bool = True, labels: bool = False
) -> Readiness:
    """What the question can use, as the person may know it; with `exact=False` as if they read
    no rows, which of open data nobody may ask.

    With `labels` its reasons call variables as pages do, else by their names.
    """
    counted = _counted(question, method, by, exact=exact, labels=labels)
    return replace(counted, doubles=doubles(question.inputs))


def sure_to_fail(question: Checked, method: str, by: Any, *, labels: bool = False) -> str:
    """Why a run can only fail, for whoever reads all of its rows; else empty."""
    inputs, before = question.inputs, METHODS[method].before
    readable = readable_by(inputs, by)
    if before is None or _at_most(inputs, readable):
        return ""
    try:
        with ExitStack() as tables:
            rows = opened(question, method, inputs, tables)
            looked = _Looked(METHODS[method], before, inputs, rows, readable)
            return _first_found(looked, question.parameters, _words(question, labels)).problem
    except (JobFailed, OSError):
        return ""


def values_in(question: Checked) -> int:
    """Rows times variables of all that is asked."""
    return sum(one.version.rows or 0 for one in question.inputs) * len(question.variables)


def _words(question: Checked, labels: bool) -> dict[str, VariableInfo]:
    return {info.name: info for info in question.variables} if labels else {}


def readable_by(inputs: Sequence[AnalysisInput], by: Any) -> set[int]:
    """Of these inputs' datasets those whose rows the person reads."""
    asked = [one.version.dataset_id for one in inputs]
    found = Dataset.objects.rows_readable_by(by).filter(pk__in=asked)
    return {*found.values_list("pk", flat=True)}


def opened(
    question: Checked, method: str, inputs: Sequence[AnalysisInput], tables: ExitStack
) -> dict[int, Rows]:
    """The rows of these inputs by their index, while `tables` are open."""
    asked = (question.variables, tables, METHODS[method], question.parameters)
    return {one.index: open_rows(one, *asked) for one in inputs}


def _counted(question: Checked, method: str, by: Any, *, exact: bool, labels: bool) -> Readiness:
    inputs = [as_counted(one) for one in question.inputs]
    readable = readable_by(inputs, by) if exact else set()
    limits = _limits(inputs)
    variables = question.variables
    if values_in(question) > MOST_VALUES:
        many = gettext("So many rows are counted when the question runs, not before.")
        problem = many if METHODS[method].before else ""
        return Readiness(_uncounted(inputs), limits, problem=problem)
    pinned = {one.index: one.version for one in question.inputs}
    others = [one for one in inputs if one.version != pinned[one.index]]
    if not all(has_columns(one, variables) for one in others):
        problem = gettext(
            "What few people differ in is counted when the question runs, not before."
        )
        return Readiness(_uncounted(inputs), limits, problem=problem)
    try:
        with ExitStack() as tables:
            rows = opened(question, method, inputs, tables)
            before = METHODS[method].before
            if before is None:
                return Readiness(_complete(question, inputs, rows, readable), limits)
            looked = _Looked(METHODS[method], before, inputs, rows, readable)
            return _looked_at(looked, question.parameters, _words(question, labels))
    except JobFailed as failure:
        problem = _problem(failure.error["detail"], readable, inputs)
        return Readiness(_uncounted(inputs), limits, problem=problem)


@dataclass(frozen=True)
class _Looked:
    """A question's rows, and whose of them whoever asks reads."""

    method: Method[Any, Any, Any, Any]
    before: Before[Any, Any, Any]
    inputs: Sequence[AnalysisInput]
    rows: Mapping[int, Rows]
    readable: set[int]

    def first_round(self, parameters: Any) -> FirstRound:
        """What the first round of these parameters would find."""
        return first_round(
            self.method, self.before, self.inputs, self.rows, self.readable, parameters
        )

    def ready(self, first: FirstRound, parameters: Any) -> dict[str, Ready]:
        """What each site's inputs may tell of their counts."""
        return {
            site: self.before.ready([first.counts[one.index] for one in of_site], parameters)
            for site, of_site in by_site(self.inputs).items()
        }


@dataclass(frozen=True)
class _FirstFound:
    """What a question's first round would find, and what a model needs; None with the `problem`
    that leaves none."""

    first: FirstRound
    sites: list[SiteReady]
    needs: Needs | None
    problem: str = ""


def _first_found(
    looked: _Looked, parameters: Any, words: Mapping[str, VariableInfo]
) -> _FirstFound:
    inputs, readable = looked.inputs, looked.readable
    first = looked.first_round(parameters)
    ready = looked.ready(first, parameters)
    sites = [
        _site(ready[site], of_site, first, readable, words)
        for site, of_site in by_site(inputs).items()
    ]
    counts = [*first.counts.values()]
    try:
        needs = looked.before.needs(counts, [*ready.values()], parameters, first.spec)
    except ParameterError as error:
        why = in_turn(*error.errors.values())
        if any(one.withheld for one in sites):
            # Rows that rules hold back are not counted, and may well have every variable.
            why = NOTHING_RELEASED if all(one.withheld for one in sites) else NO_MODEL
        problem = _problem(told(_called(why, words).kept), readable, inputs)
        return _FirstFound(first, sites, None, problem)
    return _FirstFound(first, sites, needs)


def _looked_at(looked: _Looked, parameters: Any, words: Mapping[str, VariableInfo]) -> Readiness:
    """What its first round would find."""
    found = _first_found(looked, parameters, words)
    sites, needs, limits = found.sites, found.needs, _limits(looked.inputs)
    if needs is None:
        return Readiness(sites, limits, True, problem=found.problem)
    doubt = _doubts(looked, parameters)
    problem = "" if doubt is None else told(_called(doubt.why, words).kept)
    # What would be seen if sites agree is no help where some give no answer.
    detectable = None if doubt is not None and doubt.unanswered else needs.detectable
    costliest = _costliest(looked, parameters, found.first)
    return Readiness(sites, limits, True, needs.parameters, detectable, problem, costliest)


def _doubts(looked: _Looked, parameters: Any) -> Doubt | None:
    """Why open rows, which whoever asks reads, cannot carry the question, or a part of it.

    Of others, asked often, it would tell sums, and so would a scale that is made of theirs as well:
    beside guarded ones it is told of the open rows alone.
    """
    own = [one for one in looked.inputs if rules_for(one.version.dataset).is_open]
    if not own:
        return None
    ask = partial(released_by, looked.method, own, looked.rows)
    infos = [input_info(one) for one in own]
    return looked.before.doubts(parameters, infos, ask, len(own) == len(looked.inputs))


def _costliest(looked: _Looked, parameters: Any, first: FirstRound) -> Costliest | None:
    """Which variable that can be left out costs most rows, and what the question has without it.

    It is looked for among counts as they are told, so that which one it is tells no more.
    """
    names = [name for name in parameters.names if name not in RESERVED_COLUMNS]
    if sum(one.version.rows or 0 for one in looked.inputs) * len(names) > MOST_TWICE:
        return None
    gains: Counter[str] = Counter()
    for one in looked.inputs:
        if one.index in first.released and first.released[one.index].whole:
            continue
        rows = looked.rows[one.index]
        complete, without = _complete_and_without(one, rows, names, looked.readable)
        for name, n in zip(names, without, strict=True):
            gains[name] += _told(n, one) - _told(complete, one)
    fewer = {name: looked.before.without(parameters, name) for name in names}
    spared = [name for name in names if fewer[name] is not None and gains[name] > 0]
    if not spared:
        return None
    name = max(spared, key=lambda one: gains[one])
    ready = looked.ready(looked.first_round(fewer[name]), fewer[name])
    left = [
        (min(ready[site].complete, _rows(of_site)), _about(of_site))
        for site, of_site in by_site(looked.inputs).items()
    ]
    return Costliest(name, in_all(left))


def _complete_and_without(
    one: AnalysisInput, rows: Rows, names: Sequence[str], readable: set[int]
) -> tuple[int, Sequence[int]]:
    """Complete rows of an input, and those there would be without each one of the variables.

    Of rows the person does not read it is how many there can be, by each variable alone.
    """
    if one.version.dataset_id in readable:
        found = count_complete(rows, names)
        return found.complete, found.without
    present = count_present(rows, names)
    whole = one.version.rows or 0
    others = [(*present[:place], *present[place + 1 :]) for place in range(len(names))]
    return min(present, default=whole), [min(some, default=whole) for some in others]


def _complete(
    question: Checked,
    inputs: Sequence[AnalysisInput],
    rows: Mapping[int, Rows],
    readable: set[int],
) -> list[SiteReady]:
    """Rows with a value in every variable, where each variable uses those that have it."""
    names = list(dict.fromkeys(question.parameters.names))
    found = []
    for site, of_site in by_site(inputs).items():
        complete = sum(
            _told(_complete_and_without(one, rows[one.index], names, readable)[0], one)
            for one in of_site
        )
        ready = SiteReady(site, _rows(of_site), complete, _about(of_site))
        found.append(replace(ready, at_most=_at_most(of_site, readable)))
    return found


def _uncounted(inputs: Sequence[AnalysisInput]) -> list[SiteReady]:
    """Rows alone, where no complete ones are counted."""
    return [
        SiteReady(site, _rows(of_site), None, _about(of_site))
        for site, of_site in by_site(inputs).items()
    ]


def _rows(inputs: Sequence[AnalysisInput]) -> int:
    return sum(rules_for(one.version.dataset).rounded(one.version.rows or 0) for one in inputs)


def _told(complete: int, one: AnalysisInput) -> int:
    """How many complete rows of an input are told to be: as an answer tells it."""
    return released_rows(complete, one.version.rows or 0, rules_for(one.version.dataset))


def _about(inputs: Sequence[AnalysisInput]) -> bool:
    return not all(rules_for(one.version.dataset).is_open for one in inputs)


def _at_most(inputs: Sequence[AnalysisInput], readable: set[int]) -> bool:
    return not readable.issuperset(one.version.dataset_id for one in inputs)


def _site(
    one: Ready,
    inputs: Sequence[AnalysisInput],
    first: FirstRound,
    readable: set[int],
    words: Mapping[str, VariableInfo],
) -> SiteReady:
    whole = [each for each in inputs if first.is_whole(each)]
    reasons = [
        told(_called(note.reason, words).kept)
        for each in whole
        if each.version.dataset_id in readable
        for note in first.released[each.index].withheld
        if isinstance(note.reason, Sentence)
    ]
    withheld = bool(whole) and not one.complete
    rows = _rows(inputs)
    return SiteReady(
        site=one.site,
        rows=rows,
        complete=None if withheld else min(one.complete, rows),
        about=_about(inputs),
        at_most=_at_most(inputs, readable),
        rarer=one.rarer,
        absent=() if withheld else one.absent,
        withheld=withheld,
        why="; ".join(dict.fromkeys(reasons)),
    )


def _called(said: Sentence, words: Mapping[str, VariableInfo]) -> Sentence:
    return labelled(said, words) if words else said


def _problem(said: str, readable: set[int], inputs: Sequence[AnalysisInput]) -> str:
    """Why there is no model, which can tell of every row: only to whoever reads them all."""
    if readable.issuperset(one.version.dataset_id for one in inputs):
        return said
    return told(NO_MODEL.kept)


def _limits(inputs: Sequence[AnalysisInput]) -> list[dict[str, Any]]:
    """What each dataset's own rules let leave it."""
    return [
        {
            "site": one.site,
            "title": one.version.dataset.title,
            "profile": rules.profile,
            "threshold": rules.threshold,
        }
        for one in inputs
        for rules in [rules_for(one.version.dataset)]
    ]
