"""Who is told an answer, and so may look at an estimate of it whose checks fail."""

from typing import Any

from django.utils.translation import gettext

from datasets.analyses.answer import Answer
from datasets.analyses.answers import answer_for
from datasets.analyses.models import Analysis
from datasets.datasets.permissions import lacks_scope
from portal.common.exceptions import NotAllowed
from portal.common.text import told


def require_reading(*, reads_data: bool) -> None:
    """Nobody asks anything by a token that reads no rows.

    Of open data it would be told second answers, before which no ledger stands, to questions of its
    choice; of guarded data it may bring versions, and be told by what is held of them.
    """
    if not reads_data:
        raise lacks_scope()


def require_told(user: Any, analysis: Analysis, *, exact: bool = True) -> Answer:
    """The answer as the person is told it; raise `NotAllowed` where it is kept from them.

    With `exact=False` they are told it as if they read no rows.
    """
    answer = answer_for(user, analysis, exact=exact)
    if answer is None:
        raise NotAllowed(gettext("This answer is not released to you."))
    if answer.closed:
        raise NotAllowed(told(answer.closed.why.kept))
    return answer
