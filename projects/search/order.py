"""In which order projects are listed, and pages of such a list that stay cheap however deep."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchRank
from django.db.models import (
    CharField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from portal.common.pages import part_of
from projects.projects.models import Project
from projects.projects.numbers import number_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def ordered(
    projects: QuerySet[Project], sort: str, *, words: Any = None, disciplines: Sequence[str] = ()
) -> QuerySet[Project]:
    """The projects with the value they are sorted by as `key`, the largest first.

    `active` and `newest` follow an index. `sites`, `match` and `words` have to compute the key of
    every row, so they take a queryset that is bounded.
    """
    key = {
        "active": lambda: F("active_at"),
        "newest": lambda: F("created_at"),
        "sites": lambda: number_of("pk"),
        "match": lambda: overlap(disciplines),
        "words": lambda: rank(words),
    }[sort]()
    column = {"active": "active_at", "newest": "created_at"}.get(sort, "key")
    return projects.annotate(key=key).order_by(f"-{column}", "-id")


def page_of(
    projects: QuerySet[Project], *, size: int, after: str = "", before: str = ""
) -> tuple[list[Project], str, str]:
    """One page of `ordered` projects, and the marks before its first and after its last row.

    A mark is empty where nothing lies beyond; one that cannot be read is as good as none.
    """
    part = part_of(
        projects,
        size=size,
        after=read_mark(after, projects),
        before=read_mark(before, projects),
        beyond=beyond,
    )
    rows = part.rows
    return (
        rows,
        mark(rows[0]) if rows and part.more_before else "",
        mark(rows[-1]) if rows and part.more_after else "",
    )


def beyond(start: tuple[Any, int], side: str) -> Q:
    """Rows strictly on one side of a mark; the outer bound lets an index find them."""
    value, pk = start
    return Q(**{f"key__{side}e": value}) & (Q(**{f"key__{side}": value}) | Q(**{f"pk__{side}": pk}))


def mark(project: Any) -> str:
    """Where a row stands, short enough for an address."""
    key = project.key
    value = (key - EPOCH) // timedelta(microseconds=1) if isinstance(key, datetime) else key
    return f"{value}.{project.pk}"


def read_mark(text: str, projects: QuerySet[Project]) -> tuple[Any, int] | None:
    """The key and id in a mark."""
    value, _, pk = text.partition(".")
    if not (value.isdecimal() and pk.isdecimal() and len(text) < 40):
        return None
    by_time = projects.query.order_by[0] in ("-active_at", "-created_at")
    largest = 2**53 if by_time else 2**31 - 1
    if int(value) > largest or int(pk) >= 2**63:
        return None
    return (EPOCH + timedelta(microseconds=int(value)) if by_time else int(value)), int(pk)
