"""How easily a password is guessed, by somebody who knows whose it is."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from zxcvbn import zxcvbn

# The estimate's cost grows with the square of the length, and nobody guesses this far.
LONGEST = 72
STRONG_ENOUGH = 3


class HardToGuess:
    """Refuses what a patient guesser finds: words and names with digits, repeats, keyboard rows."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise `ValidationError` for a password that is found in under 10^8 guesses."""
        found = zxcvbn(password[:LONGEST], user_inputs=known_about(user))
        if found["score"] < STRONG_ENOUGH:
            raise ValidationError(
                gettext(
                    "This password is too easy to guess. Use four or more words that have nothing "
                    "to do with each other or with you."
                ),
                code="password_too_easy",
            )

    def get_help_text(self) -> str:
        return gettext("Use words that have nothing to do with each other or with you.")


def known_about(user: Any) -> list[str]:
    """Words that come to mind first when one guesses this person's password."""
    name, email = getattr(user, "name", ""), getattr(user, "email", "")
    return ["cohortium", email, *email.replace("@", ".").split("."), name, *name.split()]
