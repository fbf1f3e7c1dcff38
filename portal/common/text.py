"""Sentences for people who read another language than whoever writes them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from math import floor, log10
from typing import Any

from babel.dates import format_date
from babel.lists import format_list
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format, get_format, number_format
from django.utils.functional import Promise, lazy

from portal.common.countries import locale_of, place_name

MINUS = "\N{MINUS SIGN}"

LEAST_WRITTEN_OUT = 1e-8
"""A smaller number takes so many zeros that nobody would count them; the data engine, which this
does not know, writes as many."""

SMALLEST_RATIO, LARGEST_RATIO = 0.001, 1000
"""Beyond these the digits of a ratio say nothing more: in the data engine's sentences neither."""

WITH_POWER = re.compile(r"(-?[\d.]+)e([-+]?\d+)")

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

LONGEST_ECHO = 100
"""So much of what somebody sent is said again."""

EDGE = "\0"
"""Where a part of a sentence begins and ends: PostgreSQL keeps no text that holds it."""

Text = str | Promise
"""A sentence as it is, or one that waits for the language it is read in."""


GUILLEMETS = re.compile("«\u00a0|\u00a0»")


def inner(text: str) -> str:
    """A text as it stands within « »: what it quotes has the inner marks."""
    return GUILLEMETS.sub(lambda found: "“" if found[0].startswith("«") else "”", text)


def nested(text: str) -> str:
    """A text in which « » stand inside « » as “ ”: so it is where one sentence holds another, or a
    title that quotes."""
    depth = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal depth
        opens = found[0].startswith("«")
        depth += 1 if opens else -1
        inside = depth > 1 if opens else depth > 0
        return ("“" if opens else "”") if inside else found[0]

    return GUILLEMETS.sub(mark, text)


TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that say in which direction text goes on, also beyond the name they stand in."""

FROM_RIGHT = ("R", "AL", "AN")
"""Classes of characters that are written from right to left."""


def isolated(name: str) -> str:
    """A name that somebody chose as it stands within a sentence: it turns nothing around it."""
    bare = TURNING.sub("", name)
    is_turned = any(unicodedata.bidirectional(one) in FROM_RIGHT for one in bare)
    return f"\u2068{bare}\u2069" if is_turned else bare


def _filled(message: Text, **values: Any) -> str:
    return nested(str(message) % values)


def _local(moment: date | datetime) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


def _day(moment: date | datetime) -> str:
    return date_format(_local(moment), "j F Y")


@lru_cache(maxsize=10_000)
def _short_day(language: str | None, moment: date) -> str:
    return format_date(moment, "d MMM y", locale_of(language))


def _counted(count: int) -> str:
    return number_format(count, force_grouping=True)


filled = lazy(_filled, str)
"""`filled(gettext_lazy("%(name)s left"), name=…)`: put together when somebody reads it."""

day = lazy(_day, str)
"""A day with its month in words."""

counted = lazy(_counted, str)
"""A count with its thousands apart."""


def short_day(moment: date | datetime) -> str:
    """A day with its month cut short, as the reader's language does: 8 Nov 2026, 8 nov. 2026."""
    return _short_day(translation.get_language(), _local(moment))


def speaking_to(user: Any) -> AbstractContextManager[None]:
    """Everything said inside is in the person's language, or in the portal's own."""
    return translation.override(user.language or settings.LANGUAGE_CODE)


def retold(text: str, said: Mapping[str, Any] | None = None) -> str:
    """A sentence that workers have kept: with its template and values, or one of ours as it is."""
    if not text:
        return ""
    return told(said) if said else translation.gettext(text)


def told(said: Mapping[str, Any]) -> str:
    """`told(sentence.kept)`: what the engine says (docs/adr/0021), in the reader's language."""
    return _told(said, None)


def told_around(said: Mapping[str, Any], part: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """The same: what is said before a sentence it holds as a value, that one, and what follows.

    It is told by its place, for a name beside it may read the same. Without it all comes before.
    """
    before, _, rest = _told(said, part).partition(EDGE)
    found, _, after = rest.partition(EDGE)
    return before, found, after.replace(EDGE, "")


def _told(said: Mapping[str, Any], part: Mapping[str, Any] | None) -> str:
    template, plural = said["template"], said.get("plural")
    if plural:
        template = translation.ngettext(template, plural, said["count"])
    else:
        template = translation.gettext(template)
    values = said.get("values", {})
    return nested(template % {name: _value_told(value, part) for name, value in values.items()})


def _value_told(value: Any, part: Mapping[str, Any] | None) -> str:
    match value:
        case {"number": number}:
            return number_told(number)
        case {"place": place}:
            return place_name(place)
        case {"called": name}:
            return str(name)
        case dict():
            text = _told(value, part)
            return f"{EDGE}{text}{EDGE}" if value == part else text
    return _counted(value) if isinstance(value, int) else str(value)


def effect_told(value: float) -> str:
    """Writes an effect with the digits it has in the engine's sentences."""
    size = abs(value)
    if size >= 100:
        text = f"{value:,.0f}"
    elif LEAST_WRITTEN_OUT < size < 1e-4:
        text = f"{value:.{1 - floor(log10(size))}f}".rstrip("0")
    else:
        text = f"{value:.2f}" if size >= 0.1 else f"{value:.2g}" if value else "0"
    return number_told(text)


def ratio_told(value: float) -> str:
    """The same of a ratio; of an extreme one no more than that it is."""
    return extreme_told(value) or effect_told(value)


def extreme_told(ratio: float) -> str:
    """Which bound an extreme ratio lies beyond; nothing of others."""
    if SMALLEST_RATIO <= ratio <= LARGEST_RATIO:
        return ""
    return localised("< 0.001" if ratio < SMALLEST_RATIO else "> 1,000")


def number_told(number: str) -> str:
    """A number written the English way, as the reader writes it."""
    return localised(with_power(number).replace("-", MINUS))


def with_power(number: str) -> str:
    """A number that a program wrote with a power of ten as people write it: 1e-09 -> 1 × 10⁻⁹."""
    found = WITH_POWER.fullmatch(number)
    return f"{found[1]} × 10{str(int(found[2])).translate(RAISED)}" if found else number


def listed(names: Sequence[str]) -> str:
    """Names one after the other, with the language's own “and” before the last."""
    return format_list(names, locale=locale_of(translation.get_language()))


def either(names: Sequence[str]) -> str:
    """The same with the language's own “or”."""
    return format_list(names, style="or", locale=locale_of(translation.get_language()))


def localised(number: str) -> str:
    """A number written the English way, with the separators of the reader's language."""
    return number.translate(_separators_in(translation.get_language()))


@cache
def _separators_in(language: str | None) -> dict[int, str]:
    separators = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return str.maketrans(separators)


def percents(number: str) -> str:
    """A number in percent, with the language's own space before the sign."""
    return translation.gettext("%(number)s%%") % {"number": localised(number)}


STEP_OF_COUNTS = 5
"""What counts are rounded to; the data engine, which this does not know, rounds to as much."""

SEVERAL = 2


@dataclass(frozen=True)
class RowCount:
    """A number of rows; with `about` it is rounded, or a sum in which some are.

    Written out it is what people read: “303”, “about 305”.
    """

    n: int
    about: bool = False

    def __add__(self, other: "RowCount") -> "RowCount":
        return RowCount(self.n + other.n, self.about or other.about)

    @property
    def quantity(self) -> int:
        """By this a language chooses between one and several: a few are several."""
        return SEVERAL if self.about and not nearest_five(self.n) else self.n

    @property
    def short(self) -> str:
        """The same for a narrow column."""
        told = nearest_five(self.n)
        return f"≈{counted(told)}" if self.about and told else str(self)

    def __str__(self) -> str:
        if not self.about:
            return str(counted(self.n))
        if not nearest_five(self.n):
            return translation.gettext("few")
        return translation.gettext("about %(count)s") % {"count": counted(nearest_five(self.n))}


def nearest_five(count: int) -> int:
    """The nearest multiple of five."""
    return round(count / STEP_OF_COUNTS) * STEP_OF_COUNTS


def cut_in(message: str, sent: Iterable[str]) -> str:
    """A refusal in which whatever was sent stands by its beginning, where it is long."""
    for text in sent:
        if len(text) > LONGEST_ECHO and text in message:
            message = message.replace(text, text[:LONGEST_ECHO].rstrip() + "…")
    return message
