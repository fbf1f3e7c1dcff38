"""What an analysis keeps as its result: an answer, or why its rows give none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasets.analyses.inputs import variable_infos
from datasets.analyses.models import Analysis
from datasets.engine.methods import METHODS, Answer
from datasets.engine.sentences import Kept, sentences_in
from portal.jobs.running import JobFailed


@dataclass(frozen=True)
class Found:
    """A result with its cautions, and the sentences of both by their text."""

    result: dict[str, Any]
    warnings: list[dict[str, str]]
    words: Mapping[str, Kept]

    @classmethod
    def of(cls, answer: Answer[Any], analysis: Analysis) -> "Found":
        """An answer to the analysis' question."""
        method = METHODS[analysis.method]
        parameters = method.parameters.from_json(analysis.parameters)
        infos = {info.name: info for info in variable_infos(analysis)}
        answer = method.told(parameters, answer, infos)
        warnings = [one.to_json() for one in answer.warnings]
        return cls(answer.result.to_json(), warnings, sentences_in(answer))

    @classmethod
    def nothing(cls, why: JobFailed) -> "Found":
        """That the rows cannot answer it."""
        reason = why.error["detail"]
        return cls({"refused": reason}, [], {reason: why.error["said"]})


def as_today(analysis: Analysis) -> Any:
    """A result as results are today: one that was kept before a field came has its default."""
    if analysis.found_nothing:
        return analysis.result
    return METHODS[analysis.method].result.from_json(analysis.result).to_json()
