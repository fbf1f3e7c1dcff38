"""An analysis’ result as one person may see it."""

from dataclasses import dataclass
from typing import Any

from datasets.analyses.models import Analysis
from datasets.datasets.models import Dataset
from datasets.engine.methods import METHODS, Caution
from datasets.engine.results.provenance import sha256_of
from projects.projects.permissions import can
from projects.roles import Permission


def threshold_for(user: Any, analysis: Analysis) -> int | None:
    """The strictest threshold of the inputs, or None for whoever may read all their rows."""
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=analysis)
    known = list(inputs.with_row_right(user).values_list("threshold", "rows_readable"))
    if all(readable for _, readable in known):
        return None
    return max(threshold for threshold, _ in known)


@dataclass(frozen=True)
class Answer:
    """An analysis' result as one person may see it, its hash, and where it came from."""

    result: dict[str, Any]
    warnings: list[dict[str, str]]
    suppressed: list[dict[str, str]]
    sha256: str
    provenance: dict[str, Any]


def answer_for(user: Any, analysis: Analysis) -> Answer | None:
    """The result as the person may see it; None while there is none."""
    if analysis.result is None or analysis.provenance is None:
        return None
    whole = Answer(
        analysis.result,
        analysis.warnings,
        analysis.suppressed,
        analysis.result_sha256,
        analysis.provenance,
    )
    threshold = threshold_for(user, analysis)
    if threshold is None:
        return whole
    method = METHODS[analysis.method]
    guarded = method.show(
        method.result.from_json(analysis.result),
        [Caution.from_json(one) for one in analysis.warnings],
        method.parameters.from_json(analysis.parameters),
        threshold,
    )
    shown = guarded.result.to_json()
    suppressed = [one.to_json() for one in guarded.suppressed]
    # The whole result's hash would let people try out what was withheld, one value at a time.
    sha256 = sha256_of(shown)
    steps = analysis.provenance["steps"]
    return Answer(
        shown,
        [one.to_json() for one in guarded.warnings],
        [*analysis.suppressed, *suppressed],
        sha256,
        analysis.provenance
        | {"steps": steps[:1] if suppressed else steps, "result_sha256": sha256},
    )


def offers_rerun(user: Any, analysis: Analysis) -> bool:
    """Whether the page offers the person to run the analysis again."""
    return can(user, Permission.ANALYSE, analysis.project)
