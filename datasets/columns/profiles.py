"""A column's profile in words: what stands beside its figure."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from portal.web.figures.profiles import is_coded
from portal.web.templatetags.text import number, percent

WITHHELD = gettext_lazy("Withheld")


def lines_of(profile: dict[str, Any], variables: dict[str, list[str]]) -> list[dict[str, Any]]:
    """A line per column for datasets/version/columns_table.html.

    `variables` names the shared variables made from each column.
    """
    return [
        {
            "column": column,
            "summary": summary,
            "more": more,
            "flags": [flag(one) for one in column.get("suspicious") or []],
            "missing": share(column.get("missing"), profile["rows"]),
            "variables": variables.get(column["name"], []),
        }
        for column in profile["columns"]
        for summary, more in [words_of(column)]
    ]


def words_of(column: dict[str, Any]) -> tuple[str, str]:
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
    return f"{number(distinct)} {'unique' if unique else 'different'}", gettext(
        "One value per row"
    ) * unique


def numbers(column: dict[str, Any]) -> tuple[str, str]:
    """Median and quartiles where they are shown, else mean and spread."""
    q = column.get("quantiles") or {}
    middle, low, high = (q.get(p) for p in ("0.5", "0.25", "0.75"))
    if middle is not None and low is not None and high is not None:
        first = f"Median {number(middle)} (IQR {number(low)}–{number(high)})"
    elif column.get("mean") is not None:
        spread = f" (SD {number(column['sd'])})" if column.get("sd") is not None else ""
        first = f"Mean {number(column['mean'])}{spread}"
    else:
        first = WITHHELD
    if column.get("min") is None:
        return first, gettext("Range withheld")
    return first, gettext("Range %(min)s to %(max)s") % {
        "min": number(column["min"]),
        "max": number(column["max"]),
    }


def dates(column: dict[str, Any]) -> tuple[str, str]:
    """From when to when."""
    if column.get("min") is None:
        middle = (column.get("quantiles") or {}).get("0.5")
        return (gettext("Median %(middle)s") % {"middle": middle} if middle else WITHHELD), gettext(
            "Range withheld"
        )
    return f"{column['min']} to {column['max']}", ""


def shares(column: dict[str, Any]) -> tuple[str, str]:
    """The one or two most frequent values."""
    top = [one for one in column.get("top") or [] if one.get("n")]
    if not top or not column.get("n"):
        return WITHHELD, ""
    first, *others = [
        f"{value_of(one['value'])}: {percent(one['n'] / column['n'], 1)}" for one in top[:2]
    ]
    distinct = column.get("distinct") or len(top)
    if distinct <= 2:
        return first, "".join(others)
    return f"{number(distinct)} values", f"Most often {first}"


def value_of(value: Any) -> str:
    """A category as people say it."""
    if value is None:
        return gettext("Rare values")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(value)


def flag(one: dict[str, Any]) -> str:
    """A suspicious value in words."""
    times = "once" if one["n"] == 1 else f"{number(one['n'])} times"
    return f"{one['value']} occurs {times}: {one['why']}"


def share(missing: int | None, rows: int | None) -> str:
    """Missing values in percent."""
    return WITHHELD if missing is None else percent(missing / rows if rows else 0, 1)


def missing_share(profile: dict[str, Any]) -> str:
    """How many of all cells are empty."""
    counts = [column.get("missing") for column in profile["columns"]]
    cells = (profile["rows"] or 0) * len(counts)
    if not cells or any(count is None for count in counts):
        return WITHHELD
    return percent(sum(counts) / cells, 1)
