"""A question whose rows are known to have no answer is refused before it runs, field by field.

Known is what whoever asks may be told anyway: they read all of its rows. A refusal of rows that
somebody does not read stands in the ledger of these, so there the run says what they carry.
"""

from contextlib import ExitStack
from functools import partial

from datasets.analyses.asked import Checked
from datasets.analyses.first_round import released_by
from datasets.analyses.inputs import input_info
from datasets.analyses.readiness import opened, readable_by, sure_to_fail, values_in
from datasets.datasets.rules import rules_for
from datasets.engine.methods import METHODS, ParameterError
from members.models import User
from portal.common.exceptions import Invalid
from portal.jobs.running import JobFailed

MOST_VALUES = 500_000
"""Rows times variables that are read before a question is registered; under a second's work."""


def require_answerable(question: Checked, method: str, by: User, *, labels: bool) -> None:
    """Raises ParameterError where open rows cannot answer the question as it is asked, and Invalid
    where the gates of rows that the person reads let no answer be; with `labels` that calls
    variables as pages do."""
    if values_in(question) > MOST_VALUES:
        return
    if not all(rules_for(one.version.dataset).is_open for one in question.inputs):
        if why := sure_to_fail(question, method, by, labels=labels):
            raise Invalid(errors={"inputs": why})
        return
    refuses = METHODS[method].refuses
    asked = {one.version.dataset_id for one in question.inputs}
    if refuses is None or readable_by(question.inputs, by) != asked:
        return
    try:
        with ExitStack() as tables:
            rows = opened(question, method, question.inputs, tables)
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
