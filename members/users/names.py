"""The one rule for people's names, however they are given."""

from django.utils.translation import gettext

LONGEST_NAME = 120


def tidy(name: str) -> str:
    """The name without stray space."""
    return " ".join(name.split())


def fault_in(name: str) -> str:
    """What is wrong with a tidy name, in words; empty where nothing is.

    Signs that are not seen, or turn the text around, could make one person look like another.
    """
    if not 1 <= len(name) <= LONGEST_NAME:
        return gettext("Give a name of 1 to 120 characters.")
    if not name.isprintable():
        return gettext("Use letters, spaces and ordinary punctuation.")
    return ""
