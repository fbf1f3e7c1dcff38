"""The page of `describe`: variables side by side."""

from collections.abc import Sequence
from math import floor, log10, sqrt
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.forms import NUMBERS, AnalysisForm, several
from datasets.analyses.methods.at_a_glance import at_a_glance
from datasets.analyses.methods.footnotes import Footnotes
from datasets.analyses.methods.page import MethodPage, Notes
from datasets.analyses.methods.variables import (
    ShownVariable,
    called_as,
    level_of,
    variables_of,
    within,
)
from datasets.analyses.models import Analysis
from datasets.analyses.words import called, called_first
from datasets.choices import ColumnType
from datasets.engine.guard.tables import step_of
from datasets.engine.methods.shared.words import PLACES
from portal.common.forms import NameField
from portal.common.text import listed
from portal.web.templatetags.text import MOST_DECIMALS, fixed, percent, sig


class DescribeForm(AnalysisForm):
    """Which variables, and by which group."""

    modelling = ("by",)

    def add_variables(self) -> None:
        offered = self.choices(*NUMBERS, ColumnType.CATEGORY)
        groups = self.choices(ColumnType.CATEGORY, ColumnType.BOOLEAN)
        self.fields["variables"] = several(offered, gettext("Variables"))
        self.fields["variables"].initial = [name for name, _ in offered]
        self.fields["by"] = NameField(
            label=gettext("Side by side"),
            choices=[
                ("", gettext("All together")),
                *((place, called_first(place)) for place in PLACES),
                *groups,
            ],
            initial="site",
            required=False,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "variables": self.cleaned_data["variables"],
            "by": self.cleaned_data["by"] or None,
        }


QUARTILES = ("0.25", "0.5", "0.75")


def context(analysis: Analysis, result: dict[str, Any], term: str, notes: Notes) -> dict[str, Any]:
    """Every variable at a glance, then each one's table: a line for all rows, one per group."""
    variables = variables_of(analysis)
    by = result["by"]
    described, footnotes = [], Footnotes(notes)
    for variable in result["variables"]:
        shown = variables[variable["name"]]
        lines = [{"level": gettext("All rows"), "whole": True, **variable["overall"]}]
        lines += [
            one | {"level": level_of(variables, by, one["level"])} for one in variable["groups"]
        ]
        counted = is_counted(shown, variable)
        values = [one["value"] for one in variable["overall"]["counts"] or ()]
        if shown.is_yes_no:
            values = [1.0, 0.0]
        decimals = 0 if counted else decimals_of(lines, variable["overall"]["sd"])
        written = 0 if counted else quartile_decimals(lines, decimals)
        for line in lines:
            site = line["level"] if by == "site" and "whole" not in line else None
            gone = is_withheld(line, counted=counted)
            line["mark"] = footnotes.mark(variable["name"], site, is_withheld=gone)
            line["missing_share"] = share(line["missing"], line["n"], line["missing"])
            if counted:
                line["counts"] = counts_of(shown, line, values)
            else:
                line |= in_digits(line, decimals, written)
        described.append({"shown": shown, "counted": counted, "lines": lines})
    head = called_as(by, variables) if by else ""
    whole = {"level": gettext("All rows"), "n": result["rows"]}
    groups = [one | {"level": level_of(variables, by, one["level"])} for one in result["groups"]]
    return {
        "among": gettext(
            "Each variable among all rows that have it, also those that lack others; no other "
            "filter."
        ),
        "glance": at_a_glance(described),
        "columns": [whole | {"approximate": result.get("approximate", False)}, *groups],
        "described": described,
        "footnotes": footnotes.said,
        "grouped_by": within(by, variables) if by else "",
        "group_head": head,
        "method": [
            {"label": gettext("Side by side"), "value": head or gettext("all together")},
            {"label": gettext("Quantiles"), "value": gettext("R’s type 7, from counts of values")},
        ],
    }


def is_withheld(line: dict[str, Any], *, counted: bool) -> bool:
    """Whether some figure of a line that has values is not told."""
    if not line["n"]:
        return line["n"] is None
    if counted:
        return any(one["n"] is None for one in line["counts"] or [{"n": None}])
    return line["mean"] is None or not line["quantiles"]


def is_counted(shown: ShownVariable, variable: dict[str, Any]) -> bool:
    """Whether its values are counted: a yes or no, or two codes, have no mean worth reading."""
    if variable["kind"] == "category" or shown.is_yes_no:
        return True
    values = [one["value"] for one in variable["overall"]["counts"] or ()]
    return len(values) == 2 and all(float(value).is_integer() for value in values)


def counts_of(
    shown: ShownVariable, line: dict[str, Any], values: Sequence[str | float | None]
) -> list[dict[str, Any]]:
    """What each value stands for, how often it is there, and in what share of known values."""
    known = {one["value"]: one["n"] for one in line["counts"] or ()}
    # A line without any counts is withheld; a value that a line with some lacks is in no row.
    missing = None if line["counts"] is None else 0
    return [
        {
            "value": gettext("other levels") if value is None else shown.level(value),
            "n": known.get(value, missing),
            "share": share(known.get(value, missing), line["n"]),
            "approximate": line.get("approximate", False),
        }
        for value in values
    ]


def share(part: int | None, *whole: int | None) -> str:
    """How many percent that is; nothing where one of the counts is withheld."""
    known = [one for one in whole if one is not None]
    if part is None or len(known) < len(whole) or not sum(known):
        return ""
    return percent(part / sum(known), 0)


def decimals_of(lines: Sequence[dict[str, Any]], spread: float | None) -> int:
    """The decimals of a whole table: as many as three digits of the whole's SD have, and none that
    the error of a rounded line's mean does not carry."""
    found = max(0, 2 - floor(log10(spread))) if spread else MOST_DECIMALS + 1
    for line in lines:
        if line.get("approximate") and line["sd"] and line["n"]:
            step = step_of(line["sd"] / sqrt(line["n"]), line["n"])
            found = min(found, max(0, -floor(log10(step))))
    return found


def quartile_decimals(lines: Sequence[dict[str, Any]], decimals: int) -> int:
    """The decimals of a table's quartiles: as few as write all of them, since they are mostly
    values that somebody wrote down."""
    known = [(line["quantiles"] or {}).get(at) for line in lines for at in QUARTILES]
    return _decimals_written(known, decimals)


def _decimals_written(values: Sequence[float | None], most: int) -> int:
    """As few decimals as write all of them as they are in `most`."""
    rounded = [round(one, most) for one in values if one is not None]
    return next(d for d in range(most + 1) if all(round(v, d) == v for v in rounded))


def in_digits(line: dict[str, Any], decimals: int, written: int) -> dict[str, Any]:
    """Mean and SD with so many decimals, quartiles with as many as are `written`; those of a
    rounded line are about so.

    How far a site rounded its mean is told by the mean alone: where one row lies far off, to more
    than its error. More digits than it has would seem to be known.
    """
    quartiles = [(line["quantiles"] or {}).get(at) for at in QUARTILES]
    if decimals > MOST_DECIMALS:
        mean, sd = sig(line["mean"], 4), sig(line["sd"], 3)
        shown = [sig(one, 4) for one in quartiles]
    else:
        of_mean = of_sd = decimals
        if line.get("approximate"):
            of_mean = _decimals_written([line["mean"]], decimals)
            of_sd = _decimals_written([line["mean"], line["sd"]], decimals)
        mean, sd = fixed(line["mean"], of_mean), fixed(line["sd"], of_sd)
        shown = [fixed(one, written) for one in quartiles]
    if line.get("approximate"):
        shown = [f"≈{one}" for one in shown]
    return {"mean_text": mean, "sd_text": sd, "quartiles": None if None in quartiles else shown}


def in_words(parameters: dict[str, Any]) -> str:
    """A question as one would say it."""
    variables = listed(parameters["variables"])
    if not parameters["by"]:
        return gettext("Describe %(variables)s.") % {"variables": variables}
    return gettext("Describe %(variables)s, side by side for each %(group)s.") % {
        "variables": variables,
        "group": called(parameters["by"]),
    }


PAGE = MethodPage(
    label=gettext_lazy("Describe variables"),
    introduction=gettext_lazy("How are the variables spread, site by site?"),
    form=DescribeForm,
    in_words=in_words,
    context=context,
)
