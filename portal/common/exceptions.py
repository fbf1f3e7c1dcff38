"""What can go wrong in the domain. Nothing here knows HTTP: api/problems.py translates."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from portal.common.text import Text


class Away(OSError):
    """A server that the portal needs does not answer, and may do so in a moment."""


class DomainError(Exception):
    """A refusal that a person can understand and act on.

    `code` is stable and for scripts, `detail` is the sentence for people.
    """

    code = "error"
    title: Text = gettext_lazy("That did not work")

    def __init__(self, detail: Text, *, code: str | None = None) -> None:
        self.detail = str(detail)
        super().__init__(self.detail)
        if code:
            self.code = code


class NotAllowed(DomainError):
    """The person may see the thing, but not do this with it."""

    code = "not_allowed"
    title = gettext_lazy("You may not do this")


class Invalid(DomainError):
    """The input does not fit; `errors` says which field and why."""

    code = "invalid"
    title = gettext_lazy("Please check what you entered")

    def __init__(
        self,
        detail: Text = "",
        *,
        errors: Mapping[str, Sequence[Text] | Text] | None = None,
        code: str | None = None,
    ) -> None:
        self.errors: dict[str, list[str]] = {
            field: [str(messages)]
            if isinstance(messages, str | Promise)
            else [str(each) for each in messages]
            for field, messages in (errors or {}).items()
        }
        first = next((messages[0] for messages in self.errors.values() if messages), "")
        super().__init__(detail or first or self.title, code=code)

    @property
    def texts(self) -> list[str]:
        """What is wrong, field after field."""
        return [text for texts in self.errors.values() for text in texts]


class InvalidTransition(DomainError):
    """The thing is not in a state from which this step leads on."""

    code = "invalid_transition"
    title = gettext_lazy("This step is not possible now")


class Conflict(DomainError):
    """Somebody else was faster, or the thing exists already."""

    code = "conflict"
    title = gettext_lazy("This clashes with what is there already")


class TooMany(DomainError):
    """A limit that passes with time or with less at once."""

    code = "too_many"
    title = gettext_lazy("Too many at once")


class NoRoom(DomainError):
    """There is no room to keep what was sent."""

    code = "no_room"
    title = gettext_lazy("There is no room for this")
