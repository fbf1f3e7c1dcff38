"""Which rows hold a piece of text."""

from functools import reduce
from operator import or_

from django.db.models import Q

SHORTEST = 3
"""A trigram index knows no shorter piece, except at the beginning of a word."""


def holds(text: str, *fields: str) -> Q:
    """One of the fields holds the text, in any case; one or two letters begin a word there.

    Scripts that write no spaces between words are left alone: every sign may begin one.
    """
    begins = len(text) < SHORTEST and text.isascii()
    conditions = [
        Q(**{f"{field}__istartswith": text}) | Q(**{f"{field}__icontains": f" {text}"})
        if begins
        else Q(**{f"{field}__icontains": text})
        for field in fields
    ]
    return reduce(or_, conditions)
