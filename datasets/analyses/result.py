"""A finished analysis as its page shows it: figures, tables and words for each method."""

from typing import Any

from django.utils.translation import gettext, ngettext

from datasets.analyses.models import Analysis
from datasets.analyses.shown import Answer
from datasets.analyses.words import (
    DIFFERENCE_CAPTION,
    ERRORS,
    ESTIMATION,
    MODELS,
    ODDS_CAPTION,
    called,
)
from datasets.analyses.work import variable_infos
from datasets.choices import Method
from datasets.engine.methods import METHODS
from portal.common.countries import name_of
from portal.web.figures.forest import Forest, Group, Row
from portal.web.templatetags.text import exp, fixed, number, percent, pvalue

LEAST_FUNNEL = 3


QUARTILES = ("0.25", "0.5", "0.75")


def context_of(analysis: Analysis, answer: Answer, term: str) -> dict[str, Any]:
    """What the page of this method needs besides the analysis itself."""
    shape = {
        Method.REGRESSION: regression,
        Method.DESCRIBE: describe,
        Method.CORRELATION: correlation,
    }[Method(analysis.method)]
    context = shape(analysis, answer.result, term)
    return context | {"said": said_of(analysis, answer.result, context.get("row"))}


def said_of(
    analysis: Analysis, result: dict[str, Any], row: dict[str, Any] | None
) -> dict[str, Any]:
    """The answer in one sentence: of a regression, about the term the page shows."""
    if row is not None:
        result = result | {"coefficients": [row]}
    variables = {info.name: info for info in variable_infos(analysis)}
    method = METHODS[analysis.method]
    parameters = method.parameters.from_json(analysis.parameters)
    said = method.say(parameters, method.result.from_json(result), variables).to_json()
    before, emphasis, after = said["sentence"].partition(said["emphasis"] or "\0")
    return said | {"before": before, "after": after, "emphasis": emphasis}


def regression(analysis: Analysis, result: dict[str, Any], term: str) -> dict[str, Any]:
    """The effect of one term by site and region, and every table of the model."""
    ratio = result["family"] == "binomial"
    entries = {entry["term"]: entry for entry in result["two_stage"]}
    rows = {row["term"]: row for row in result["coefficients"]}
    terms = [name for name in entries if name in rows] or list(rows)[1:]
    chosen = term if term in terms else next(iter(terms), "")
    entry, row = entries.get(chosen), rows.get(chosen)
    measure = gettext("Odds ratio") if ratio else gettext("Difference")
    forest = forest_of(entry, measure, ratio, result["outcome"]) if entry else None
    return {
        "ratio": ratio,
        "measure": measure,
        "terms": terms,
        "term": chosen,
        "entry": entry,
        "row": row,
        "forest": forest,
        "agreement": agreement_of(entry, forest, ratio) if entry and forest else None,
        "method": method_of(analysis, result),
        "figures": max(len(result["two_stage"]), 1),
    }


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
        groups.append(Group(name, rows, _region(regions.get(name))))
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


def agreement_of(entry: dict[str, Any], forest: Forest, ratio: bool) -> dict[str, Any] | None:
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


def method_of(analysis: Analysis, result: dict[str, Any]) -> list[dict[str, str]]:
    """The model in words."""
    parameters = analysis.parameters
    model = (
        gettext("%(model)s, %(estimation)s, a level of its own for each site; %(errors)s")
        if parameters["site_effects"]
        else gettext("%(model)s, %(estimation)s, no site effects; %(errors)s")
    ) % {
        "model": MODELS[result["family"]],
        "estimation": ESTIMATION[result["method"]],
        "errors": ERRORS[parameters["standard_errors"]],
    }
    rows = [
        {"label": gettext("Outcome"), "value": parameters["outcome"]},
        {
            "label": gettext("One stage"),
            "value": model,
        },
        {
            "label": gettext("Two stages"),
            "value": gettext(
                "A model per site, pooled with random effects (REML, Hartung–Knapp interval)"
            ),
        },
        {"label": gettext("Explained by"), "value": ", ".join(parameters["terms"])},
    ]
    if parameters["interactions"]:
        pairs = ", ".join(" × ".join(pair) for pair in parameters["interactions"])
        rows.append({"label": gettext("Interactions"), "value": pairs})
    if result["n"] is not None and result["n_excluded"] is not None:
        whole = result["n"] + result["n_excluded"]
        share = percent(result["n_excluded"] / whole) if whole else "–"
        rows.append(
            {
                "label": gettext("Missing data"),
                "value": ngettext(
                    "Complete cases: %(left_out)s of %(whole)s row left out (%(share)s)",
                    "Complete cases: %(left_out)s of %(whole)s rows left out (%(share)s)",
                    whole,
                )
                % {
                    "left_out": number(result["n_excluded"]),
                    "whole": number(whole),
                    "share": share,
                },
            }
        )
    for one in result["excluded_sites"]:
        rows.append(
            {
                "label": gettext("Without %(site)s") % {"site": one["site"]},
                "value": one["reason"],
            }
        )
    return rows


def describe(analysis: Analysis, result: dict[str, Any], term: str) -> dict[str, Any]:
    """Each variable's table: one line for everything, one per group."""
    labels = {variable["name"]: variable["label"] for variable in analysis.variables}
    described = []
    for variable in result["variables"]:
        lines = [{"level": gettext("All rows"), "whole": True, **variable["overall"]}]
        lines += [
            one | {"level": gettext("No group") if one["level"] is None else one["level"]}
            for one in variable["groups"]
        ]
        for line in lines:
            quantiles = line.get("quantiles") or {}
            quartiles = [quantiles.get(at) for at in QUARTILES]
            line["quartiles"] = None if None in quartiles else quartiles
        described.append(variable | {"label": labels.get(variable["name"], ""), "lines": lines})
    grouped_by = called(result["by"]) if result["by"] else ""
    return {
        "described": described,
        "grouped_by": grouped_by,
        "method": [
            {"label": gettext("Side by side"), "value": grouped_by or gettext("all together")},
            {"label": gettext("Quantiles"), "value": gettext("R’s type 7, from counts of values")},
        ],
    }


def correlation(analysis: Analysis, result: dict[str, Any], term: str) -> dict[str, Any]:
    """The matrix in the order that puts like beside like, and every pair."""
    names = result["variables"]
    order = [names.index(name) for name in result["order"]]
    matrix = [[result["matrix"][i][j] for j in order] for i in order]
    known = [pair for pair in result["pairs"] if pair["r"] is not None]
    pairs = sorted(known, key=lambda pair: -abs(pair["r"]))
    return {
        "order": result["order"],
        "matrix": matrix,
        "pairs": pairs,
        "across": across(result["across_sites"]),
        "method": [
            {
                "label": gettext("Coefficient"),
                "value": gettext("Pearson’s r, differences between sites taken out")
                if result["within_site"]
                else gettext("Pearson’s r, over all rows"),
            },
            {
                "label": gettext("Missing data"),
                "value": gettext("Listwise complete rows")
                if result["missing"] == "listwise"
                else gettext("Pairwise complete rows"),
            },
            {
                "label": gettext("Many tests"),
                "value": ngettext(
                    "%(count)s pair; q is Benjamini–Hochberg’s adjusted p",
                    "%(count)s pairs; q is Benjamini–Hochberg’s adjusted p",
                    len(known),
                )
                % {"count": len(known)},
            },
            {
                "label": gettext("Across sites"),
                "value": gettext("Fisher’s z per site, pooled (REML, Hartung–Knapp)"),
            },
        ],
    }


def across(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pooled correlations, back on the scale of r."""
    return [
        {
            "x": one["x"],
            "y": one["y"],
            "k": len(one["studies"]),
            "r": _tanh(one["overall"]["estimate"]),
            "ci": [_tanh(end) for end in one["overall"]["ci"]],
            "i2": one["heterogeneity"]["i2"],
        }
        for one in entries
    ]


def _tanh(z: float) -> float:
    return 1 - 2 / (float(exp(2 * z)) + 1)


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
