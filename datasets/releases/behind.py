"""What an output would be and rests on, computed while its keeper looks: of few rows alone."""

from contextlib import ExitStack
from typing import Any

from datasets.analyses.answer import Answer
from datasets.analyses.answers import limited
from datasets.analyses.behind import Reasons, reasons_held
from datasets.analyses.closed import Closed, without_answer
from datasets.analyses.guarded import GatedRows
from datasets.analyses.inputs import (
    Opened,
    few_rows,
    harmonised_rows,
    input_info,
    inputs_of,
    variable_infos,
)
from datasets.analyses.methods import PAGES
from datasets.analyses.models import AnalysisInput
from datasets.analyses.rights import rights_on_open
from datasets.choices import ColumnType
from datasets.datasets.rules import guarded_rules_for, rules_for
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.run import run_local
from datasets.engine.methods.sight import gates_of, threshold_for
from datasets.engine.rows.frame import InputInfo, Rows, VariableInfo
from datasets.engine.sentences import Sentence, sentences_in
from datasets.releases.models import Release
from portal.jobs.running import JobFailed

GROUPS = (ColumnType.CATEGORY, ColumnType.BOOLEAN)
DESCRIBED = (ColumnType.INTEGER, ColumnType.NUMBER, *GROUPS)

NOTHING_COMES = without_answer(
    Sentence(
        "What the rules of these data let leave carries no answer, whatever you decide. To release "
        "it tells whoever asked just that; they may ask with other variables, or of more rows."
    )
)
"""For whoever decides on what was held."""


def with_what_is_held(release: Release, user: Any) -> Answer | None:
    """The answer as people who read no guarded rows will have it once this share is released, as
    far as the person may know it; None of many rows, or of none.

    What other datasets hold stays held.
    """
    analysis = release.analysis
    method, inputs = METHODS[analysis.method], inputs_of(analysis.pk)
    held = reasons_held(analysis, but_of=release.dataset_id)

    def hold(info: InputInfo) -> Reasons:
        return held.get(info.index, [])

    parameters = method.parameters.from_json(analysis.parameters)
    rights = rights_on_open(user, analysis)
    readable = {one.dataset for one in rights if one.readable}
    rules = {
        one.index: rules_for(one.version.dataset)
        if one.version.dataset_id in readable
        else guarded_rules_for(one.version.dataset)
        for one in inputs
    }
    try:
        rows = few_rows(analysis, _opened_by(inputs, readable))
        if rows is None:
            return None
        read = [(input_info(one), rows[one.index]) for one in inputs]
        found = run_local(method, parameters, read, rules, hold)
    except ParameterError:
        # What the others hold may be what it lacks.
        return None if held else _closed(NOTHING_COMES)
    except (JobFailed, OSError):
        return None
    infos = {info.name: info for info in variable_infos(analysis)}
    found = method.told(parameters, found, infos)
    cautions = [one.to_json() for one in found.warnings]
    whole = Answer(found.result.to_json(), cautions, dict(sentences_in(found)))
    datasets = [one.version.dataset_id for one in inputs]
    gates = gates_of(datasets, [rules[one.index] for one in inputs])
    threshold = threshold_for(gates, rights)
    return whole if threshold is None else limited(analysis, whole, threshold)


def _closed(closed: Closed) -> Answer:
    result = {"refused": str(closed.why)}
    return Answer(result, [], dict(sentences_in(closed.why)), closed=closed)


def _opened_by(inputs: list[AnalysisInput], readable: set[int]) -> Opened:
    """What domains let in; the question itself leaves out more when it is run. Of what was open
    when it was asked, and is not to whoever looks, those of today do."""
    gated = GatedRows([one for one in inputs if one.version.dataset_id not in readable])

    def opened(one: AnalysisInput, variables: list[VariableInfo], tables: ExitStack) -> Rows:
        if one.version.dataset_id in readable:
            return harmonised_rows(one, variables, tables, one.domains)
        return gated(one, variables, tables)

    return opened


def with_everything(one: AnalysisInput, variables: list[VariableInfo], tables: ExitStack) -> Rows:
    """Every value, declared or not."""
    return harmonised_rows(one, variables, tables, {})


def values_of(release: Release) -> dict[str, Any] | None:
    """The question's variables in this dataset, exact and with every count; None of many rows.

    For whoever may read its rows, and nobody else.
    """
    analysis, method = release.analysis, METHODS["describe"]
    variables = {info.name: info for info in variable_infos(analysis)}
    by = next(
        (
            name
            for name in (analysis.parameters.get("outcome"), analysis.parameters.get("by"))
            if name in variables and variables[name].type in GROUPS
        ),
        None,
    )
    names = [name for name, info in variables.items() if info.type in DESCRIBED and name != by] or (
        [by] if by else []
    )
    of = {"version__dataset": release.dataset_id}
    try:
        rows = few_rows(analysis, with_everything, **of)
        if not rows or not names:
            return None
        asked = method.fill({"variables": names, "by": by}, variables)
        read = [(input_info(one), rows[one.index]) for one in inputs_of(analysis.pk, **of)]
        found = run_local(method, asked, read)
    except (ParameterError, JobFailed, OSError):
        return None
    return PAGES["describe"].context(analysis, found.result.to_json(), "", ())
