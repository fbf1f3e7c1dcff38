"""Column profiles: a histogram, a bar of shares, how much is missing."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from django.utils.translation import gettext

from portal.common.text import localised, percents
from portal.web.figures.svg import finite, num, open_figure, shorten

WIDTH, BAR_HEIGHT, STACK_HEIGHT = 168, 40, 14
MOST_BARS = 56
MOST_SEGMENTS = 5
HIGH_MISSING = 10.0

Part = tuple[str, float]


def counts_of(histogram: Mapping[str, Any] | Sequence[float | None] | None) -> list[float]:
    """Reads the counts of a profile's histogram; what is withheld (None) counts as no bar."""
    counts = histogram.get("counts") if isinstance(histogram, Mapping) else histogram
    return [max(0.0, float(c)) if finite(c) else 0.0 for c in counts or ()]


def histogram(data: Mapping[str, Any] | Sequence[float | None] | None, name: str = "") -> str:
    """Draws counts as bars; "" when there is nothing to draw.

    `data` is a list of counts or {"edges", "counts"}. More bins than fit are joined in neighbours.
    """
    counts = counts_of(data)
    if not any(counts):
        return ""
    joined = -(-len(counts) // MOST_BARS)
    counts = [sum(counts[i : i + joined]) for i in range(0, len(counts), joined)]
    most, width = max(counts), WIDTH / len(counts)
    gap = min(1.0, width / 4)
    bars = []
    for i, count in enumerate(counts):
        height = max(1.0, count / most * (BAR_HEIGHT - 2)) if count else 0.0
        if height:
            bars.append(
                f'<rect class="bar" x="{num(i * width + gap / 2)}"'
                f' y="{num(BAR_HEIGHT - 1 - height)}" width="{num(width - gap)}"'
                f' height="{num(height)}"/>'
            )
    return (
        open_figure(
            "small-figure", WIDTH, BAR_HEIGHT, name or describe(counts), preserveAspectRatio="none"
        )
        + "".join(bars)
        + f'<path class="base" d="M0 {BAR_HEIGHT - 0.5}H{WIDTH}"/></svg>'
    )


def describe(counts: Sequence[float]) -> str:
    """Says in words where a histogram is highest, for those who do not see it."""
    total, most = sum(counts), max(counts)
    place = (counts.index(most) + 0.5) / len(counts)
    if place < 1 / 3:
        words = gettext("Histogram, highest on the left. Values: %(count)s")
    elif place > 2 / 3:
        words = gettext("Histogram, highest on the right. Values: %(count)s")
    else:
        words = gettext("Histogram, highest in the middle. Values: %(count)s")
    return words % {"count": localised(f"{total:,.0f}")}


def called(value: Any) -> str:
    """A value as people say it."""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(value)


def parts_of(top: Sequence[Any] | None) -> list[Part]:
    """Reads [{value, n}] or [(value, n)] as (words, count) pairs, leaving out what is withheld."""
    pairs = [(p["value"], p["n"]) if isinstance(p, Mapping) else tuple(p) for p in top or ()]
    return [
        (gettext("missing") if value is None else called(value), float(n))
        for value, n in pairs
        if finite(n) and n > 0
    ]


def stack(top: Sequence[Any] | None, name: str = "", total: float | None = None) -> str:
    """Draws shares as one bar; the smallest, and what `total` holds beyond them, become "Other"."""
    parts = parts_of(top)
    whole = max(sum(n for _, n in parts), total if finite(total) else 0.0)
    if not whole:
        return ""
    shown = parts if len(parts) <= MOST_SEGMENTS + 1 else parts[:MOST_SEGMENTS]
    rest = whole - sum(n for _, n in shown)
    if rest > whole * 1e-9:
        shown = shown[:MOST_SEGMENTS]
        shown = [*shown, (gettext("Other"), whole - sum(n for _, n in shown))]
    x, drawn, words = 0.0, [], []
    for i, (value, n) in enumerate(shown):
        width = n / whole * WIDTH
        share = gettext("%(value)s: %(share)s") % {
            "value": shorten(value, 40),
            "share": percents(f"{100 * n / whole:.1f}"),
        }
        words.append(share)
        drawn.append(
            f'<rect class="segment segment-{i}" x="{num(x + 0.5)}" y="0"'
            f' width="{num(max(width - 1, 0.8))}"'
            f' height="{STACK_HEIGHT}"><title>{escape(share)}</title></rect>'
        )
        x += width
    return (
        open_figure(
            "small-figure stack-figure",
            WIDTH,
            STACK_HEIGHT,
            name or ", ".join(words),
            preserveAspectRatio="none",
        )
        + "".join(drawn)
        + "</svg>"
    )


def missing_bar(missing: float | None, total: float | None) -> str:
    """Draws the share of missing values; beside it stands the number, so it has no name."""
    share = 100 * missing / total if finite(missing) and finite(total) and total else 0.0
    share = min(100.0, max(0.0, share))
    kind = "share-part high" if share > HIGH_MISSING else "share-part"
    width = max(share, 0.8) if share else 0
    return (
        '<svg class="share" viewBox="0 0 100 6" aria-hidden="true" preserveAspectRatio="none">'
        '<rect class="share-whole" width="100" height="6"/>'
        f'<rect class="{kind}" width="{num(width)}" height="6"/></svg>'
    )


def is_coded(column: Mapping[str, Any]) -> bool:
    """Whether whole numbers are codes rather than amounts: few of them, each seen in `top`."""
    distinct, top = column.get("distinct"), column.get("top") or ()
    return column.get("type") == "integer" and 0 < (distinct or 0) <= min(len(top), MOST_SEGMENTS)


def column_figure(column: Mapping[str, Any], name: str = "") -> str:
    """Draws the profile of a column: bars for amounts and dates, shares for everything else."""
    if is_coded(column):
        return stack(
            column["top"], name and gettext("Shares of %(name)s") % {"name": name}, column.get("n")
        )
    drawn = histogram(
        column.get("histogram"), name and gettext("Histogram of %(name)s") % {"name": name}
    )
    if drawn:
        return drawn
    shares = parts_of(column.get("top"))
    # Many classes, each as rare as the next, make no bar worth looking at.
    if not shares or (len(shares) > MOST_SEGMENTS and shares[0][1] <= 1):
        return ""
    return stack(
        column["top"], name and gettext("Shares of %(name)s") % {"name": name}, column.get("n")
    )
