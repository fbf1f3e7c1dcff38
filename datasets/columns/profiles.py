"""A column's profile in words: what stands beside its figure."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.choices import ColumnType
from datasets.columns.units import unit_told
from portal.common.text import RowCount, Text, retold
from portal.web.figures.profiles import called, is_coded
from portal.web.templatetags.text import number, percent

WITHHELD = gettext_lazy("Withheld")


def lines_of(profile: dict[str, Any], variables: dict[str, list[str]]) -> list[dict[str, Any]]:
    """A line per column for datasets/columns/table.html.

    `variables` names the shared variables made from each column.
    """
    return [
        {
            "column": column,
            "kind": ColumnType(column["type"]).label,
            "unit_told": unit_told(column.get("unit") or ""),
            "summary": summary,
            "more": more,
            "flags": [flag(one) for one in column.get("suspicious") or []],
            "missing": share(
                column.get("missing"), profile["rows"], about=bool(column.get("approximate"))
            ),
            "variables": variables.get(column["name"], []),
        }
        for column in profile["columns"]
        for summary, more in [words_of(column)]
    ]


def words_of(column: dict[str, Any]) -> tuple[Text, Text]:
    """The column in two short lines."""
    kind, n, distinct = column["type"], column.get("n"), column.get("distinct")
    if n == 0:
        return gettext("No values"), ""
    if is_coded(column):
        return shares(column)
    if kind in ("integer", "number"):
        return numbers(column)
    if kind in ("date", "datetime"):
        return dates(column)
    if kind in ("category", "boolean"):
        return shares(column)
    unique = distinct is not None and distinct == n
    if unique:
        shown = ngettext("%(number)s unique", "%(number)s unique", distinct or 0)
        return shown % {"number": number(distinct)}, gettext("One value per row")
    shown = ngettext("%(number)s different", "%(number)s different", distinct or 0)
    return shown % {"number": number(distinct)}, ""


def numbers(column: dict[str, Any]) -> tuple[Text, Text]:
    """Median and quartiles where they are shown, else mean and spread."""
    q = column.get("quantiles") or {}
    middle, low, high = (q.get(p) for p in ("0.5", "0.25", "0.75"))
    if middle is not None and low is not None and high is not None:
        first: Text = gettext("Median %(median)s (IQR %(low)s–%(high)s)") % {
            "median": number(middle),
            "low": number(low),
            "high": number(high),
        }
    elif column.get("mean") is not None:
        first = gettext("Mean %(mean)s") % {"mean": number(column["mean"])}
        if column.get("sd") is not None:
            first = gettext("Mean %(mean)s (SD %(sd)s)") % {
                "mean": number(column["mean"]),
                "sd": number(column["sd"]),
            }
    else:
        first = WITHHELD
    if column.get("min") is None:
        return first, gettext("Range withheld")
    return first, gettext("Range %(min)s to %(max)s") % {
        "min": number(column["min"]),
        "max": number(column["max"]),
    }


def dates(column: dict[str, Any]) -> tuple[Text, Text]:
    """From when to when."""
    if column.get("min") is None:
        middle = (column.get("quantiles") or {}).get("0.5")
        return (gettext("Median %(middle)s") % {"middle": middle} if middle else WITHHELD), gettext(
            "Range withheld"
        )
    return gettext("%(min)s to %(max)s") % {"min": column["min"], "max": column["max"]}, ""


def shares(column: dict[str, Any]) -> tuple[Text, Text]:
    """The one or two most frequent values."""
    top = [one for one in column.get("top") or [] if one.get("n")]
    if not top or not column.get("n"):
        return WITHHELD, ""
    first, *others = [
        gettext("%(value)s: %(share)s")
        % {"value": value_of(one["value"]), "share": percent(one["n"] / column["n"], 1)}
        for one in top[:2]
    ]
    distinct = column.get("distinct") or len(top)
    if distinct <= 2:
        return first, "".join(others)
    values = ngettext("%(number)s value", "%(number)s values", distinct)
    return (
        values % {"number": number(distinct)},
        gettext("Most often %(value)s") % {"value": first},
    )


def value_of(value: Any) -> str:
    """A category as people say it."""
    if value is None:
        return gettext("Rare values")
    return called(value)


def flag(one: dict[str, Any]) -> str:
    """A suspicious value in words."""
    sentence = ngettext(
        "%(value)s occurs once: %(why)s", "%(value)s occurs %(number)s times: %(why)s", one["n"]
    )
    return sentence % {
        "value": one["value"],
        "number": number(one["n"]),
        "why": retold(one["why"], one.get("said")),
    }


def share(missing: int | None, rows: int | None, *, about: bool) -> Text:
    """Missing values in percent; of counts in fives a few are told from none by nothing."""
    if missing is None:
        return WITHHELD
    if about and not missing:
        return str(RowCount(missing, about))
    return percent(missing / rows if rows else 0, 1)


def missing_share(profile: dict[str, Any]) -> Text:
    """How many of all cells are empty."""
    counts = [column.get("missing") for column in profile["columns"]]
    cells = (profile["rows"] or 0) * len(counts)
    if not cells or any(count is None for count in counts):
        return WITHHELD
    about = any(column.get("approximate") for column in profile["columns"])
    return share(sum(counts), cells, about=about)
