"""Who is told an answer, and so may look at an estimate of it whose checks fail."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.answer import Answer
from datasets.analyses.answers import answer_for
from datasets.analyses.models import Analysis
from datasets.datasets.permissions import lacks_scope
from datasets.datasets.rules import rules_for
from datasets.versions.models import Version
from portal.common.exceptions import NotAllowed
from portal.common.text import told


def require_reading_open(versions: Iterable[Version], *, reads_data: bool) -> None:
    """Nobody asks anything of rows without a gate by a token that may not read them.

    Whoever may ask reads them; the token would be told second answers, before which no ledger
    stands, to questions of its choice.
    """
    if not reads_data and any(rules_for(one.dataset).is_open for one in versions):
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
