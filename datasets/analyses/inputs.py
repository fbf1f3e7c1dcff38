"""What an analysis reads: its variables, its inputs, and what each of these lets go."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_noop

from datasets.analyses.models import Analysis, AnalysisInput
from datasets.choices import JobKind
from datasets.datasets.rules import rules_for
from datasets.domains.questions import domains_in, limits_in
from datasets.engine.guard.gate import Released
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.contract import ALL_HELD
from datasets.engine.methods.run import read_with
from datasets.engine.methods.shared.labels import labelled
from datasets.engine.rows import pool
from datasets.engine.rows.frame import Frame, InputInfo, Rows, Together, VariableInfo
from datasets.engine.sentences import Sentence, in_turn
from datasets.mappings import work as harmonisation
from datasets.variables.kept import variables_from
from portal.jobs.models import Job
from portal.jobs.running import Context, JobFailed

ASK_SECONDS = 1.0

FEW_VALUES = 250_000
"""Up to so many values, rows times variables, the coordinator reads the inputs itself, once."""


def variable_infos(analysis: Analysis) -> list[VariableInfo]:
    """The variables as they were when the analysis began."""
    return variables_from(analysis.variables)


def input_info(one: AnalysisInput) -> InputInfo:
    """Where an input was collected, as it was when the analysis began."""
    return InputInfo(index=one.index, site=one.site, country=one.country, region=one.region)


def inputs_of(analysis_id: int, **of: Any) -> list[AnalysisInput]:
    """An analysis' inputs in their order, with their datasets as they are now."""
    found = AnalysisInput.objects.filter(analysis=analysis_id, **of)
    return list(found.select_related("version__dataset"))


def open_rows(
    one: AnalysisInput,
    variables: list[VariableInfo],
    tables: ExitStack,
    method: Any,
    parameters: Any,
) -> Rows:
    """An input's harmonised rows as a question sees them, as long as `tables` is open."""
    rows = harmonised_rows(one, variables, tables, one.domains)
    asked: Rows = method.asked(rows, parameters, rules_for(one.version.dataset))
    return asked


def harmonised_rows(
    one: AnalysisInput,
    variables: list[VariableInfo],
    tables: ExitStack,
    declared: Mapping[str, Any],
) -> Rows:
    """An input's rows, where what is not `declared` is missing; of no domains that is nothing.

    A number that is too large to be computed with is named to whoever reads the rows. Of guarded
    ones it is missing: that a question fails would tell that somebody has such a code.
    """
    domains = domains_in(declared)
    infos = [
        replace(info, levels=domains[info.name].levels)
        if info.type == "category" and info.name in domains
        else info
        for info in variables
    ]
    limits = limits_in(declared)
    path = tables.enter_context(harmonisation.harmonised(one.version, one.rules, infos, limits))
    is_guarded = not rules_for(one.version.dataset).is_open
    if why := pool.beyond_reach(path, infos, within_reach=is_guarded):
        reason = labelled(why, {info.name: info for info in infos})
        raise JobFailed("too_large", reason, said=reason.kept)
    info = input_info(one)
    return pool.open_rows(path, infos, info, domains=domains, within_reach=is_guarded)


Opened = Callable[[AnalysisInput, list[VariableInfo], ExitStack], Rows]


def few_rows(analysis: Analysis, opened: Opened | None = None, **of: Any) -> dict[int, Rows] | None:
    """The rows of every input, or of some, in memory; None where there are many.

    They are as the question sees them, unless `opened` opens others.
    """
    inputs, variables = inputs_of(analysis.pk, **of), variable_infos(analysis)
    if sum(one.version.rows or 0 for one in inputs) * len(variables) > FEW_VALUES:
        return None
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)

    def as_asked(one: AnalysisInput, variables: list[VariableInfo], tables: ExitStack) -> Rows:
        return open_rows(one, variables, tables, method, parameters)

    with ExitStack() as tables:
        return {
            one.index: tuple(_opened(one, variables, tables, opened or as_asked)) for one in inputs
        }


def at_site(one: AnalysisInput, error: dict[str, Any]) -> dict[str, Any]:
    """An error, with where it happened."""
    said = error.get("said") or {"template": error["detail"]}
    detail = Sentence("%(site)s: %(reason)s", site=one.site, reason=Sentence.from_kept(said))
    return {"code": error["code"], "detail": detail, "said": detail.kept}


def not_estimable(error: ParameterError, variables: Sequence[VariableInfo]) -> JobFailed:
    """The question cannot be answered as asked: every reason. Or not yet, where it is held."""
    detail = in_turn(*error.errors.values())
    code = "held" if ALL_HELD in error.errors.values() else "not_estimable"
    said = labelled(detail, {info.name: info for info in variables})
    return JobFailed(code, detail[:1000], said=said.kept)


def _opened(
    one: AnalysisInput, variables: list[VariableInfo], tables: ExitStack, opened: Opened
) -> Rows:
    try:
        return opened(one, variables, tables)
    except JobFailed as failure:
        raise JobFailed(**at_site(one, failure.error)) from failure


def release(
    one: AnalysisInput,
    inputs: list[AnalysisInput],
    rows: Mapping[int, Rows],
    method: Any,
    spec: Any,
) -> Released[Any]:
    """What one input lets go, read with those of its site, by the rules of its gate today.

    `inputs` and `rows` have at least those of its site. Raises ParameterError when the rows can't
    carry the question.
    """
    infos = [input_info(each) for each in inputs]
    rules = {each.index: rules_for(each.version.dataset) for each in inputs}
    together = read_with(input_info(one), infos, rules)
    study = Together(tuple(rows[info.index] for info in together))
    released: Released[Any] = method.release(study, spec, one.site, rules[one.index])
    return released


class Watched:
    """Rows that stop being read once the work, or the whole analysis it is part of, shall stop."""

    def __init__(self, rows: Rows, context: Context, analysis: Analysis | None = None) -> None:
        self._rows, self._context = rows, context
        self._coordinator = None
        if analysis is not None:
            self._coordinator = Job.objects.filter(
                kind=JobKind.ANALYSE, target_id=analysis.pk, cancel_requested_at=None
            ).active()
        self._asked_at = time.monotonic()

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._rows:
            self._context.stop_if_asked()
            if self._coordinator is not None and time.monotonic() - self._asked_at > ASK_SECONDS:
                self._asked_at = time.monotonic()
                if not self._coordinator.exists():
                    raise JobFailed("analysis_stopped", gettext_noop("The analysis was stopped."))
            yield frame
