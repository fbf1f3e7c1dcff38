"""The page of `regression`: one effect by site and region, and the model around it."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.methods.forests import agreement_of, forest_of, levels_of, sides_of
from datasets.analyses.methods.intervals import intervals_of
from datasets.analyses.methods.page import MethodPage
from datasets.analyses.methods.regression_form import RegressionForm
from datasets.analyses.methods.variables import Shown, step_of, term_of, variables_of
from datasets.analyses.models import Analysis
from datasets.analyses.words import called
from datasets.engine.methods.regression.parameters import Parameters
from portal.common.text import RowCount, listed
from portal.web.templatetags.text import percent

MODELS = {
    "binomial": gettext_lazy("Logistic regression"),
    "gaussian": gettext_lazy("Linear regression"),
}


ESTIMATION = {
    "ml": gettext_lazy("maximum likelihood"),
    "firth": gettext_lazy("Firth’s penalised likelihood"),
    "ols": gettext_lazy("least squares"),
}


ERRORS = {
    "model": gettext_lazy("standard errors from the model"),
    "hc1": gettext_lazy("robust standard errors (HC1)"),
    "hc3": gettext_lazy("robust standard errors (HC3)"),
}


def context(analysis: Analysis, result: dict[str, Any], term: str) -> dict[str, Any]:
    """The answer by site and region, and every table of the models."""
    answer = result["answer"] or {"terms": [], "by": [], "scale": "ratio"}
    ratio = result["family"] == "binomial"
    variables = variables_of(analysis)
    outcome = variables[result["outcome"]].within
    entries = {entry["term"]: entry for entry in result["two_stage"]}
    terms = [name for name in answer["terms"] if name in entries]
    chosen = term if term in terms else next(iter(terms), "")
    entry = entries.get(chosen)
    measure = measure_of(result, variables)
    counted = is_yes_no(result["outcome"], variables)
    sides = sides_of(outcome, counted=ratio or counted)
    if answer["terms"] and not ratio and counted:
        answer = in_points(answer)
    pairs = analysis.parameters["interactions"]
    own_pairs = [pair for pair in pairs if "site" not in pair]
    differs = bool(pairs) and answer.get("interaction_test")
    label = called_as(analysis.parameters["exposure"], variables)
    heading = gettext("%(exposure)s: effect by region and site") % {"exposure": label}
    forest = None
    if entry:
        forest = forest_of(
            entry,
            term_of(chosen, variables),
            answer,
            measure,
            outcome,
            lost_at(result),
            sides=sides,
        )
    if any("level" in one for one in answer["by"]) and differs:
        other = Parameters.from_json(analysis.parameters).modifier
        level = variables[other].level if other in variables else str
        forest = levels_of(answer, measure, sides, level)
        heading = gettext("%(exposure)s: effect by %(other)s") % {
            "exposure": label,
            "other": variables[other].within if other in variables else other,
        }
    return {
        "ratio": ratio,
        "measure": measure,
        "terms": [{"name": one, "label": term_of(one, variables)} for one in terms],
        "term": chosen,
        "heading": heading,
        "entry": entry,
        "forest": forest,
        "agreement": agreement_of(entry, answer) if entry and forest and not differs else None,
        "another_way": another_way(answer, entry),
        "disagrees": result.get("shown", True)
        and (answer.get("checked_another_way") or {}).get("agrees") is False,
        "method": method_of(analysis, result, variables),
        "coefficients": [
            row | against_site(row["term"], result)
            for row in conditional(result["coefficients"], pairs, variables)
        ],
        "sites": [
            site | {"coefficients": conditional(site["coefficients"], own_pairs, variables)}
            for site in result["by_site"]
        ],
        "has_firth": any(site["method"] == "firth" for site in result["by_site"]),
        "term_tests": tests_of(analysis, result["term_tests"], variables),
        "interaction_tests": tests_of(analysis, result["interaction_tests"], variables),
    }


def is_yes_no(name: str, variables: dict[str, Shown]) -> bool:
    """Whether a variable is one of two answers."""
    return name in variables and variables[name].is_yes_no


def measure_of(result: dict[str, Any], variables: dict[str, Shown]) -> str:
    """What an effect is, and in which unit of the outcome."""
    if result["family"] == "binomial":
        return gettext("Odds ratio")
    outcome = result["outcome"]
    if is_yes_no(outcome, variables):
        return gettext("Difference (percentage points)")
    if outcome in variables and variables[outcome].unit:
        return gettext("Difference (%(unit)s)") % {"unit": variables[outcome].unit}
    return gettext("Difference")


def in_points(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer in percentage points, as its sentence has it; all of it follows its step."""

    def points(one: dict[str, Any]) -> dict[str, Any]:
        found = dict(one)
        for name in {"estimate", "ci", "prediction_interval"} & one.keys():
            value = one[name]
            if isinstance(value, list):
                found[name] = [None if end is None else 100 * end for end in value]
            elif value is not None:
                found[name] = 100 * value
        return found

    beside = answer["checked_another_way"]
    return points(answer) | {
        "step": 100 * answer["step"],
        "by": [points(one) for one in answer["by"]],
        "checked_another_way": beside and points(beside),
    }


def lost_at(result: dict[str, Any]) -> dict[str, float]:
    """The share of rows that each site lost for want of a value, where that may be known."""
    return {
        one["site"]: one["n_excluded"] / (one["n"] + one["n_excluded"])
        for one in result["by_site"]
        if one["n"] and one["n_excluded"] is not None
    }


def tests_of(
    analysis: Analysis, tests: list[dict[str, Any]], variables: dict[str, Shown]
) -> list[dict[str, Any]]:
    """Tests with their kind in words; robust ones with the errors they go with."""
    words = {
        "LR": gettext("likelihood ratio"),
        "F": gettext("F"),
        "Wald": gettext("Wald, robust (%(errors)s)"),
        "Wald F": gettext("Wald’s F, robust (%(errors)s)"),
    }
    errors = analysis.parameters["standard_errors"].upper()
    return [
        one
        | {
            "kind": words[one["test"]] % {"errors": errors},
            "label": term_of(one["term"], variables),
        }
        for one in tests
    ]


def conditional(
    rows: list[dict[str, Any]], pairs: list[list[str]], variables: dict[str, Shown]
) -> list[dict[str, Any]]:
    """A model's coefficients; beside its interaction a main effect is that at a reference.

    It has no p-value here: nobody asked whether there is an effect at that one place.
    """
    other_of: dict[str, list[str]] = {}
    for first, second in pairs:
        other_of.setdefault(first, []).append(second)
        other_of.setdefault(second, []).append(first)
    found = []
    for row in rows:
        row = row | {
            "label": term_of(row["term"], variables),
            "per": step_of(row["term"], variables),
        }
        name = row["term"] if row["term"] in other_of else row["term"].split("[")[0]
        others = other_of.get(name, []) if ":" not in row["term"].removeprefix(name) else []
        if others:
            beside = listed([called_as(other, variables) for other in others])
            row = row | {"p_value": None, "beside": beside}
        found.append(row)
    return found


def against_site(term: str, result: dict[str, Any]) -> dict[str, str]:
    """Of a site's own level in the model over all rows: which site it is told against."""
    levels = {f"site[{site}]": site for site in result["sites"]}
    known = {row["term"] for row in result["coefficients"]}
    references = [site for name, site in levels.items() if name not in known]
    if term not in levels or len(references) != 1:
        return {}
    return {"per": gettext("against %(site)s") % {"site": references[0]}}


def called_as(name: str, variables: dict[str, Shown]) -> str:
    """What people call a variable, or one of the engine's own columns."""
    return str(variables[name]) if name in variables else called(name)


def another_way(answer: dict[str, Any], entry: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The answer beside the same question by other estimators; nothing where there is only one."""
    beside = answer.get("checked_another_way")
    if not beside or beside["estimate"] is None or entry is None or not entry["overall"]:
        return []
    low, high = entry["overall"]["ci_normal"]
    step = answer["step"]
    return [
        {
            "way": gettext("The answer: random effects over the sites"),
            "estimate": answer["estimate"],
            "ci": answer["ci"],
        },
        {
            "way": gettext("The same with the plain interval"),
            "estimate": answer["estimate"],
            "ci": [low * step, high * step],
        },
        {
            "way": gettext(
                "One model over all rows, which takes the effect to be the same everywhere"
            ),
            "estimate": beside["estimate"],
            "ci": beside["ci"],
        },
    ]


def method_of(
    analysis: Analysis, result: dict[str, Any], variables: dict[str, Shown]
) -> list[dict[str, str]]:
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
    exposure = parameters["exposure"]
    others = [called_as(name, variables) for name in parameters["terms"] if name != exposure]
    rows = [
        {"label": gettext("Exposure"), "value": called_as(exposure, variables)},
        {"label": gettext("Outcome"), "value": called_as(parameters["outcome"], variables)},
        *([{"label": gettext("Adjusted for"), "value": ", ".join(others)}] if others else []),
        *_answered_by(result, model, variables),
    ]
    if parameters["interactions"]:
        pairs = ", ".join(
            " × ".join(called_as(name, variables) for name in pair)
            for pair in parameters["interactions"]
        )
        rows.append({"label": gettext("Interactions"), "value": pairs})
    if result["n"] is not None and result["n_excluded"] is not None:
        about = result.get("approximate", False)
        left_out, used = (RowCount(result[name], about) for name in ("n_excluded", "n"))
        whole = left_out + used
        share = percent(left_out.n / whole.n) if whole.n else "–"
        rows.append(
            {
                "label": gettext("Missing data"),
                "value": ngettext(
                    "Complete cases: %(left_out)s of %(whole)s row left out (%(share)s)",
                    "Complete cases: %(left_out)s of %(whole)s rows left out (%(share)s)",
                    whole.quantity,
                )
                % {"left_out": str(left_out), "whole": str(whole), "share": share},
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


def _answered_by(
    result: dict[str, Any], model: str, variables: dict[str, Shown]
) -> list[dict[str, str]]:
    """How the answer was found, and what stands beside it."""
    answer = result["answer"] or {"terms": [], "estimator": ""}
    label = gettext("The answer")
    if not answer["estimator"]:
        return [{"label": gettext("Model"), "value": model}]
    if answer["estimator"] != "REML":
        one_site = answer.get("k") == 1 and len(result["sites"]) > 1
        return [{"label": label, "value": gettext("The model of one site") if one_site else model}]
    pools = [
        (term_of(entry["term"], variables), entry["overall"], entry["heterogeneity"])
        for entry in result["two_stage"]
        if entry["term"] in answer["terms"] and entry["overall"]
    ]
    return [
        {
            "label": label,
            "value": gettext("A model per site, pooled with random effects (REML)"),
        },
        *intervals_of(pools),
        {"label": gettext("Checked another way"), "value": model},
    ]


RELATE = {
    (True, True): gettext_lazy(
        "Relate %(outcome)s to %(terms)s, with a logistic model per site whose effects are then "
        "pooled, and, to check them, with one over all rows that gives each site a level of its "
        "own."
    ),
    (True, False): gettext_lazy(
        "Relate %(outcome)s to %(terms)s, with a logistic model per site whose effects are then "
        "pooled, and, to check them, with one over all rows."
    ),
    (False, True): gettext_lazy(
        "Relate %(outcome)s to %(terms)s, with a linear model per site whose effects are then "
        "pooled, and, to check them, with one over all rows that gives each site a level of its "
        "own."
    ),
    (False, False): gettext_lazy(
        "Relate %(outcome)s to %(terms)s, with a linear model per site whose effects are then "
        "pooled, and, to check them, with one over all rows."
    ),
}


def in_words(parameters: dict[str, Any]) -> str:
    """A question as one would say it."""
    sentences = [
        RELATE[parameters["family"] == "binomial", parameters["site_effects"]]
        % {"outcome": parameters["outcome"], "terms": listed(parameters["terms"])}
    ]
    for first, second in parameters["interactions"]:
        sentences.append(
            gettext("Test whether the effect of %(first)s differs by %(second)s.")
            % {"first": first, "second": called(second)}
        )
    return " ".join(sentences)


PAGE = MethodPage(
    label=gettext_lazy("Regression"),
    introduction=gettext_lazy("What goes with an outcome, and is it the same at every site?"),
    form=RegressionForm,
    in_words=in_words,
    context=context,
)
