"""A question whose rows are known to have no answer is refused before it runs, field by field.

Known is what whoever asks may be told anyway: every dataset in it is open, and they read its rows.
Of any other question the run says what its rows carry, through the gates.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from datasets.analyses.asked import Checked
from datasets.analyses.first_round import require_effect
from datasets.analyses.inputs import open_rows
from datasets.analyses.models import AnalysisInput
from datasets.datasets.models import Dataset
from datasets.datasets.rules import rules_for
from datasets.engine.methods import METHODS, ParameterError
from datasets.engine.rows.frame import Rows
from members.models import User
from portal.jobs.running import JobFailed

MOST_VALUES = 500_000
"""Rows times variables that are read before a question is registered; under a second's work."""


def require_answerable(question: Checked, method: str, by: User) -> None:
    """Raises ParameterError where the rows cannot answer the question as it is asked."""
    if method != "regression" or not _may_be_told(question.inputs, by):
        return
    values = sum(one.version.rows or 0 for one in question.inputs) * len(question.variables)
    if values > MOST_VALUES:
        return
    try:
        with ExitStack() as tables:
            require_effect(question.parameters, question.inputs, _opened(question, tables))
    except ParameterError:
        raise
    except (JobFailed, OSError, ValueError):
        # Which value broke a rule, or which file cannot be read, its run says.
        return


def _may_be_told(inputs: Sequence[AnalysisInput], by: User) -> bool:
    datasets = {one.version.dataset_id for one in inputs}
    if not all(rules_for(one.version.dataset).is_open for one in inputs):
        return False
    return Dataset.objects.rows_readable_by(by).filter(pk__in=datasets).count() == len(datasets)


def _opened(question: Checked, tables: ExitStack) -> Mapping[int, Rows]:
    asked: Any = (question.variables, tables, METHODS["regression"], question.parameters)
    return {one.index: open_rows(one, *asked) for one in question.inputs}
