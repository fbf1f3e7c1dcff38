"""The checks before an estimate as a page tells them: what was found, what is asked for, whether
it passes."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from portal.common.text import Text, listed
from portal.web.templatetags.text import number, percent, sig

Say = Callable[[float], str]


def _percent(value: float) -> str:
    return percent(value / 100, 0)


def _whole(value: float) -> str:
    return number(round(value))


def _short(value: float) -> str:
    return sig(value, 2)


LABELS: dict[str, tuple[Text, Say]] = {
    "sites": (gettext_lazy("Sites that can answer"), _whole),
    "rows_used": (gettext_lazy("Rows used"), lambda value: percent(value, 0)),
    "largest_weight": (gettext_lazy("Largest weight of a site"), _percent),
    "smallest_weight": (gettext_lazy("Smallest weight of a site"), _percent),
    "events_per_parameter": (gettext_lazy("Rarer outcome per coefficient"), _short),
    "residual_df": (gettext_lazy("Residual degrees of freedom"), _whole),
    "separation": (gettext_lazy("Separation by the exposure"), _whole),
    "condition_number": (gettext_lazy("Condition number of the terms"), _short),
    "heterogeneity": (gettext_lazy("I² between sites"), _percent),
    "convergence": (gettext_lazy("Models without a maximum"), _whole),
    "smallest_pair": (gettext_lazy("Rows of the smallest pair"), lambda value: percent(value, 0)),
    "definiteness": (gettext_lazy("Smallest eigenvalue of the matrix"), _short),
    "values_known": (gettext_lazy("Values known, at least"), lambda value: percent(value, 0)),
}
"""Each check's name for people, and how its numbers are written."""

LEAST = frozenset(
    {
        *("sites", "rows_used", "smallest_weight", "events_per_parameter", "residual_df"),
        *("smallest_pair", "definiteness", "values_known"),
    }
)
"""Checks whose number is to be at least the threshold; the others' at most."""

SOURCES: dict[str, Text] = {
    "events_per_parameter": gettext_lazy("Vittinghoff and McCulloch 2007"),
}
"""Who found that a threshold is one, where somebody did."""

OUTCOMES: dict[str, tuple[Text, str, str]] = {
    "fail": (gettext_lazy("Fails"), "circle-alert", "text-danger"),
    "error": (gettext_lazy("Error"), "circle-alert", "text-danger"),
    "pass_with_rows_failing": (gettext_lazy("Passes in part"), "triangle-alert", "text-warning"),
    "pass": (gettext_lazy("Passes"), "circle-check", "text-ok"),
    "not_applicable": (gettext_lazy("Does not apply"), "circle-dashed", "text-quiet"),
}
"""Each outcome in words, its icon and its colour; the worst first."""


UNTOLD = {"heterogeneity": gettext_lazy("It can’t be told")}
"""What stands where a number was found that is no ground for a verdict."""


def checks_of(diagnostics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The rows of the table, failing ones first, those that fail, and how many pass."""
    order = list(OUTCOMES)
    of_pairs = any(one["name"] == "smallest_pair" for one in diagnostics)
    rows = [
        _row(one) | {"where": _where(one, of_pairs=of_pairs)}
        for one in sorted(diagnostics, key=lambda one: order.index(one["outcome"]))
    ]
    counted = Counter(one["outcome"] for one in diagnostics)
    asked = len(diagnostics) - counted["not_applicable"]
    passed = ngettext("%(passed)s of %(count)s passes", "%(passed)s of %(count)s pass", asked) % {
        "passed": counted["pass"],
        "count": asked,
    }
    if not asked:
        passed = gettext("none applies here")
    elif counted["not_applicable"]:
        text = ngettext(
            "%(passed)s, %(count)s does not apply or can’t be told",
            "%(passed)s, %(count)s do not apply or can’t be told",
            counted["not_applicable"],
        )
        passed = text % {"passed": passed, "count": counted["not_applicable"]}
    short = [str(row["label"]) for row in rows if row["outcome"] not in ("pass", "not_applicable")]
    if short:
        passed = gettext("%(passed)s; not, or in part: %(names)s") % {
            "passed": passed,
            "names": ", ".join(short),
        }
    return {
        "rows": rows,
        "failing": [row for row in rows if row["outcome"] in ("fail", "error")],
        "passed": passed,
    }


def _row(one: dict[str, Any]) -> dict[str, Any]:
    label, say = LABELS[one["name"]]
    word, icon, colour = OUTCOMES[one["outcome"]]
    if one["outcome"] == "not_applicable" and one["value"] is not None:
        word = UNTOLD.get(one["name"], word)
    threshold = one["threshold"]
    asked = ""
    if threshold is not None:
        limit = (
            gettext("at least %(value)s") if one["name"] in LEAST else gettext("at most %(value)s")
        )
        asked = limit % {"value": say(threshold)}
    return {
        "outcome": one["outcome"],
        "label": label,
        "found": "" if one["value"] is None else say(one["value"]),
        "asked": asked,
        "source": SOURCES.get(one["name"], "") if asked else "",
        "word": word,
        "icon": icon,
        "colour": colour,
    }


def _where(one: dict[str, Any], *, of_pairs: bool) -> str:
    """Where a check does not pass."""
    if one.get("failing"):
        return gettext("not at %(sites)s") % {"sites": listed(one["failing"])}
    if one["outcome"] != "pass_with_rows_failing":
        return ""
    if of_pairs:
        return gettext("not for every pair")
    return gettext("at which sites it does not is withheld")
