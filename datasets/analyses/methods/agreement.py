"""Whether sites agree, in words, numbers and figures."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from datasets.analyses.methods.intervals import wider
from datasets.engine.methods.shared.agreement import Agreement, agreement
from datasets.engine.methods.shared.moved_spread import i2_by_rounding
from portal.web.templatetags.text import fixed, percent, pvalue, shown, sig

LEAST_FUNNEL = 10
"""Studies below which a funnel shows nothing but chance."""


def agreement_of(entry: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
    """Whether the sites agree, in words, numbers and figures."""
    spread, step = entry["heterogeneity"], answer["step"]
    if spread is None or spread["i2"] is None:
        return None
    left_out = [
        {
            "label": one["label"],
            "estimate": one["overall"]["estimate"] * step,
            "ci": [end * step for end in wider(one["overall"])],
        }
        for one in entry["leave_one_out"]
    ]
    between, egger = entry["between_regions"], entry["egger"]
    rounded = is_rounded(entry["studies"])
    tau2_ci = spread["tau2_ci"] and [end * step**2 for end in spread["tau2_ci"]]
    stats = [
        {
            "label": "I²",
            "value": _percent(spread["i2"]),
            "note": _percents(spread["i2_ci"], rounded),
        },
        {
            "label": f"τ² ({entry['overall']['estimator']})",
            "value": sig(spread["tau2"] * step**2, 2),
            "note": _ends(tau2_ci, rounded),
        },
        {
            "label": gettext("Cochran Q"),
            "value": fixed(spread["q"], 1),
            "note": gettext("%(df)s df, %(p)s")
            % {"df": spread["q_df"], "p": pvalue(spread["q_p_value"])},
        },
    ]
    if between:
        stats.append(
            {
                "label": gettext("Between regions"),
                "value": pvalue(between["p_value"]),
                "note": gettext("%(df)s df") % {"df": between["df"]},
            }
        )
    elif len(entry["regions"]) > 1:
        stats.append(
            {
                "label": gettext("Between regions"),
                "value": gettext("not tested"),
                "note": gettext("it can’t be told from differences between sites"),
            }
        )
    ratio = answer["scale"] == "ratio"
    return {
        "title": verdict_of(entry),
        "say": agreement_in_words(entry, left_out, step, ratio),
        "stats": stats,
        "left_out": left_out,
        "egger": pvalue(egger["p_value"]) if egger else "",
        "has_funnel": entry["k"] >= LEAST_FUNNEL,
    }


def found_in(entry: dict[str, Any]) -> Agreement:
    """Whether the sites of a pool agree."""
    spread = entry["heterogeneity"]
    return agreement(
        sites_in(entry),
        spread["i2_ci"],
        spread["q_p_value"],
        is_rounded=is_rounded(entry["studies"]),
    )


def sites_in(entry: dict[str, Any]) -> int:
    """How many sites are pooled: only a regression's entry counts those that are withheld."""
    return len(entry["studies"]) or entry.get("k", 0)


def is_rounded(studies: Sequence[dict[str, Any]]) -> bool:
    """Whether a site's estimate was rounded at its gate, or before it was told."""
    return any(one.get("approximate", False) for one in studies)


def verdict_of(entry: dict[str, Any]) -> str:
    """Do the sites agree? In the words of the engine's table."""
    spread = entry["heterogeneity"]
    match found_in(entry):
        case "alike":
            return gettext("As far as can be told")
        case "too_few":
            return gettext("Too few to tell")
        case "untold":
            return gettext("It can’t be told")
        case "differ_widely":
            return gettext("No, they differ widely")
        case "differ_little":
            return gettext("They differ, but little (%(p)s)") % {"p": pvalue(spread["q_p_value"])}
    return differing(spread["q_p_value"], sites_in(entry))


def differing(q_p_value: float, k: int) -> str:
    """That so many sites differ, which says little of how far."""
    return ngettext(
        "They differ (%(p)s); by how much is uncertain with %(count)s site",
        "They differ (%(p)s); by how much is uncertain with %(count)s sites",
        k,
    ) % {"p": pvalue(q_p_value), "count": k}


def agreement_in_words(
    entry: dict[str, Any], left_out: list[dict[str, Any]], step: float, ratio: bool
) -> str:
    """How far the sites are apart, what I² can say of it, and what leaving sites out does."""
    spread, found = entry["heterogeneity"], [one["estimate"] * step for one in entry["studies"]]
    low, high = (shown(value, ratio) for value in (min(found), max(found)))
    says = [gettext("Their estimates run from %(low)s to %(high)s.") % {"low": low, "high": high}]
    says.append(_told_by_i2(spread, rounded=is_rounded(entry["studies"])))
    says += _moved_by_rounding(entry["studies"])
    if left_out:
        found = [one["estimate"] for one in left_out]
        says.append(
            gettext("Leaving out any one site moves the answer between %(low)s and %(high)s.")
            % {"low": shown(min(found), ratio), "high": shown(max(found), ratio)}
        )
        excludes = {one["ci"][0] * one["ci"][1] > 0 for one in left_out}
        if len(excludes) > 1:
            says.append(
                gettext("Whether it excludes “no difference” hangs on which sites are in it.")
            )
    return " ".join(says)


def _told_by_i2(spread: dict[str, Any], *, rounded: bool) -> str:
    """What I² says, and between which bounds; Q-profile's interval may be empty."""
    share = {"share": _percent(spread["i2"])}
    if spread["i2_ci"] is None and rounded:
        return (
            gettext(
                "Of that spread I² puts %(share)s down to true differences between sites. No range "
                "can be given for that share: as they were rounded, the estimates lie closer "
                "together than any such share, even 0%%, makes likely."
            )
            % share
        )
    if spread["i2_ci"] is None:
        return (
            gettext(
                "Of that spread I² puts %(share)s down to true differences between sites. No range "
                "can be given for that share: these few sites lie closer together than chance "
                "alone would have them."
            )
            % share
        )
    low, high = spread["i2_ci"]
    if not low <= spread["i2"] <= high:
        return gettext(
            "Of that spread I² puts %(share)s down to true differences between sites, though "
            "anything from %(low)s to %(high)s would fit: the two are found in different ways, and "
            "with sites of so unequal weight they need not agree."
        ) % (share | {"low": fixed(low, 0), "high": _percent(high)})
    share |= {"low": fixed(low, 0), "high": _percent(high)}
    return (
        gettext(
            "Of that spread I² puts %(share)s down to true differences between sites; anything "
            "from %(low)s to %(high)s would fit."
        )
        % share
    )


def _moved_by_rounding(studies: Sequence[dict[str, Any]]) -> list[str]:
    """That I² hangs on what rounding took, where it does."""
    found = i2_by_rounding(
        [one["estimate"] for one in studies],
        [one["se"] for one in studies],
        [one.get("approximate", False) for one in studies],
    )
    if found is None:
        return []
    low, high = (_percent(end) for end in found)
    if low == high:
        return []
    return [
        gettext("Rounding of the estimates alone could put I² anywhere from %(low)s to %(high)s.")
        % {"low": low, "high": high}
    ]


def _percent(value: float | None) -> str:
    return percent(None if value is None else value / 100, 0)


def _unbounded(rounded: bool) -> str:
    """Why a measure of spread has no interval, as the sentence above it says."""
    if rounded:
        return gettext("no range: some estimates are rounded")
    return gettext("no range from so few sites")


def _ends(values: list[float] | None, rounded: bool) -> str:
    if not values:
        return _unbounded(rounded)
    ends = {"low": sig(values[0], 2), "high": sig(values[1], 2)}
    return gettext("95%% CI %(low)s–%(high)s") % ends


def _percents(values: list[float] | None, rounded: bool) -> str:
    if not values:
        return _unbounded(rounded)
    ends = {"low": fixed(values[0], 0), "high": _percent(values[1])}
    return gettext("95%% CI %(low)s–%(high)s") % ends
