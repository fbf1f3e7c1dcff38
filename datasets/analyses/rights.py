"""Which rows of an answer's inputs a person reads."""

from collections.abc import Sequence
from typing import Any

from datasets.analyses.models import Analysis
from datasets.choices import GUARDED_ACCESS
from datasets.datasets.models import Dataset
from datasets.engine.methods.sight import Right


def rights_on(user: Any, analysis: Analysis, *, exact: bool) -> list[Right]:
    """What the person may read of each input; with `exact=False` of none."""
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=analysis)
    named = inputs.with_row_right(user).values_list("pk", "threshold", "rows_readable")
    return [Right(pk, threshold, exact and readable) for pk, threshold, readable in named]


def rights_on_open(user: Any, analysis: Analysis) -> list[Right]:
    """What the person may read of each input as one of those who read no guarded rows."""
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=analysis)
    named = inputs.with_row_right(user).values_list("pk", "threshold", "access", "rows_readable")
    return [
        Right(pk, threshold, readable and access not in GUARDED_ACCESS)
        for pk, threshold, access, readable in named
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
    for number, pk, threshold, readable in named:
        found.setdefault(number, []).append(Right(pk, threshold, exact and readable))
    return found
