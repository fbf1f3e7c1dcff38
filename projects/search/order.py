"""In which order projects are listed."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchRank
from django.db.models import (
    CharField,
    F,
    Func,
    IntegerField,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from projects.projects.models import Project
from projects.projects.numbers import number_of


def overlap(disciplines: Sequence[str]) -> Func:
    """How many of these disciplines are the project's."""
    return Func(
        F("disciplines"),
        Value(list(disciplines), output_field=ArrayField(CharField())),
        template="(SELECT count(*) FROM unnest(%(expressions)s))",
        arg_joiner=") AS own (name) WHERE own.name = ANY (",
        output_field=IntegerField(),
    )


def rank(words: Any) -> Cast:
    """How well the words fit, in millionths, so that a page can start after an exact value."""
    return Cast(SearchRank(F("search"), words) * Value(1_000_000), IntegerField())


INDEXED = {"active": "-active_at", "newest": "-created_at"}
"""Orders that an index gives, and by what."""


def keyed(
    projects: QuerySet[Project], sort: str, *, words: Any = None, disciplines: Sequence[str] = ()
) -> tuple[QuerySet[Project], str]:
    """The projects, and the key by which `sort` orders them.

    `sites`, `match` and `words` have to compute the key of every row, so they take a queryset that
    is bounded.
    """
    if sort in INDEXED:
        return projects, INDEXED[sort]
    key = {
        "sites": lambda: number_of("pk"),
        "match": lambda: overlap(disciplines),
        "words": lambda: rank(words),
    }[sort]()
    return projects.annotate(key=key), "-key"
