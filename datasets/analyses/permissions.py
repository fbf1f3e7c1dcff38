"""Who is told an answer, and so may look at an estimate of it whose checks fail."""

from typing import Any

from django.utils.translation import gettext

from datasets.analyses.answer import Answer
from datasets.analyses.answers import answer_for
from datasets.analyses.models import Analysis
from portal.common.exceptions import NotAllowed


def require_told(user: Any, analysis: Analysis, *, exact: bool = True) -> Answer:
    """The answer as the person is told it; raise `NotAllowed` where it is kept from them.

    With `exact=False` they are told it as if they read no rows.
    """
    answer = answer_for(user, analysis, exact=exact)
    if answer is None:
        raise NotAllowed(gettext("This answer is not released to you."))
    if answer.closed:
        raise NotAllowed(gettext(answer.closed))
    return answer
