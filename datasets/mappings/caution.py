"""A sentence on what to look at before a rule is trusted."""

from typing import Any

from django.utils.translation import gettext, ngettext

from portal.common.text import counted


class RuleCaution(str):
    """A sentence, and what it says in a few words (`brief`) for where there is little room."""

    __slots__ = ("brief",)
    brief: str

    def __new__(cls, sentence: str, brief: str) -> "RuleCaution":
        self = super().__new__(cls, sentence)
        self.brief = brief
        return self


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
