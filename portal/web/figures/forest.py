"""Forest plots: a table of estimates with one drawing per row, all on the same axis.

Estimates, intervals and the axis are on the analysis scale, which is the logarithm where the
measure is a ratio; the table prints ratios as people read them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext, ngettext

from portal.common.text import Text, effect_told, extreme_told, percents, ratio_told
from portal.web.figures.axes import Axis, axis_over
from portal.web.figures.svg import Markup, finite, num

SMALLEST_SQUARE, LARGEST_SQUARE = 5.0, 16.0
DIAMOND_HEIGHTS = {"region": 12, "total": 16}
LARGEST_LOG = 700.0
"""Of a larger number there is no exponential."""

WIDTH, NARROW_WIDTH = 198.0, 118.0
"""How many pixels the drawing has at least beside the other columns, and where a page is narrow."""

OPEN = '<svg class="forest-drawing" aria-hidden="true" height="100%" width="100%">'


@dataclass(frozen=True)
class Row:
    """One line: a site, a pooled region, or everything. None where it could not be estimated;
    `marks` say how it was; one that is not `told` has nothing to say but its label."""

    label: str
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    weight: float | None = None
    note: str = ""
    marks: Sequence[str] = ()
    cells: Sequence[str] = ()
    se: float | None = None
    told: bool = True


@dataclass(frozen=True)
class Group:
    """A region with its sites and, below them, their pooled estimate."""

    name: str
    rows: Sequence[Row]
    pooled: Row | None = None


@dataclass(frozen=True)
class DrawnRow:
    """A row ready to print: numbers as words, its drawing, and as `facts` under its label what
    narrow screens have no columns for."""

    label: str
    note: str
    marks: Sequence[str]
    cells: Sequence[str]
    estimate: str
    interval: str
    weight: str
    drawing: Markup
    told: bool
    facts: Sequence[tuple[str, str]]


@dataclass
class Forest:
    """A forest plot: what to say in the heads, the groups of rows, and the pooled estimate."""

    measure: str
    groups: Sequence[Group]
    overall: Row | None = None
    prediction: Sequence[float | None] | None = None
    ratio: bool = False
    heads: Sequence[str] = ()
    favours: Sequence[str] = ()
    level: Text = field(default_factory=lambda: gettext("95% CI"))
    caption: str = ""
    about: str = ""
    lines: Text = field(default_factory=lambda: gettext("Site"))

    def by_region(self) -> "Forest":
        """The same with a line for each region, and its only site's where it has no other."""
        return replace(self, lines=gettext("Region"), groups=[_alone(one) for one in self.groups])

    @cached_property
    def axis(self) -> Axis:
        """The axis that every row is drawn on."""
        rows = [row for group in self.groups for row in (*group.rows, group.pooled) if row]
        rows += [self.overall] if self.overall else []
        intervals: list[Sequence[float | None] | None] = [(row.lower, row.upper) for row in rows]
        return axis_over((row.estimate for row in rows), [*intervals, self.prediction], self.ratio)

    @property
    def has_weights(self) -> bool:
        """Whether any row has a weight, and the column of weights something to say."""
        return any(finite(row.weight) for group in self.groups for row in group.rows)

    @property
    def drawn_groups(self) -> list[dict[str, Any]]:
        """The groups with every row ready to print."""
        heaviest = max(
            (row.weight for g in self.groups for row in g.rows if finite(row.weight)), default=0.0
        )
        return [
            {
                "name": group.name,
                "rows": [self._drawn(row, square(self.axis, row, heaviest)) for row in group.rows],
                "pooled": group.pooled
                and self._drawn(group.pooled, diamond(self.axis, group.pooled, "region")),
                "drawing": Markup(reference(self.axis)),
            }
            for group in self.groups
        ]

    @property
    def drawn_overall(self) -> DrawnRow | None:
        """The pooled estimate ready to print."""
        if self.overall is None:
            return None
        return self._drawn(self.overall, diamond(self.axis, self.overall, "total"))

    @property
    def drawn_prediction(self) -> DrawnRow | None:
        """The prediction interval ready to print; None where there is none."""
        if not self.prediction or not all(finite(limit) for limit in self.prediction):
            return None
        lower, upper = self.prediction
        row = Row(gettext("Prediction interval"), lower=lower, upper=upper)
        return self._drawn(row, whiskers(self.axis, row))

    @property
    def drawn_axis(self) -> Markup:
        """The axis with its ticks."""
        return Markup(axis_line(self.axis))

    def value(self, estimate: float | None) -> str:
        """Writes an estimate as the table prints it."""
        if not finite(estimate):
            return "–"
        if self.ratio:
            return ratio_told(math.exp(min(estimate, LARGEST_LOG)))
        return effect_told(estimate)

    def _bound(self, estimate: float) -> str:
        """Which bound an extreme ratio lies beyond; nothing of others."""
        return extreme_told(math.exp(min(estimate, LARGEST_LOG))) if self.ratio else ""

    def _drawn(self, row: Row, drawing: str) -> DrawnRow:
        weight = percents(f"{row.weight:.1f}".replace("100.0", "100")) if finite(row.weight) else ""
        cells = row.cells or [""] * len(self.heads)
        facts = zip((*self.heads, gettext("Weight")), (*cells, weight), strict=True)
        return DrawnRow(
            label=row.label,
            note=row.note,
            marks=row.marks,
            cells=cells,
            estimate=self.value(row.estimate) if finite(row.estimate) else "",
            interval=self._between(row),
            weight=weight,
            drawing=Markup(drawing),
            told=row.told,
            facts=[(name, value) for name, value in facts if value],
        )

    def _between(self, row: Row) -> str:
        """An interval in words; an end that could not be found is open."""
        lower, upper = self.value(row.lower), self.value(row.upper)
        if finite(row.lower) and finite(row.upper):
            bounds = [self._bound(row.lower), self._bound(row.upper)]
            if bounds[0] and bounds[0] == bounds[1]:
                return bounds[0]
            if self.ratio and not any(bounds):
                return f"{lower}–{upper}"
            # A dash would meet a sign: of differences one or the other has a minus.
            return gettext("%(low)s to %(high)s") % {"low": lower, "high": upper}
        if finite(row.lower):
            return gettext("%(low)s to open") % {"low": lower}
        return gettext("open to %(high)s") % {"high": upper} if finite(row.upper) else ""


def _alone(group: Group) -> Group:
    """A group in one line: under its name, what is pooled, or its rows where nothing is."""
    if group.pooled is None or not finite(group.pooled.estimate):
        return Group("", [replace(row, label=group.name, note=row.label) for row in group.rows])
    sites = len(group.rows)
    note = ngettext("%(n)s site", "%(n)s sites", sites) % {"n": sites}
    return Group("", [], replace(group.pooled, label=group.name, note=note))


def reference(axis: Axis) -> str:
    """Draws the line of no effect alone."""
    return f"{OPEN}{_reference_line(axis)}</svg>"


def square(axis: Axis, row: Row, heaviest: float) -> str:
    """Draws a site: a square as large as its weight, and its interval, with arrows where cut."""
    drawn = _interval(axis, row, "interval")
    if finite(row.estimate) and axis.low <= row.estimate <= axis.high:
        share = row.weight / heaviest if finite(row.weight) and heaviest > 0 else 0.25
        side = SMALLEST_SQUARE + (LARGEST_SQUARE - SMALLEST_SQUARE) * math.sqrt(max(share, 0.0))
        drawn += (
            f'<svg x="{axis(row.estimate):.2f}%" y="50%" class="overflowing"><rect class="square"'
            f' x="{num(-side / 2)}" y="{num(-side / 2)}" width="{num(side)}"'
            f' height="{num(side)}"/></svg>'
        )
    return f"{OPEN}{_reference_line(axis)}{drawn}</svg>"


def diamond(axis: Axis, row: Row, kind: str) -> str:
    """Draws a pooled estimate: as wide as its interval, highest at the estimate."""
    drawn = ""
    if finite(row.estimate) and finite(row.lower) and finite(row.upper):
        left, right = axis(row.lower), axis(row.upper)
        width = max(right - left, 0.5)
        top = min(100.0, max(0.0, (axis(row.estimate) - left) / width * 100))
        drawn = (
            f'<svg x="{left:.2f}%" width="{width:.2f}%" y="50%" height="{DIAMOND_HEIGHTS[kind]}"'
            ' viewBox="0 0 100 20" preserveAspectRatio="none" class="overflowing">'
            f'<polygon class="diamond {kind}" points="0,0 {top:.1f},-10 100,0 {top:.1f},10"/></svg>'
        )
    return f"{OPEN}{_reference_line(axis)}{drawn}</svg>"


def whiskers(axis: Axis, row: Row) -> str:
    """Draws an interval without an estimate, closed at both ends."""
    return f"{OPEN}{_reference_line(axis)}{_interval(axis, row, 'prediction')}</svg>"


def axis_line(axis: Axis) -> str:
    """Draws the axis below the rows, with ticks and as many of their values as stand apart; where
    there is little room some more go."""
    drawn = ['<line class="axis" x1="0" x2="100%" y1="0.5" y2="0.5"/>']
    legible = axis.legible(WIDTH)
    always = axis.legible(NARROW_WIDTH, legible)
    for tick in axis.ticks:
        x, words = axis(tick[0]), tick[1]
        drawn.append(f'<line class="axis" x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="5"/>')
        if tick in legible:
            spare = "" if tick in always else ' class="spare"'
            drawn.append(
                f'<text{spare} x="{x:.2f}%" y="18" text-anchor="{axis.anchor(x)}">{words}</text>'
            )
    return f"{OPEN}{''.join(drawn)}</svg>"


def _reference_line(axis: Axis) -> str:
    x = axis(0.0)
    return f'<line class="reference" x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="100%"/>'


def _interval(axis: Axis, row: Row, kind: str) -> str:
    """Draws an interval: an arrow where the axis cuts it, bars at the ends of a prediction. From an
    open end it begins at the estimate."""
    lower, upper = (end if finite(end) else row.estimate for end in (row.lower, row.upper))
    if not finite(lower) or not finite(upper):
        return ""
    if upper < axis.low or lower > axis.high:
        return _arrow(0.0, 1) if upper < axis.low else _arrow(100.0, -1)
    left, right = axis(lower), axis(upper)
    drawn = f'<line class="{kind}" x1="{left:.2f}%" x2="{right:.2f}%" y1="50%" y2="50%"/>'
    for x, cut, direction in (
        (left, lower < axis.low, 1),
        (right, upper > axis.high, -1),
    ):
        if cut:
            drawn += _arrow(x, direction)
        elif kind == "prediction":
            drawn += f'<line class="prediction" x1="{x:.2f}%" x2="{x:.2f}%" y1="34%" y2="66%"/>'
    return drawn


def _arrow(x: float, direction: int) -> str:
    """Draws the head of an arrow that points off the axis: direction 1 to the left, -1 right."""
    return (
        f'<svg x="{x:.2f}%" y="50%" class="overflowing">'
        f'<path class="interval-arrow" d="M{6 * direction} -4L0 0L{6 * direction} 4"/></svg>'
    )
