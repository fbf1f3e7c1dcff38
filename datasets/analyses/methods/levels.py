"""An exposure of several levels, each told against one, above a figure and in its head."""

from typing import Any

from django.utils.translation import gettext

from datasets.analyses.methods.variables import ShownVariable, called_as, level_of
from datasets.analyses.models import Analysis


def heading_of(
    analysis: Analysis, answer: dict[str, Any], variables: dict[str, ShownVariable], place: str = ""
) -> str:
    """What stands above a figure of sites; of several levels each is told against one, and beside
    an interaction at one `place` of the other variable."""
    name = analysis.parameters["exposure"]
    exposure = called_as(name, variables)
    if has_levels(answer):
        exposure = gettext("%(exposure)s, against %(reference)s") % {
            "exposure": exposure,
            "reference": level_of(variables, name, answer["reference"]),
        }
    if place:
        exposure = gettext("%(exposure)s, %(place)s") % {"exposure": exposure, "place": place}
    return gettext("%(exposure)s: effect by region and site") % {"exposure": exposure}


def has_levels(answer: dict[str, Any]) -> bool:
    """Whether the exposure is a category of which several levels are told against one."""
    return answer.get("reference") is not None and answer.get("level") is None


def of_term(
    term: str, analysis: Analysis, answer: dict[str, Any], variables: dict[str, ShownVariable]
) -> dict[str, Any]:
    """An answer as the figure of one of its terms needs it: of one level that against the
    reference, where the answer itself is of each; by another variable that level's own effects."""
    if not has_levels(answer):
        return answer
    name = analysis.parameters["exposure"]
    level = term.removeprefix(f"{name}[").removesuffix("]")
    said = {
        "level": level_of(variables, name, level),
        "reference": level_of(variables, name, answer["reference"]),
    }
    return answer | {
        "contrast": gettext("%(level)s against %(reference)s") % said,
        "by": [one for one in answer.get("by", ()) if "at" not in one or one["level"] == level],
    }
