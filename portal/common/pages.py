"""What pages share: the request, what they say, and lists: addresses that keep filters, turning
pages, counts that stop early."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypedDict

from django.conf import settings
from django.contrib import messages
from django.db.models import DateTimeField, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django_htmx.middleware import HtmxDetails

from portal.common.text import Text, counted

PLACES = ("after", "before", "cursor", "page")
"""Where in a list one is: a changed filter or order starts at its first page."""

COUNTED = 1000
"""Counting stops here: a page says “more than 1,000” instead of counting them all."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Request(HttpRequest):
    """A request as our middleware makes it: with whoever asks, and what htmx says of it.

    For types alone: none is ever made. Django's own says of `user` that it may be a stranger
    everywhere, behind a sign-in too.
    """

    user: Any
    htmx: HtmxDetails


class Crumb(NamedTuple):
    """A page on the way to another one."""

    label: str
    url: str


class Chip(TypedDict):
    """One active filter with the address that leaves it out."""

    group: Text
    label: Text
    url: str


@dataclass(frozen=True)
class Part:
    """Some rows of a list, and whether there are more on either side."""

    rows: list[Any]
    more_before: bool
    more_after: bool


@dataclass(frozen=True)
class Numbered:
    """A page of a list with numbers, and the addresses beside it; the last page that is shown may
    not be the list's end."""

    rows: list[Any]
    number: int
    previous: str
    following: str


def say(request: HttpRequest, text: str) -> None:
    """One sentence for the person, shown on the next page."""
    messages.success(request, text)


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the language for the next pages; empty leaves it to the browser again."""
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )


def way_back(request: HttpRequest) -> str:
    """The page a small form was sent from, or the front page."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if safe else "/"


def address(request: Request, **values: Any) -> str:
    """This page's address with some values changed, from the list's first page on.

    None leaves a value out.
    """
    query = request.GET.copy()
    for name in PLACES:
        query.pop(name, None)
    for name, value in values.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


def without(request: Request, name: str, value: str = "") -> str:
    """This page's address with a filter less, or with one value of it less."""
    query = request.GET.copy()
    left = [each for each in query.getlist(name) if value and each != value]
    query.setlist(name, left)
    for place in PLACES:
        query.pop(place, None)
    return f"?{query.urlencode()}"


def chip(request: Request, group: Text, label: Text, name: str, value: str = "") -> Chip:
    """The filter `name`, or one value of it, as something to be clicked away."""
    return {"group": group, "label": label, "url": without(request, name, value)}


def number_in(request: Request, name: str) -> int | None:
    """A row's number in the address; what is none is left out."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def count_up_to(rows: QuerySet[Any], most: int = COUNTED) -> int:
    """How many rows there are; one more than `most` where there are too many to count."""
    return rows.order_by()[: most + 1].count()


def bounded(count: int, most: int = COUNTED) -> str:
    """A count as words, no further than counting goes."""
    if count > most:
        return gettext("more than %(count)s") % {"count": counted(most)}
    return str(counted(count))


def part_of(
    rows: QuerySet[Any],
    *,
    size: int,
    after: Any = None,
    before: Any = None,
    beyond: Callable[[Any, str], Q],
) -> Part:
    """The rows next to a place in an ordered list, largest first; any depth costs the same.

    `beyond(place, "lt")` are the rows that come after a place, `beyond(place, "gt")` those before.
    """
    if after is not None:
        found = list(rows.filter(beyond(after, "lt"))[: size + 1])
    elif before is not None:
        found = list(rows.filter(beyond(before, "gt")).reverse()[: size + 1])
    else:
        found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if after is None and before is not None:
        return Part(found[::-1], more_before=more, more_after=True)
    return Part(found, more_before=after is not None, more_after=more)


def newest_first(
    request: Request, rows: QuerySet[Any], *, size: int, key: str = "pk"
) -> tuple[list[Any], str, str]:
    """A page of rows from the newest down, and the addresses of the pages beside it.

    The address names the row next to the page by its number `key`.
    """
    part = part_of(
        rows.order_by(f"-{key}"),
        size=size,
        after=number_in(request, "after"),
        before=number_in(request, "before"),
        beyond=lambda number, side: Q(**{f"{key}__{side}": number}),
    )
    return beside(request, part, lambda row: getattr(row, key))


def in_order(
    request: Request, rows: QuerySet[Any], *, size: int, key: str
) -> tuple[list[Any], str, str]:
    """A page of rows sorted by `key`, largest first after a `-`, and the addresses beside it.

    The key is a moment or a whole number; where it is the same, ids decide. The address names the
    row next to the page by both.
    """
    name, down = key.removeprefix("-"), key.startswith("-")
    sides = {"lt": "lt", "gt": "gt"} if down else {"lt": "gt", "gt": "lt"}

    def beyond(place: tuple[Any, int], side: str) -> Q:
        value, pk = place
        side = sides[side]
        # The outer bound lets an index find them.
        return Q(**{f"{name}__{side}e": value}) & (
            Q(**{f"{name}__{side}": value}) | Q(**{f"pk__{side}": pk})
        )

    column = F(name).resolve_expression(rows.query).output_field
    by_time = isinstance(column, DateTimeField)
    part = part_of(
        rows.order_by(key, "-pk" if down else "pk"),
        size=size,
        after=read_mark(request.GET.get("after", ""), by_time=by_time),
        before=read_mark(request.GET.get("before", ""), by_time=by_time),
        beyond=beyond,
    )
    return beside(request, part, lambda row: mark(getattr(row, name), row.pk))


def beside(request: Request, part: Part, place: Callable[[Any], Any]) -> tuple[list[Any], str, str]:
    """The rows, and the addresses of the pages before and after them, empty where none is."""
    rows = part.rows
    return (
        rows,
        address(request, before=place(rows[0])) if rows and part.more_before else "",
        address(request, after=place(rows[-1])) if rows and part.more_after else "",
    )


def mark(key: Any, pk: int) -> str:
    """Where a row stands, short enough for an address."""
    value = (key - EPOCH) // timedelta(microseconds=1) if isinstance(key, datetime) else key
    return f"{value}.{pk}"


def read_mark(text: str, *, by_time: bool) -> tuple[Any, int] | None:
    """The key and id in a mark; one that cannot be read is as good as none."""
    value, _, pk = text.partition(".")
    if not (value.isdecimal() and pk.isdecimal() and len(text) < 40):
        return None
    if int(value) > (2**53 if by_time else 2**31 - 1) or int(pk) >= 2**63:
        return None
    return (EPOCH + timedelta(microseconds=int(value)) if by_time else int(value)), int(pk)


def numbered(
    request: Request, rows: QuerySet[Any] | list[Any], *, size: int, last: int
) -> Numbered:
    """The page that the address names, at most the `last`; nothing is counted."""
    number = min(max(number_in(request, "page") or 1, 1), last)
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    more = len(found) > size and number < last
    return Numbered(
        found[:size],
        number,
        previous=address(request, page=number - 1) if number > 1 else "",
        following=address(request, page=number + 1) if more else "",
    )


def facet(
    name: str,
    legend: Text,
    options: Sequence[tuple[str, Text, int]],
    ticked: Sequence[str],
    *,
    short: int,
) -> dict[str, Any]:
    """A group of filters: (value, label, count) of what would find something, or is ticked.

    The first `short` options stand open, and all that are ticked.
    """
    shown = [
        {"value": value, "label": label, "count": count, "checked": value in ticked}
        for value, label, count in options
        if count or value in ticked
    ]
    short = max(short, len(ticked))
    return {"name": name, "legend": legend, "options": shown[:short], "more": shown[short:]}
