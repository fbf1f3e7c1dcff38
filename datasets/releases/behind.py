"""What an output would be and rests on, computed while its keeper looks: of few rows alone."""

from contextlib import ExitStack
from typing import Any

from datasets.analyses.answers import Answer, guarded
from datasets.analyses.behind import held_parts
from datasets.analyses.inputs import (
    few_rows,
    harmonised_rows,
    input_info,
    inputs_of,
    variable_infos,
)
from datasets.analyses.methods import PAGES
from datasets.analyses.models import AnalysisInput
from datasets.analyses.rights import rights_of_others
from datasets.choices import ColumnType
from datasets.datasets.rules import rules_for
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.methods.run import run_local
from datasets.engine.methods.sight import gates_of, sight_of
from datasets.engine.rows.frame import InputInfo, Rows, VariableInfo
from datasets.engine.sentences import Sentence, sentences_in
from datasets.releases.models import Release
from portal.jobs.running import JobFailed

GROUPS = (ColumnType.CATEGORY, ColumnType.BOOLEAN)
DESCRIBED = (ColumnType.INTEGER, ColumnType.NUMBER, *GROUPS)

Reasons = list[tuple[Sentence, Sentence]]


def with_what_is_held(release: Release, user: Any) -> Answer | None:
    """The answer as people who read no rows will have it once this share is released, as far as the
    person may know it; None of many rows, or of none.

    What other datasets hold stays held.
    """
    analysis = release.analysis
    method, inputs = METHODS[analysis.method], inputs_of(analysis.pk)
    held = held_elsewhere(release)

    def hold(info: InputInfo) -> Reasons:
        return held.get(info.index, [])

    parameters = method.parameters.from_json(analysis.parameters)
    try:
        rows = few_rows(analysis, as_declared)
        if rows is None:
            return None
        read = [(input_info(one), rows[one.index]) for one in inputs]
        rules = {one.index: rules_for(one.version.dataset) for one in inputs}
        found = run_local(method, parameters, read, rules, hold)
    except (ParameterError, JobFailed):
        return None
    infos = {info.name: info for info in variable_infos(analysis)}
    found = method.told(parameters, found, infos)
    cautions = [one.to_json() for one in found.warnings]
    whole = Answer(found.result.to_json(), cautions, dict(sentences_in(found)))
    datasets = [one.version.dataset_id for one in inputs]
    gates = gates_of(datasets, [rules[one.index] for one in inputs])
    rights = rights_of_others(user, analysis)
    return guarded(analysis, whole, sight_of(analysis.method, gates, rights))


def as_declared(one: AnalysisInput, variables: list[VariableInfo], tables: ExitStack) -> Rows:
    """What domains let in; the question itself leaves out more when it is run."""
    return harmonised_rows(one, variables, tables, one.domains)


def with_everything(one: AnalysisInput, variables: list[VariableInfo], tables: ExitStack) -> Rows:
    """Every value, declared or not."""
    return harmonised_rows(one, variables, tables, {})


def held_elsewhere(release: Release) -> dict[int, Reasons]:
    """Why shares of other datasets are held, by their input's index."""
    parts = held_parts(release.analysis)
    others = parts.exclude(input__version__dataset=release.dataset_id)
    return {
        index: [(Sentence("the whole answer"), Sentence.from_kept(one["said"])) for one in held]
        for index, held in others.values_list("input__index", "held")
    }


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
    except (ParameterError, JobFailed):
        return None
    return PAGES["describe"].context(analysis, found.result.to_json(), "")
