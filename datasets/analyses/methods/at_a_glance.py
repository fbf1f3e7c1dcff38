"""A description as journals print it: a line for each variable, a column for each group."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.methods.variables import ShownVariable
from portal.web.templatetags.text import people_short

MOST_LEVELS = 6
"""Levels of a category that stand here; of more it says how many there are."""


def at_a_glance(described: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Mean and SD of each number, and how many have each level, with what is missing."""
    return [line for one in described for line in _lines_of(one)]


def _lines_of(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    shown, groups = one["shown"], one["lines"]
    if not one["counted"]:
        lines = [{"shown": shown, "what": _measure(shown), "cells": [_mean(g) for g in groups]}]
    else:
        levels = [level["value"] for level in groups[0]["counts"]]
        if shown.is_yes_no:
            levels = levels[:1]
        if len(levels) > MOST_LEVELS:
            what = gettext("%(count)s levels") % {"count": len(levels)}
            lines = [{"shown": shown, "what": what, "cells": [{} for _ in groups]}]
        else:
            lines = [
                {
                    "shown": shown,
                    "what": gettext("%(level)s, n (%%)") % {"level": level},
                    "cells": [_count(g["counts"][place]) for g in groups],
                }
                for place, level in enumerate(levels)
            ]
    for cell, group in zip(lines[0]["cells"] if lines else (), groups, strict=False):
        if group["missing"] and group["missing_share"]:
            cell["missing"] = gettext("%(share)s missing") % {"share": group["missing_share"]}
        cell["mark"] = group.get("mark")
    for line in lines[1:]:
        for cell, group in zip(line["cells"], groups, strict=True):
            if cell.get("withheld"):
                cell["mark"] = group.get("mark")
    return lines


def _measure(shown: ShownVariable) -> str:
    if shown.unit:
        return gettext("%(unit)s, mean (SD)") % {"unit": shown.unit}
    return gettext("mean (SD)")


def _mean(group: Mapping[str, Any]) -> dict[str, Any]:
    if group["mean"] is None:
        return {"text": "–"} if group["n"] == 0 else {"withheld": True}
    if group["sd"] is None:
        return {"text": group["mean_text"]}
    return {"text": f"{group['mean_text']} ({group['sd_text']})"}


def _count(level: Mapping[str, Any]) -> dict[str, Any]:
    if level["n"] is None:
        return {"withheld": True}
    counted = people_short(level, "n")
    return {"text": f"{counted} ({level['share']})" if level["share"] else counted}
