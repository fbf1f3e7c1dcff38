"""The first round of a question before it is asked: each input's answer, through its own gate."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.analyses.inputs import input_info, release
from datasets.analyses.models import AnalysisInput
from datasets.datasets.rules import rules_for
from datasets.engine.guard.gate import Released
from datasets.engine.guard.row_sets import reads_of
from datasets.engine.mapping.problems import RuleError
from datasets.engine.methods import Before, Method
from datasets.engine.rows.frame import Rows, VariableInfo


def as_counted(one: AnalysisInput) -> AnalysisInput:
    """The input as it is counted: of a guarded dataset in the version whose profile is shown.

    No ledger is kept of counts, and those of two versions few people apart tell of these few.
    """
    version = one.version
    if version.profile_of is None or rules_for(version.dataset).is_open:
        return one
    shown = version.profile_of
    shown.dataset = version.dataset
    return AnalysisInput(
        index=one.index,
        version=shown,
        site=one.site,
        country=one.country,
        region=one.region,
        rules=one.rules,
        domains=one.domains,
    )


def has_columns(one: AnalysisInput, variables: Sequence[VariableInfo]) -> bool:
    """Whether the version has the columns that its rules read: an earlier one can lack some."""
    types = dict(one.version.columns.values_list("name", "type"))
    try:
        read = reads_of(one.rules, types, variables)
    except RuleError:
        return False
    return all(name in types for _, names in read for name in names)


def by_site(inputs: Sequence[AnalysisInput]) -> dict[str, list[AnalysisInput]]:
    """Inputs of one site are one study."""
    found: dict[str, list[AnalysisInput]] = {}
    for one in inputs:
        found.setdefault(one.site, []).append(one)
    return found


@dataclass(frozen=True)
class FirstRound:
    """What the inputs tell somebody of a question, by their index.

    Those whose rows the person reads answer it through their gates: `released`. Of the others
    `counts` has what each variable by itself allows, since no ledger is kept of what is counted.
    """

    counts: Mapping[int, Any]
    released: Mapping[int, Released[Any]]
    spec: Any

    def is_whole(self, one: AnalysisInput) -> bool:
        """Whether its rules may be why nothing is counted."""
        return one.index not in self.released or self.released[one.index].whole


def first_round(
    method: Method[Any, Any, Any, Any],
    before: Before[Any, Any, Any],
    inputs: Sequence[AnalysisInput],
    rows: Mapping[int, Rows],
    readable: Container[int],
    parameters: Any,
) -> FirstRound:
    """What is told of it to whoever reads the rows of these datasets."""
    spec = method.plan(parameters, [input_info(one) for one in inputs])
    known = [one for one in inputs if one.version.dataset_id in readable]
    answers = released_by(method, known, rows, spec)
    released = {one.index: answer for one, answer in zip(known, answers, strict=True)}
    counts = {
        one.index: before.counted(released[one.index].statistics, one.site)
        if one.index in released
        else before.at_most(rows[one.index], parameters, one.site, rules_for(one.version.dataset))
        for one in inputs
    }
    return FirstRound(counts, released, spec)


def released_by(
    method: Method[Any, Any, Any, Any],
    inputs: Sequence[AnalysisInput],
    rows: Mapping[int, Rows],
    spec: Any,
) -> list[Released[Any]]:
    """What every input answers, read with those of its site."""
    sites = by_site(inputs)
    return [release(one, sites[one.site], rows, method, spec) for one in inputs]
