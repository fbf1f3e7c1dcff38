"""Effects by site and region as a forest, and whether the sites agree."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.methods.intervals import predicted, wider
from datasets.engine.methods.regression.reservations import LEAST_WEIGHT, MOST_LOST
from datasets.engine.methods.shared.agreement import Agreement, agreement
from datasets.engine.methods.shared.moved_spread import i2_by_rounding
from portal.common.countries import name_of, region_name
from portal.common.text import RowCount
from portal.web.figures.forest import Forest, Group, Row
from portal.web.templatetags.text import effect, exp, fixed, percent, pvalue, sig

FIGURE_CAPTION = gettext_lazy("%(measure)s of %(outcome)s for %(term)s, by site and region.")


LEAST_FUNNEL = 10
"""Studies below which a funnel shows nothing but chance."""


def forest_of(
    entry: dict[str, Any],
    term: str,
    answer: dict[str, Any],
    measure: str,
    outcome: str,
    lost: dict[str, float] | None = None,
    *,
    sides: tuple[str, str] | tuple[()] = (),
) -> Forest | None:
    """Sites below their regions; regions of three sites and more are pooled too.

    Where the question is whether the effect differs there is no line for all sites. A site says in
    its line that it hardly counts, or what share of its rows it has `lost` where that is much.
    `sides` are the heads left and right of no effect.
    """
    if not entry["studies"]:
        return None
    step, groups = answer["step"], []
    regions = {region["region"]: region for region in entry["regions"]}
    for name in dict.fromkeys(study["region"] for study in entry["studies"]):
        rows = [
            Row(
                study["label"],
                estimate=study["estimate"] * step,
                lower=_times(study["ci"][0], step),
                upper=_times(study["ci"][1], step),
                weight=study["weight"],
                note=_note(study, lost or {}),
                marks=_marks(study),
                cells=(_people([study]),),
            )
            for study in entry["studies"]
            if study["region"] == name
        ]
        groups.append(Group(region_name(name), rows, _region(regions.get(name), step)))
    differs = answer["interaction_test"] is not None
    pooled = None if differs else _overall(entry, answer)
    return Forest(
        measure,
        groups,
        about=gettext(
            "Estimates marked as rounded left their site rounded, no finer than their errors; "
            "their intervals allow for it."
        )
        if is_rounded(entry["studies"])
        else "",
        overall=_row(gettext("All sites"), *pooled[:2], _people(entry["studies"]))
        if pooled
        else None,
        prediction=pooled[2] if pooled else None,
        ratio=answer["scale"] == "ratio",
        level=_level(answer),
        heads=(gettext("Rows"),),
        favours=sides,
        caption=FIGURE_CAPTION % {"measure": measure, "outcome": outcome, "term": term},
    )


def _times(end: float | None, step: float) -> float | None:
    """An end of an interval in steps of the exposure; of Firth's one may be open."""
    return None if end is None else end * step


def _note(study: dict[str, Any], lost: dict[str, float]) -> str:
    place, share = name_of(study["country"]), lost.get(study["site"], 0.0)
    if share > MOST_LOST:
        return gettext("%(place)s, without %(share)s of its rows") % {
            "place": place,
            "share": percent(share, 0),
        }
    if study["weight"] < LEAST_WEIGHT:
        return gettext("%(place)s, hardly counts") % {"place": place}
    # A site that is called by its country would have that name twice.
    return "" if place == study["label"] else place


def _marks(study: dict[str, Any]) -> list[str]:
    """How an estimate came about, where that is not as of most."""
    marks = []
    if study["method"] == "firth":
        marks.append(gettext("Firth’s penalised estimate"))
    if study.get("approximate", False):
        marks.append(gettext("estimate rounded"))
    return marks


def levels_of(
    answer: dict[str, Any], measure: str, sides: tuple[str, str], level: Callable[[str], str]
) -> Forest:
    """One line for each level of the other variable; nothing is pooled over them."""
    rows = [
        Row(
            level(one["level"]),
            estimate=one["estimate"],
            lower=one["ci"][0] if one["ci"] else None,
            upper=one["ci"][1] if one["ci"] else None,
            marks=[gettext("estimate rounded")] if one.get("approximate", False) else (),
        )
        for one in answer["by"]
    ]
    return Forest(
        measure,
        [Group("", rows)],
        ratio=answer["scale"] == "ratio",
        level=_level(answer),
        favours=sides,
        lines=gettext("Level"),
    )


def _overall(
    entry: dict[str, Any], answer: dict[str, Any]
) -> tuple[float, list[float], list[float] | None] | None:
    """What all sites say together: the answer, or of one level of several its own pool."""
    if answer["estimate"] is not None:
        return answer["estimate"], answer["ci"], answer["prediction_interval"]
    pooled = entry["overall"]
    if pooled is None:
        return None
    step = answer["step"]
    ends = predicted(pooled, entry["heterogeneity"]["tau2"], sites_in(entry))
    return (
        pooled["estimate"] * step,
        [end * step for end in wider(pooled)],
        ends and [end * step for end in ends],
    )


def _level(answer: dict[str, Any]) -> str:
    """What an estimate is of, and its interval."""
    if not answer["contrast"]:
        return gettext("95% CI")
    return gettext("%(contrast)s, 95%% CI") % {"contrast": answer["contrast"]}


def sides_of(outcome: str, *, counted: bool) -> tuple[str, str]:
    """What lies left and right of no effect: of a measured outcome lower and higher values."""
    if not counted:
        return (
            gettext("Lower %(outcome)s") % {"outcome": outcome},
            gettext("Higher %(outcome)s") % {"outcome": outcome},
        )
    return (
        gettext("Less %(outcome)s") % {"outcome": outcome},
        gettext("More %(outcome)s") % {"outcome": outcome},
    )


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
    low, high = (effect(_shown(value, ratio)) for value in (min(found), max(found)))
    says = [gettext("Their estimates run from %(low)s to %(high)s.") % {"low": low, "high": high}]
    says.append(_told_by_i2(spread, rounded=is_rounded(entry["studies"])))
    says += _moved_by_rounding(entry["studies"])
    if left_out:
        found = [_shown(one["estimate"], ratio) for one in left_out]
        says.append(
            gettext("Leaving out any one site moves the answer between %(low)s and %(high)s.")
            % {"low": effect(min(found)), "high": effect(max(found))}
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
                "Of that spread I² puts %(share)s down to true differences between sites, which "
                "cannot be bounded: some of the estimates are rounded."
            )
            % share
        )
    if spread["i2_ci"] is None:
        return (
            gettext(
                "Of that spread I² puts %(share)s down to true differences between sites, which "
                "cannot be bounded from so few sites: they lie closer together than chance alone "
                "would have them."
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
    return [
        gettext("Rounding of the estimates alone could put I² anywhere from %(low)s to %(high)s.")
        % {"low": low, "high": high}
    ]


def _region(region: dict[str, Any] | None, step: float) -> Row | None:
    if region is None or region["k"] < 2:
        return None
    if region["overall"] is None:
        return Row(gettext("Two sites: not pooled"), cells=(_people([region]),), told=False)
    i2, overall = region["heterogeneity"]["i2"], region["overall"]
    ci = [end * step for end in wider(overall)]
    row = _row(gettext("Region pooled"), overall["estimate"] * step, ci, _people([region]))
    note = gettext("I² %(share)s") % {"share": _percent(i2)} if i2 is not None else ""
    return replace(row, weight=region["weight"], note=note)


def _row(label: str, estimate: float, ci: list[float], people: str) -> Row:
    return Row(label, estimate=estimate, lower=ci[0], upper=ci[1], cells=(people,))


def _people(studies: Sequence[dict[str, Any]]) -> str:
    """How many rows these have together; results from before some were rounded do not say so."""
    none = RowCount(0)
    return sum((RowCount(one["n"], one.get("approximate", False)) for one in studies), none).short


def _shown(value: Any, ratio: bool) -> Any:
    return exp(value) if ratio else value


def _percent(value: float | None) -> str:
    return percent(None if value is None else value / 100, 0)


def _unbounded(rounded: bool) -> str:
    """Why a measure of spread has no interval, as the sentence above it says."""
    if rounded:
        return gettext("cannot be bounded: some estimates are rounded")
    return gettext("cannot be bounded from so few sites")


def _ends(values: list[float] | None, rounded: bool) -> str:
    if not values:
        return _unbounded(rounded)
    return gettext("%(low)s–%(high)s") % {"low": sig(values[0], 2), "high": sig(values[1], 2)}


def _percents(values: list[float] | None, rounded: bool) -> str:
    if not values:
        return _unbounded(rounded)
    return gettext("%(low)s–%(high)s") % {"low": fixed(values[0], 0), "high": _percent(values[1])}
