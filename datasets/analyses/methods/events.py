"""Of whom an answer is: how many have the outcome at each site, and how many were lost there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.methods.variables import ShownVariable
from portal.common.text import RowCount, listed


@dataclass(frozen=True)
class Events:
    """How many complete rows of each site have a yes-no outcome at the level that is counted.

    They are counts that left each site by its own gate: a guarded site's are rounded.
    """

    at: Mapping[str, int]
    outcome: str
    level: str

    @property
    def about(self) -> str:
        """What they are."""
        said = {"outcome": self.outcome, "level": self.level}
        return gettext("Events are rows in which %(outcome)s is %(level)s.") % said


def events_of(result: dict[str, Any], variables: dict[str, ShownVariable]) -> Events | None:
    """Complete rows with a yes-no outcome, by site, as far as counts are told to this reader."""
    outcome, found = variables[result["outcome"]], dict[str, int]()
    if result["family"] != "binomial" and not outcome.is_yes_no:
        return None
    for one in result["counts"]:
        if one["variable"] == result["outcome"]:
            n = one["n"] if one["level"] == "1" else 0
            found[one["site"]] = found.get(one["site"], 0) + n
    return Events(found, outcome.within, outcome.level("1")) if found else None


def events_at(site: dict[str, Any], events: Events | None) -> str:
    """How many complete rows of a site have a yes-no outcome, where it is told."""
    if events is None or site["n"] is None or site["site"] not in events.at:
        return ""
    return str(RowCount(events.at[site["site"]], site.get("approximate", False)))


def among(result: dict[str, Any], variables: dict[str, ShownVariable]) -> str:
    """Of whom the answer is: no question leaves out anybody who has a value in each variable. At
    one site, which has no line in a figure, how many have a yes-no outcome stands here."""
    if not result["sites"]:
        return ""
    said, events = {"sites": listed(result["sites"])}, events_of(result, variables)
    if len(result["sites"]) > 1 or events is None:
        return (
            gettext(
                "Among all rows of %(sites)s with a value in every variable of the question; no "
                "other filter."
            )
            % said
        )
    told = RowCount(sum(events.at.values()), result.get("approximate", False))
    said |= {"outcome": events.outcome, "level": events.level, "events": str(told)}
    return (
        gettext(
            "Among all rows of %(sites)s with a value in every variable of the question; no other "
            "filter. In %(events)s of them %(outcome)s is %(level)s."
        )
        % said
    )


def lost_at(result: dict[str, Any]) -> dict[str, float]:
    """The share of rows that each site lost for want of a value, where that may be known."""
    return {
        one["site"]: one["n_excluded"] / (one["n"] + one["n_excluded"])
        for one in result["by_site"]
        if one["n"] and one["n_excluded"] is not None
    }
