"""Why a reader is told a sentence in place of an answer."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from datasets.engine.sentences import Sentence
from portal.common.text import Text


@dataclass(frozen=True)
class Closed:
    """What is told in place of an answer: a heading for its page, an icon and a word for its state,
    and why."""

    title: Text
    icon: str
    word: Text
    why: Sentence
    is_none: bool = False
    """Whether there is no answer, so that none is kept from its reader."""


NOT_MADE = Closed(
    gettext_lazy("This answer is still being made for you."),
    "hourglass",
    gettext_lazy("Being made for you"),
    Sentence(
        "You do not read all rows behind this answer. What of it may be told to you is still being "
        "made: come back in a moment."
    ),
)
STOPPED = Closed(
    gettext_lazy("This answer was not made for you."),
    "circle-alert",
    gettext_lazy("Not made for you"),
    Sentence(
        "You do not read all rows behind this answer. The work that makes what of it may be told "
        "to you failed or was cancelled: whoever manages the project’s data may try it again."
    ),
)
NOT_TOLD = Closed(
    gettext_lazy("This answer is withheld from you."),
    "eye-off",
    gettext_lazy("Withheld from you"),
    Sentence(
        "You do not read all rows behind this answer, and by the rules of its data nothing of it "
        "may be told to you: ask whoever keeps them."
    ),
)


def without_answer(why: Sentence) -> Closed:
    """That the rows give no answer, and why."""
    title, word = gettext_lazy("This question has no answer."), gettext_lazy("No answer")
    return Closed(title, "ban", word, why, is_none=True)


UNREAD = without_answer(
    Sentence(
        "These rows cannot answer the question as it is asked. You may not read the rows of every "
        "dataset in it, so details are withheld: ask for other variables or another model, or ask "
        "who reads all rows for the reason."
    )
)
"""For whoever reads the rows that were open and not all others."""
