"""Do the sites agree? A funnel, and the pooled effect without each site in turn."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from django.utils.translation import gettext

from portal.web.figures.axes import Axis, axis_over, linear_ticks, widest_effect
from portal.web.figures.forest import Forest
from portal.web.figures.svg import finite, label, num, open_figure, shorten_within, side_label, text

NORMAL_95 = 1.959964
FUNNEL_WIDTH, FUNNEL_HEIGHT = 320, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 10, 34
LOO_WIDTH, LOO_ROW = 320, 15
LONGEST_NAME, LETTER = 20, 6.7
"""How much of a site's name is written, and how wide a letter is."""


def _studies(forest: Forest) -> list[tuple[str, float, float]]:
    """Label, estimate and standard error of every row that can be placed in a funnel."""
    widest = widest_effect(forest.ratio)
    studies = []
    for row in (row for group in forest.groups for row in group.rows):
        error = row.se
        if not finite(error) and finite(row.lower) and finite(row.upper):
            error = (row.upper - row.lower) / (2 * NORMAL_95)
        if not finite(row.estimate) or not finite(error):
            continue
        if abs(row.estimate) <= widest and 0 < error <= widest:
            studies.append((row.label, row.estimate, error))
    return studies


def funnel(forest: Forest) -> str:
    """Draws each site's effect against its standard error; "" below three sites."""
    studies = _studies(forest)
    pooled = forest.overall.estimate if forest.overall else None
    if len(studies) < 3 or not finite(pooled) or abs(pooled) > widest_effect(forest.ratio):
        return ""
    widest = max(error for _, _, error in studies) * 1.12
    half = max(NORMAL_95 * widest, *(abs(y - pooled) for _, y, _ in studies)) * 1.05
    axis = Axis(pooled - half, pooled + half, forest.ratio)
    inner, floor = FUNNEL_WIDTH - LEFT - RIGHT, FUNNEL_HEIGHT - BOTTOM

    def x(value: float) -> float:
        return LEFT + axis(value) / 100 * inner

    def y(error: float) -> float:
        return TOP + error / widest * (floor - TOP)

    cone = NORMAL_95 * widest
    middle = forest.value(pooled)
    name = gettext("Funnel plot of %(count)s sites. %(measure)s in the middle: %(middle)s") % {
        "count": len(studies),
        "measure": forest.measure,
        "middle": middle,
    }
    drawn = [
        open_figure("figure", FUNNEL_WIDTH, FUNNEL_HEIGHT, name),
        f'<path class="cone" d="M{num(x(pooled))} {TOP}L{num(x(pooled - cone))} {floor}'
        f'H{num(x(pooled + cone))}Z"/><path class="reference" d="M{num(x(pooled))} {TOP}V{floor}"/>'
        f'<path class="axis" d="M{LEFT} {floor + 0.5}H{FUNNEL_WIDTH - RIGHT}'
        f'M{LEFT - 0.5} {TOP}V{floor}"/>',
        _ticks(axis, x, floor),
    ]
    for error in linear_ticks(0, widest, 3):
        drawn.append(text(LEFT - 6, y(error) + 4, label(error), "end"))
    scale = (
        gettext("%(measure)s (log scale)") % {"measure": forest.measure}
        if forest.ratio
        else forest.measure
    )
    drawn.append(
        text((LEFT + FUNNEL_WIDTH - RIGHT) / 2, FUNNEL_HEIGHT - 3, scale, "middle", "axis-label")
    )
    drawn.append(side_label(10, (TOP + floor) / 2, gettext("Standard error")))
    for site, effect, error in studies:
        drawn.append(
            f'<circle class="point" cx="{num(x(effect))}" cy="{num(y(error))}" r="4">'
            f"<title>{escape(site)}</title></circle>"
        )
    return "".join(drawn) + "</svg>"


def leave_one_out(rows: Sequence[Mapping[str, Any]], forest: Forest) -> str:
    """Draws the pooled effect without each site; the band is the full result. "" without rows.

    `rows` are {label, estimate, ci} on the analysis scale.
    """
    rows = [row for row in rows if finite(row.get("estimate"))]
    full = forest.overall
    if not rows or full is None:
        return ""
    axis = axis_over(
        (row["estimate"] for row in rows),
        [*(row.get("ci") for row in rows), (full.lower, full.upper)],
        forest.ratio,
    )
    names = [shorten_within(str(row["label"]), LONGEST_NAME) for row in rows]
    start = 8 + LETTER * max(map(len, names))
    inner, floor = LOO_WIDTH - start - RIGHT, 8 + LOO_ROW * len(rows)

    def x(value: float) -> float:
        return start + axis(value) / 100 * inner

    smallest, largest = (forest.value(pick(row["estimate"] for row in rows)) for pick in (min, max))
    name = gettext(
        "%(measure)s pooled without each of %(count)s sites in turn: from %(low)s to %(high)s"
    ) % {"measure": forest.measure, "count": len(rows), "low": smallest, "high": largest}
    drawn = [open_figure("figure", LOO_WIDTH, floor + 30, name)]
    if finite(full.lower) and finite(full.upper):
        left, right = x(full.lower), x(full.upper)
        drawn.append(
            f'<rect class="band" x="{num(left)}" y="8" width="{num(right - left)}"'
            f' height="{floor - 8}"/>'
        )
    drawn.append(f'<path class="reference" d="M{num(x(0.0))} 8V{floor}"/>')
    for i, (row, written) in enumerate(zip(rows, names, strict=True)):
        middle = 8 + LOO_ROW * (i + 0.5)
        site = str(row["label"])
        drawn.append(text(start - 8, middle + 4, written, "end"))
        lower, upper = row.get("ci") or (None, None)
        if finite(lower) and finite(upper):
            drawn.append(
                f'<path class="interval" d="M{num(x(lower))} {num(middle)}H{num(x(upper))}"/>'
            )
        drawn.append(
            f'<circle class="point" cx="{num(x(row["estimate"]))}" cy="{num(middle)}" r="2.8">'
            f"<title>{escape(gettext('Without %(site)s') % {'site': site})}</title></circle>"
        )
    drawn.append(f'<path class="axis" d="M{num(start)} {floor + 0.5}H{LOO_WIDTH - RIGHT}"/>')
    drawn.append(_ticks(axis, x, floor))
    return "".join(drawn) + "</svg>"


def _ticks(axis: Axis, x: Any, floor: float) -> str:
    """Draws ticks below a horizontal axis, with as many of their values as stand apart."""
    drawn, legible = [], axis.legible(x(axis.high) - x(axis.low))
    for tick in axis.ticks:
        place, words = x(tick[0]), tick[1]
        drawn.append(f'<path class="axis" d="M{num(place)} {num(floor)}v4"/>')
        if tick in legible:
            drawn.append(text(place, floor + 16, words, axis.anchor(axis(tick[0]))))
    return "".join(drawn)
