"""Which standard errors a site tells, of those that were asked for.

A guarded site gives HC1 in place of HC3. How few rows have a level is in HC3's errors beside what
they say of the outcome, whose roundings many outcomes undo (ADR 26).
"""

from collections.abc import Sequence

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression.parameters import StandardErrors
from datasets.engine.methods.regression.statistics import Counts
from datasets.engine.sentences import Sentence, listed


def errors_at(asked: StandardErrors, *, is_guarded: bool) -> StandardErrors:
    """What a site gives where these are asked for."""
    return "hc1" if is_guarded and asked == "hc3" else asked


def errors_of_all(asked: StandardErrors, counts: Counts) -> StandardErrors:
    """What the model over all rows has: as was asked, but where no site gives it."""
    used = [one for one in counts.sites if one.complete]
    return errors_at(asked, is_guarded=bool(used) and all(one.rounded for one in used))


def other_errors(asked: StandardErrors, counts: Counts, order: Sequence[str]) -> list[Caution]:
    """Which sites give other errors than were asked for, and why."""
    guarded = [one.site for one in counts.used(order) if one.rounded]
    if not guarded or errors_at(asked, is_guarded=True) == asked:
        return []
    message = Sentence.counting(
        "%(sites)s gives robust errors HC1 in place of HC3, which would tell how few of its rows "
        "have a level.",
        "%(sites)s give robust errors HC1 in place of HC3, which would tell how few of their rows "
        "have a level.",
        len(guarded),
        sites=listed(guarded),
    )
    return [Caution("standard_errors", message)]
