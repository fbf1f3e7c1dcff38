"""A mapping's status, computed from what becomes of the values; and what a rule is refused with.

Whether a dataset can provide a variable at all is for people to say: impossible, undetermined.
"""

from typing import Any

from django.utils.translation import gettext, ngettext

from datasets.choices import ColumnType, MappingStatus
from datasets.variables.models import SharedVariable
from portal.common.text import counted, listed

NAMED = 10
"""So many of the missed values a refusal names."""


def of_rule(account: dict[str, Any]) -> MappingStatus:
    """Complete where every value is accounted for, and some are kept."""
    if account["unaccounted"] or not account["kept"]:
        return MappingStatus.PARTIAL
    return MappingStatus.COMPLETE


def keeps_nothing(account: dict[str, Any]) -> bool:
    """Whether there are values, none is kept, and not because the rule says so.

    Of a rule that reads one column what it makes of missing cells is no value kept.
    """
    lost = account["unaccounted"]
    all_lost = account["missed"] and lost + account["on_purpose"] == account["values"]
    return bool(lost) and (not account["kept"] or bool(all_lost))


def nothing_kept() -> str:
    """What whoever may not see the values is told."""
    return gettext("This rule would lose every value, so nothing was saved.")


def what_was_missed(account: dict[str, Any], rule: dict[str, Any], variable: SharedVariable) -> str:
    """The values that the rule misses, and which of them it may have meant."""
    lost = ngettext(
        "%(count)s value would be lost, so nothing was saved.",
        "All %(count)s values would be lost, so nothing was saved.",
        account["unaccounted"],
    ) % {"count": counted(account["unaccounted"])}
    missed = [str(one["value"]) for one in account["missed"]]
    if not missed:
        return gettext("The rule gives no value in any row. %(lost)s") % {"lost": lost}
    values = listed(missed[:NAMED])
    if len(missed) > NAMED:
        values = listed([*missed[:NAMED], gettext("others")])
    if rule["kind"] == "recode":
        meant = close_to(missed, list(rule["map"]))
        sentence = (
            gettext(
                "None of your rules has a value for %(values)s: did you mean %(meant)s? %(lost)s"
            )
            if meant
            else gettext("None of your rules has a value for %(values)s. %(lost)s")
        )
    elif rule["kind"] == "copy" and variable.codes:
        meant = close_to(missed, list(variable.codes))
        sentence = gettext("The variable has no code for %(values)s: recode them. %(lost)s")
    elif rule["kind"] == "expression":
        sentence = gettext("The expression gives no value for %(values)s. %(lost)s")
        meant = []
    else:
        sentence = gettext("%(values)s cannot be read as the type “%(type)s”. %(lost)s")
        meant = []
    return sentence % {
        "values": values,
        "meant": listed(meant),
        "lost": lost,
        "type": ColumnType(variable.type).label,
    }


def close_to(missed: list[str], named: list[str]) -> list[str]:
    """Those of the missed values that differ from a named one in case, spaces and zeros alone."""
    known = {_folded(name) for name in named}
    return [value for value in missed if _folded(value) in known]


def _folded(value: str) -> str:
    text = "".join(value.split()).casefold().strip(".")
    try:
        return str(float(text.replace(",", ".")))
    except ValueError:
        return text
