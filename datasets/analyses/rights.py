"""Which rows of an answer's inputs a person reads, and what stands where they are told nothing."""

from collections.abc import Sequence
from typing import Any

from datasets.analyses.models import Analysis
from datasets.choices import GUARDED_ACCESS
from datasets.datasets.models import Dataset
from datasets.engine.methods.sight import Right
from datasets.engine.sentences import Sentence

CLOSED = Sentence(
    "This answer was made while some of its data could be read by everybody in the project, and "
    "you may read the rows of others: run the question again."
)
"""What stands in place of an answer whose rounding whoever reads some of its rows could undo."""


def rights_on(user: Any, analysis: Analysis, *, exact: bool) -> list[Right]:
    """What the person may read of each input; with `exact=False` of none."""
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=analysis)
    named = inputs.with_row_right(user).values_list("pk", "threshold", "rows_readable")
    return [Right(pk, threshold, exact and known, known) for pk, threshold, known in named]


def rights_of_others(user: Any, analysis: Analysis) -> list[Right]:
    """What people of the project may read who read no guarded rows; the person is one of them, but
    for what they know."""
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=analysis)
    named = inputs.with_row_right(user).values_list("pk", "threshold", "access", "rows_readable")
    return [
        Right(pk, threshold, access not in GUARDED_ACCESS, known)
        for pk, threshold, access, known in named
    ]


def rights_on_each(
    user: Any, analyses: Sequence[Analysis], *, exact: bool
) -> dict[int, list[Right]]:
    """The same of several, by their numbers."""
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis__in=analyses)
    named = inputs.with_row_right(user).values_list(
        "versions__analysis_inputs__analysis", "pk", "threshold", "rows_readable"
    )
    found: dict[int, list[Right]] = {one.pk: [] for one in analyses}
    for number, pk, threshold, known in named:
        found.setdefault(number, []).append(Right(pk, threshold, exact and known, known))
    return found
