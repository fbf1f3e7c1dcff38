"""Figures in templates: each tag calls `portal.web.figures` and marks what it drew as safe."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.translation import gettext

from portal.web.figures import agreement, correlation, profiles, worldmap
from portal.web.figures.forest import Forest
from portal.web.figures.svg import Markup
from portal.web.templatetags.text import number

register = template.Library()


@register.simple_tag
def histogram(data: Any, label: str = "") -> Markup:
    """A histogram of counts, or of {edges, counts}."""
    return Markup(profiles.histogram(data, label))


@register.simple_tag
def stack(parts: Any, label: str = "") -> Markup:
    """Shares as one bar: [{value, n}] or [(name, n)]."""
    return Markup(profiles.stack(parts, label))


@register.simple_tag
def missing_bar(missing: float | None, total: float | None) -> Markup:
    """The share that is missing; write the number beside it."""
    return Markup(profiles.missing_bar(missing, total))


@register.inclusion_tag("components/column_figure.html")
def column_figure(column: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    """The profile of a column with its ends, or in words why there is nothing to draw."""
    return _column(column, name)


@register.inclusion_tag("components/before_after.html")
def before_after(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The profile of a source column beside that of the harmonised variable."""
    return {"before": _column(before), "after": _column(after)}


def _column(column: Mapping[str, Any], name: str = "") -> dict[str, Any]:
    drawing = profiles.column_figure(column, name or str(column.get("name") or ""))
    histogram = column.get("histogram") or {}
    edges = histogram.get("edges") if any(profiles.counts_of(histogram)) else None
    low, high = (edges[0], edges[-1]) if edges and not profiles.is_coded(column) else (None, None)
    if edges and low is not None and column.get("min") is not None:
        # Bins of whole numbers reach half a unit further than the values do; those of another
        # column, which a rule reads, may reach much further.
        low = _near(column["min"], low, edges)
        high = _near(column["max"], high, edges)
    return {"column": column, "drawing": Markup(drawing), "low": _end(low), "high": _end(high)}


def _near(value: Any, edge: Any, edges: Sequence[Any]) -> Any:
    """The outermost value, where the outermost bin has it."""
    if isinstance(edge, str) or isinstance(value, str):
        return value
    return value if abs(value - edge) <= edges[1] - edges[0] else edge


def _end(edge: Any) -> str | None:
    """An end of an axis in words: numbers short, days as they are."""
    return edge if edge is None or isinstance(edge, str) else number(edge)


@register.inclusion_tag("components/stage.html")
def stage(step: int, names: Sequence[str]) -> dict[str, Any]:
    """How far a project is, from step 1."""
    return {
        "step": step,
        "all": len(names),
        "name": names[step - 1],
        "done": range(step - 1),
        "later": range(len(names) - step),
    }


@register.inclusion_tag("components/site_map.html")
def site_map(
    places: Sequence[Mapping[str, Any]],
    title: str = "",
    noun: str = "site",
) -> dict[str, Any]:
    """A world map of {country, count, url?, seeking?} with its legend and its table."""
    rows = worldmap.places_by_size(places)
    label = (
        gettext("World map of countries with projects: %(count)s. The table has the same numbers.")
        if noun == "project"
        else gettext(
            "World map of countries with sites: %(count)s. The table has the same numbers."
        )
    ) % {"count": len(rows)}
    return {
        "title": title or gettext("Where the work happens"),
        "noun": noun,
        "rows": rows,
        "seeking": any(row["seeking"] for row in rows),
        "drawing": Markup(worldmap.site_map(rows, label, noun)),
    }


@register.inclusion_tag("components/forest.html")
def forest_table(forest: Forest) -> dict[str, Any]:
    """A forest plot: one table row per site and region."""
    return {"forest": forest}


@register.simple_tag
def funnel(forest: Forest) -> Markup:
    """The funnel of a forest plot's sites; empty below three."""
    return Markup(agreement.funnel(forest))


@register.simple_tag
def leave_one_out(rows: Sequence[Mapping[str, Any]], forest: Forest) -> Markup:
    """The pooled effect without each site: rows of {label, estimate, ci}."""
    return Markup(agreement.leave_one_out(rows, forest))


@register.inclusion_tag("components/heat.html")
def correlation_matrix(
    names: Sequence[Any],
    matrix: Sequence[Sequence[float | None]],
    caption: str = "",
) -> dict[str, Any]:
    """Correlations as a shaded table; a name may have a `unit`."""
    return {
        "names": names,
        "rows": correlation.matrix_cells(names, matrix),
        "caption": caption or gettext("Correlation between columns"),
    }


@register.simple_tag
def correlation_on_axis(
    r: float | None, ends: Sequence[float] | None, beside: float | None = None
) -> Markup:
    """One correlation with its interval between −1 and 1, and as a ring what stands beside it."""
    return Markup(correlation.on_axis(r, ends, beside))
