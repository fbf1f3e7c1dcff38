"""The page of `describe`: variables side by side."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.forms import NUMBERS, AnalysisForm, several
from datasets.analyses.methods.page import MethodPage
from datasets.analyses.models import Analysis
from datasets.analyses.words import PLACE_HEADS, called
from datasets.choices import ColumnType
from portal.common.countries import place_name
from portal.common.forms import NameField
from portal.common.text import listed


class DescribeForm(AnalysisForm):
    """Which variables, and by which group."""

    asking = ("title", "by")

    def add_variables(self) -> None:
        offered = self.choices(*NUMBERS, ColumnType.CATEGORY)
        groups = self.choices(ColumnType.CATEGORY, ColumnType.BOOLEAN)
        self.fields["variables"] = several(offered, gettext("Variables"))
        self.fields["variables"].initial = [name for name, _ in offered]
        self.fields["by"] = NameField(
            label=gettext("Side by side"),
            choices=[("", gettext("All together")), *PLACE_HEADS.items(), *groups],
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


def context(analysis: Analysis, result: dict[str, Any], term: str) -> dict[str, Any]:
    """Each variable's table: one line for everything, one per group."""
    labels = {variable["name"]: variable["label"] for variable in analysis.variables}
    described = []
    for variable in result["variables"]:
        lines = [{"level": gettext("All rows"), "whole": True, **variable["overall"]}]
        lines += [
            one | {"level": level_of(result["by"], one["level"])} for one in variable["groups"]
        ]
        for line in lines:
            quantiles = line.get("quantiles") or {}
            quartiles = [quantiles.get(at) for at in QUARTILES]
            line["quartiles"] = None if None in quartiles else quartiles
            if line["counts"]:
                line["counts"] = [
                    one | {"value": gettext("other levels")} if one["value"] is None else one
                    for one in line["counts"]
                ]
        described.append(
            variable
            | {
                "label": labels.get(variable["name"], ""),
                "lines": lines,
                "levels": [one["value"] for one in lines[0]["counts"] or ()],
            }
        )
    grouped_by = called(result["by"]) if result["by"] else ""
    return {
        "described": described,
        "grouped_by": grouped_by,
        "group_head": PLACE_HEADS.get(result["by"], result["by"]),
        "method": [
            {"label": gettext("Side by side"), "value": grouped_by or gettext("all together")},
            {"label": gettext("Quantiles"), "value": gettext("R’s type 7, from counts of values")},
        ],
    }


def level_of(by: str, level: str | None) -> str:
    """A group as people call it."""
    if level is None:
        return gettext("No group")
    return place_name(level) if by in ("region", "country") else level


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
