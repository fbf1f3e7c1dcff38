"""A question whose rows are known to have no answer is refused before it runs, field by field.

Known is what whoever asks may be told anyway: every dataset in it is open, and they read its rows.
Of any other question the run says what its rows carry, through the gates.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

from datasets.analyses.asked import Checked
from datasets.analyses.first_round import released_by
from datasets.analyses.inputs import input_info, open_rows
from datasets.analyses.models import AnalysisInput
from datasets.datasets.models import Dataset
from datasets.datasets.rules import rules_for
from datasets.engine.methods import METHODS, Method, ParameterError
from datasets.engine.rows.frame import Rows
from members.models import User
from portal.jobs.running import JobFailed

MOST_VALUES = 500_000
"""Rows times variables that are read before a question is registered; under a second's work."""


def require_answerable(question: Checked, method: str, by: User) -> None:
    """Raises ParameterError where the rows cannot answer the question as it is asked."""
    refuses = METHODS[method].refuses
    if refuses is None or not _may_be_told(question.inputs, by):
        return
    values = sum(one.version.rows or 0 for one in question.inputs) * len(question.variables)
    if values > MOST_VALUES:
        return
    try:
        with ExitStack() as tables:
            rows = _opened(question, METHODS[method], tables)
            ask = partial(released_by, METHODS[method], question.inputs, rows)
            infos = [input_info(one) for one in question.inputs]
            errors = refuses(question.parameters, infos, ask)
    except ParameterError:
        raise
    except (JobFailed, OSError, ValueError):
        # Which value broke a rule, or which file cannot be read, its run says.
        return
    if errors:
        raise ParameterError(errors)


def _may_be_told(inputs: Sequence[AnalysisInput], by: User) -> bool:
    datasets = {one.version.dataset_id for one in inputs}
    if not all(rules_for(one.version.dataset).is_open for one in inputs):
        return False
    return Dataset.objects.rows_readable_by(by).filter(pk__in=datasets).count() == len(datasets)


def _opened(
    question: Checked, method: Method[Any, Any, Any, Any], tables: ExitStack
) -> Mapping[int, Rows]:
    asked: Any = (question.variables, tables, method, question.parameters)
    return {one.index: open_rows(one, *asked) for one in question.inputs}
