"""A sentence on what to look at before a rule is trusted."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext, ngettext

from datasets.engine.mapping.rules import KEEP
from portal.common.text import counted, listed
from portal.web.templatetags.text import number


class RuleCaution(str):
    """A sentence, and what it says in a few words (`brief`) for where there is little room.

    `code` is the value it speaks of, where the rule takes one as measured that may mean missing.
    """

    __slots__ = ("brief", "code")
    brief: str
    code: str

    def __new__(cls, sentence: str, brief: str, code: str = "") -> "RuleCaution":
        self = super().__new__(cls, sentence)
        self.brief, self.code = brief, code
        return self


def codes_kept(cautions: Iterable[RuleCaution]) -> list[str]:
    """The values that may mean missing and that the rule takes as measured."""
    return [one.code for one in cautions if one.code]


def codes_told(cautions: Iterable[RuleCaution]) -> str:
    """The same for people; empty where there are none."""
    return listed([number(float(code)) for code in codes_kept(cautions)])


def with_missing(rule: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    """A rule that takes values as measured, with these set missing."""
    if rule["kind"] == "unit":
        return rule | {"missing": [*(rule.get("missing") or ()), *codes]}
    named = rule.get("map", {}) | dict.fromkeys(codes)
    return rule | {"kind": "recode", "map": named, "otherwise": KEEP}


def of_account(account: dict[str, Any] | None) -> list[RuleCaution]:
    """That a rule gives no row a value, for whoever is shown what becomes of the values.

    It is kept all the same: a hospital whose file has 0 in every row never measured it.
    """
    if account is None or account["kept"]:
        return []
    brief = gettext("no row has a value")
    if not account["values"]:
        text = gettext(
            "What this rule reads is empty in every row: no row of these data has the variable."
        )
        return [RuleCaution(text, brief)]
    text = ngettext(
        "Its %(count)s value is missing by this rule: no row of these data has the variable.",
        "All %(count)s values are missing by this rule: no row of these data has the variable.",
        account["values"],
    )
    return [RuleCaution(text % {"count": counted(account["values"])}, brief)]
