"""The test of several effects at once, in words."""

from typing import Any

from django.utils.translation import gettext

from portal.web.templatetags.text import fixed, pvalue


def why_plain(test: dict[str, Any] | None) -> str:
    """Why a test over several sites is the plain χ²: each compares levels `apart` from the others',
    or they are so `alike` that another test would be too sure. Empty where it is another test."""
    if not test or (test.get("k") or 0) < 2 or test.get("df_residual") is not None:
        return ""
    shared = any((one.get("k") or 0) > 1 for one in test.get("differences", ()))
    return "alike" if shared else "apart"


def tested_together(answer: dict[str, Any]) -> list[dict[str, str]]:
    """Which test the p-value of a difference, or of all levels, is from, and what one model over
    all rows says."""
    difference, beside = answer.get("interaction_test"), answer.get("checked_another_way")
    test = difference or answer.get("overall_test")
    if not test:
        return []
    penalised = gettext("Firth’s penalised likelihood ratio: %(statistic)s, %(df)s df, %(p)s")
    words = {
        "penalised LR": penalised,
        "Q": gettext("Cochran’s Q between sites: %(statistic)s, %(df)s df, %(p)s"),
        "Wald": gettext("Wald’s χ² of the sites’ differences: %(statistic)s, %(df)s df, %(p)s"),
        "Wald F": gettext(
            "Wald’s F of the sites’ differences: %(statistic)s, %(df)s and %(rest)s df, %(p)s"
        ),
    }
    if not difference:
        words |= {
            "Wald": gettext("Wald’s χ² of the levels’ effects: %(statistic)s, %(df)s df, %(p)s"),
            "Wald F": gettext(
                "Wald’s F of the levels’ effects: %(statistic)s, %(df)s and %(rest)s df, %(p)s"
            ),
        }
    if test["test"] not in words or (
        test["test"] not in ("Q", "penalised LR") and test.get("k") is None
    ):
        return []
    said = words[test["test"]] % {
        "statistic": fixed(test["statistic"], 1),
        "df": test["df"],
        "rest": test.get("df_residual"),
        "p": pvalue(
            test["p_value"],
            about=any(one.get("approximate") for one in test.get("differences", ())),
        ),
    }
    if beside and beside["p_value"] is not None:
        text = gettext("%(said)s; one model over all rows: %(p)s")
        said = text % {"said": said, "p": pvalue(beside["p_value"])}
    label = gettext("Test of difference") if difference else gettext("All levels together")
    return [{"label": label, "value": said}]
