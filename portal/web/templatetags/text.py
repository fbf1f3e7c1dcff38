"""Text and numbers as people read them. What is missing becomes an en dash."""

import math
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any

import nh3
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from markdown_it import MarkdownIt

from portal.common import currencies
from portal.common.countries import country_beside, name_of, region_name, with_country
from portal.common.text import (
    MINUS,
    RowCount,
    effect_told,
    either,
    extreme_told,
    listed,
    localised,
    percents,
    ratio_told,
    short_day,
    with_power,
)
from portal.web.figures.svg import Markup, finite

register = template.Library()

NOTHING = "–"
MOST_DECIMALS = 6
"""Decimals up to which a small number is written without a power of ten."""

NARROW = 0.1
"""A ratio's interval below this is told with three decimals."""

MARKDOWN_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table"])


@register.filter
def markdown(source: str | None) -> Markup:
    """Renders what a person wrote in Markdown, cleaned of everything that could act.

    Headings start at level 2, since the page has its own first one; images are not shown.
    """
    tokens = _markdown().parse(source or "")
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(4, int(token.tag[1]) + 1)}"
    html = _markdown().renderer.render(tokens, _markdown().options, {})
    clean = nh3.clean(
        html,
        tags=MARKDOWN_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)


def _signed(text: str) -> str:
    """Puts a real minus, and none before a zero."""
    shown = text.removeprefix("-") if not any(c in "123456789" for c in text) else text
    return localised(shown).replace("-", MINUS)


@register.filter
def number(value: Any) -> str:
    """Writes a number with thousands separators: 21846 -> 21,846; 3.50 -> 3.5."""
    if not finite(value):
        return NOTHING
    if float(value).is_integer() and abs(value) < 1e15:
        return _signed(f"{value:,.0f}")
    return sig(value, 6)


@register.filter
def people(record: Any, field: str) -> str:
    """Writes a count of a record, which may say that it is approximate: 857 -> about 855."""
    found = _count_in(record, field)
    return NOTHING if found is None else str(found)


@register.filter
def quantity(record: Any, field: str) -> int:
    """By this a language chooses between one and several of what `people` writes."""
    found = _count_in(record, field)
    return 0 if found is None else found.quantity


@register.filter
def people_short(record: Any, field: str) -> str:
    """The same for a narrow column: 857 -> ≈855."""
    found = _count_in(record, field)
    return NOTHING if found is None else found.short


def _count_in(record: Any, field: str) -> RowCount | None:
    """Records from before some counts were rounded say nothing of it."""
    value = record.get(field) if record else None
    return RowCount(int(value), bool(record.get("approximate"))) if finite(value) else None


@register.filter
def fixed(value: Any, digits: int = 2) -> str:
    """Writes a number with a fixed count of decimals: 0.7 -> 0.70."""
    return _signed(f"{value:,.{digits}f}") if finite(value) else NOTHING


@register.filter
def shown(value: Any, ratio: bool) -> str:
    """Writes an estimate of the analysis scale: of a ratio's logarithm the ratio."""
    if not finite(value):
        return NOTHING
    return ratio_told(exp(value)) if ratio else effect_told(value)


@register.filter
def sig(value: Any, digits: int = 3) -> str:
    """Writes a number with so many significant digits: 0.012345 -> 0.0123, 123456 -> 123,456."""
    if not finite(value):
        return NOTHING
    text = _significant(value, digits)
    return _signed(text.rstrip("0").rstrip(".") if "." in text and "×" not in text else text)


def sig_kept(value: Any, digits: int = 3) -> str:
    """Writes a number with so many digits and its last zeros: 0.9 -> 0.900, 1 -> 1.00."""
    return _signed(_significant(value, digits)) if finite(value) else NOTHING


def beside(value: Any, error: Any) -> str:
    """Writes an estimate with its error's decimals in three digits: 0.2 beside 0.228 -> 0.200."""
    if not finite(value) or not finite(error) or error <= 0:
        return sig_kept(value, 4)
    decimals = max(0, 2 - int(f"{error:.2e}".split("e")[1]))
    return sig_kept(value, 4) if decimals > MOST_DECIMALS else fixed(value, decimals)


@register.filter
def ratio_in(value: Any, limits: Sequence[Any] | None) -> str:
    """Writes a ratio, or an end of its interval, with the decimals of its line: two, or as many as
    tell its narrow interval's ends apart and from 1; three digits of what is small or large, and of
    what is extreme that it is."""
    if not finite(value):
        return NOTHING
    if extreme := extreme_told(value):
        return extreme
    known = [one for one in limits or () if finite(one)]
    narrow = len(known) == 2 and known[1] - known[0] < NARROW
    on_one = [d for d in (2, 3) if any(round(one, d) == 1 != one for one in known)]
    decimals = max([3 if narrow else 2, *(d + 1 for d in on_one)])
    return fixed(value, decimals) if 0.1 <= value < 100 else sig_kept(value, 3)


def in_step(value: Any, step: float) -> str:
    """Writes a number with the decimals of the step it is told in: 0.0204 in 0.01 -> 0.02."""
    return (
        fixed(value, max(0, -math.floor(math.log10(step * 1.000001)))) if finite(value) else NOTHING
    )


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    # Rounded first: 0.99996 has the decimals of 1.
    exponent = int(f"{value:.{digits - 1}e}".split("e")[1])
    if exponent < -4 or exponent >= 15:
        return with_power(f"{value:.{digits - 1}e}")
    return f"{value:,.{max(0, digits - 1 - exponent)}f}"


@register.filter
def percent(value: Any, digits: int = 1) -> str:
    """Writes a share as percent: 0.312 -> 31.2%, 0 -> 0%, 0.0001 -> < 0.1%."""
    if not finite(value):
        return NOTHING
    smallest = 10.0**-digits
    if 0 < value * 100 < smallest / 2:
        return gettext("< %(share)s") % {"share": percents(f"{smallest:.{digits}f}")}
    text = f"{value * 100:,.{digits}f}"
    return percents(text.rstrip("0").rstrip(".") if "." in text else text).replace("-", MINUS)


register.filter("percents", percents)


@register.filter
def p(value: Any) -> str:
    """Writes a p-value alone, as sentences do: 0.0312 -> 0.031, 0.1 -> 0.10, 1e-9 -> < 0.001."""
    if not finite(value):
        return NOTHING
    if value < 0.001:
        return localised("< 0.001")
    if value > 0.99:
        return localised("> 0.99")
    # Next to 0.05 two digits would hide on which side it lies.
    digits = 3 if 0.045 <= value < 0.055 else 2
    return localised(f"{value:#.{digits}g}")


def p_about(value: Any) -> str:
    """Writes a p-value of one digit: 0.05 -> ≈ 0.05."""
    text = p(value)
    return text if text[0] in f"<>{NOTHING}" else localised(f"≈ {float(value):.1g}")


@register.filter
def pvalue(value: Any, *, about: bool = False) -> str:
    """Writes a p-value as a statement: p = 0.03, p < 0.001, or about one digit: p ≈ 0.03."""
    text = p_about(value) if about else p(value)
    return f"p {text}" if text[0] in "<>≈" else f"p = {text}"


@register.filter
def interval(limits: Sequence[Any] | None, digits: int = 2) -> str:
    """Writes an interval of a column in which some have a minus: 0.64 to 0.90."""
    if not limits or not all(finite(limit) for limit in limits):
        return NOTHING
    low, high = (fixed(limit, digits) for limit in limits)
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def exp(value: Any) -> Any:
    """Turns a logarithm, or both ends of an interval, into a ratio."""
    if isinstance(value, list | tuple):
        return [exp(end) for end in value]
    return math.exp(min(value, 700.0)) if finite(value) else None


@register.filter
def region(sub_region: str) -> str:
    """Writes a sub-region by its name in the reader's language."""
    return region_name(sub_region)


@register.filter
def regions(sub_regions: Sequence[str]) -> str:
    """Writes several sub-regions by their names."""
    return ", ".join(map(region_name, sub_regions))


register.filter(country_beside)
register.filter(with_country)


@register.filter
def country(alpha3: str | None) -> str:
    """Writes a country by its name: MWI -> Malawi."""
    return name_of(alpha3) if alpha3 else NOTHING


@register.filter
def initials(name: str | None) -> str:
    """Takes the first letters of the first and last word of a name."""
    words = [word for word in (name or "").split() if word[0].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.filter
def short_hash(digest: str | None) -> SafeString | str:
    """Writes the ends of a checksum, with all of it for those who ask."""
    if not digest:
        return NOTHING
    return format_html('<code title="{}">{}…{}</code>', digest, digest[:8], digest[-4:])


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Writes an amount with its currency's code: 250,000 EUR."""
    return currencies.money(amount, currency)


@register.filter
def short_date(value: date | datetime | None) -> str:
    """Writes a day as 8 Nov 2026, readable for machines too."""
    if value is None:
        return NOTHING
    return Markup(f'<time datetime="{value.isoformat()}">{escape(short_day(value))}</time>')


@register.filter("either")
def any_of(things: Sequence[Any]) -> str:
    """Writes the names of things of which one is enough: Basel, Budapest, or Zurich."""
    return either([str(one) for one in things])


@register.filter("listed")
def names(things: Sequence[Any]) -> str:
    """Writes the names of things one after the other: Basel, Budapest, and Zurich."""
    return listed([str(one) for one in things])
