"""Effects by site and region as a forest, and whether the sites agree."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from portal.common.countries import name_of, region_name
from portal.web.figures.forest import Forest, Group, Row
from portal.web.templatetags.text import exp, fixed, number, percent, pvalue

ODDS_CAPTION = gettext_lazy("Odds ratio of %(outcome)s for %(term)s, by site and region.")


DIFFERENCE_CAPTION = gettext_lazy("Difference of %(outcome)s for %(term)s, by site and region.")


LEAST_FUNNEL = 3


def forest_of(entry: dict[str, Any], measure: str, ratio: bool, outcome: str) -> Forest | None:
    """Sites below their regions, each region pooled where it has more than one site."""
    if not entry["studies"]:
        return None
    groups = []
    regions = {region["region"]: region for region in entry["regions"]}
    for name in dict.fromkeys(study["region"] for study in entry["studies"]):
        rows = [
            Row(
                study["label"],
                estimate=study["estimate"],
                lower=study["ci"][0],
                upper=study["ci"][1],
                weight=study["weight"],
                note=name_of(study["country"]),
                cells=(number(study["n"]),),
            )
            for study in entry["studies"]
            if study["region"] == name
        ]
        groups.append(Group(region_name(name), rows, _region(regions.get(name))))
    overall = entry["overall"]
    term = entry["term"]
    more = gettext("More %(outcome)s") % {"outcome": outcome}
    less = gettext("Less %(outcome)s") % {"outcome": outcome}
    return Forest(
        measure,
        groups,
        overall=_row(gettext("All sites"), overall, sum(s["n"] for s in entry["studies"]))
        if overall
        else None,
        prediction=overall["prediction_interval"] if overall else None,
        ratio=ratio,
        heads=(gettext("Rows"),),
        favours=(less, more),
        caption=(ODDS_CAPTION if ratio else DIFFERENCE_CAPTION)
        % {"outcome": outcome, "term": term},
    )


def agreement_of(entry: dict[str, Any], ratio: bool) -> dict[str, Any] | None:
    """Whether the sites agree, in words, numbers and two figures."""
    spread = entry["heterogeneity"]
    if spread is None:
        return None
    left_out = [
        {
            "label": one["label"],
            "estimate": one["overall"]["estimate"],
            "ci": one["overall"]["ci"],
        }
        for one in entry["leave_one_out"]
    ]
    between, egger = entry["between_regions"], entry["egger"]
    stats = [
        {"label": "I²", "value": _percent(spread["i2"]), "note": _percents(spread["i2_ci"])},
        {"label": f"τ² ({entry['overall']['estimator']})", "value": fixed(spread["tau2"], 3)},
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
    return {
        "say": agreement_in_words(entry, left_out, ratio),
        "stats": stats,
        "left_out": left_out,
        "egger": pvalue(egger["p_value"]) if egger else "",
        "has_funnel": entry["k"] >= LEAST_FUNNEL,
    }


def agreement_in_words(entry: dict[str, Any], left_out: list[dict[str, Any]], ratio: bool) -> str:
    """What I², the prediction interval and leaving sites out say together."""
    i2, pooled = entry["heterogeneity"]["i2"], entry["overall"]
    if i2 is None:
        opening = gettext("One site alone says nothing about agreement.")
    elif i2 < 25:
        opening = gettext("Yes: the sites differ little more than chance would make them.")
    elif i2 < 50:
        opening = gettext("Mostly: the spread between sites is modest.")
    elif i2 < 75:
        opening = gettext(
            "Only in part: a good share of the spread is real difference between sites."
        )
    else:
        opening = gettext("No: the sites differ, and one pooled number hides how much.")
    says = [opening]
    if pooled["prediction_interval"]:
        lower, upper = _shown(pooled["prediction_interval"], ratio)
        sentence = (
            gettext("A new site could see an odds ratio anywhere from %(low)s to %(high)s.")
            if ratio
            else gettext("A new site could see a difference anywhere from %(low)s to %(high)s.")
        )
        says.append(sentence % {"low": fixed(lower), "high": fixed(upper)})
    if left_out:
        found = [_shown(one["estimate"], ratio) for one in left_out]
        sentence = (
            gettext(
                "Leaving out any one site keeps the pooled odds ratio between %(low)s and %(high)s."
            )
            if ratio
            else gettext(
                "Leaving out any one site keeps the pooled difference between %(low)s and %(high)s."
            )
        )
        says.append(sentence % {"low": fixed(min(found)), "high": fixed(max(found))})
    if entry["k"] < 5:
        sentence = ngettext(
            "With %(count)s site all of this is uncertain.",
            "With %(count)s sites all of this is uncertain.",
            entry["k"],
        )
        says.append(sentence % {"count": entry["k"]})
    return " ".join(says)


def _region(region: dict[str, Any] | None) -> Row | None:
    if region is None or region["k"] < 2:
        return None
    i2 = region["heterogeneity"]["i2"]
    row = _row(gettext("Region pooled"), region["overall"], region["n"])
    note = gettext("I² %(share)s") % {"share": _percent(i2)} if i2 is not None else ""
    return Row(**row.__dict__ | {"weight": region["weight"], "note": note})


def _row(label: str, pooled: dict[str, Any], n: int) -> Row:
    return Row(
        label,
        estimate=pooled["estimate"],
        lower=pooled["ci"][0],
        upper=pooled["ci"][1],
        cells=(number(n),),
    )


def _shown(value: Any, ratio: bool) -> Any:
    return exp(value) if ratio else value


def _percent(value: float | None) -> str:
    return percent(None if value is None else value / 100, 0)


def _percents(values: list[float] | None) -> str:
    if not values:
        return ""
    return gettext("%(low)s–%(high)s") % {"low": fixed(values[0], 0), "high": _percent(values[1])}
