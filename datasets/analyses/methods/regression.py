"""The page of `regression`: one effect by site and region, and the model around it."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.analyses.methods.agreement import agreement_of
from datasets.analyses.methods.coefficients import conditional, place_beside, references_of
from datasets.analyses.methods.events import among, events_at, events_of, lost_at
from datasets.analyses.methods.forests import forest_of, levels_of, sides_of, sides_of_odds
from datasets.analyses.methods.intervals import intervals_of, is_narrower
from datasets.analyses.methods.levels import has_levels, heading_of, of_term
from datasets.analyses.methods.page import MethodPage, Notes
from datasets.analyses.methods.regression_form import RegressionForm
from datasets.analyses.methods.several import tested_together, why_plain
from datasets.analyses.methods.variables import (
    ShownVariable,
    called_as,
    level_of,
    term_of,
    variables_of,
    within,
)
from datasets.analyses.models import Analysis
from datasets.analyses.words import called
from datasets.engine.methods.regression.design import SITE
from datasets.engine.methods.regression.parameters import Parameters
from portal.common.text import RowCount, listed
from portal.web.figures.forest import Forest
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

ROBUST = {"hc1": "HC1", "hc3": "HC3"}


def context(analysis: Analysis, result: dict[str, Any], term: str, notes: Notes) -> dict[str, Any]:
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
    sides = sides_of_odds() if ratio else sides_of(outcome, counted=counted)
    if answer["terms"] and not ratio and counted:
        answer = in_points(answer)
    pairs = analysis.parameters["interactions"]
    own_pairs = [pair for pair in pairs if "site" not in pair]
    references = references_of(result, variables)
    events = events_of(result, variables)
    by_level = is_by_level(answer)
    differs = bool(pairs) and (by_level or answer.get("interaction_test"))
    # Beside an interaction a term's own effect is that at one place of the other variable.
    place = place_beside(analysis.parameters["exposure"], own_pairs, variables, result)
    heading, forest = heading_of(analysis, answer, variables, place), None
    if by_level:
        shown = of_term(chosen, analysis, answer, variables)
        heading, forest = by_levels(analysis, shown, variables, measure, outcome, sides)
    elif entry:
        named = term_of(chosen, variables)
        forest = forest_of(
            entry,
            named,
            of_term(chosen, analysis, answer, variables),
            measure,
            outcome,
            lost_at(result),
            sides=sides,
            # Those of every place are not behind what holds at one.
            events=None if place else events,
        )
    return {
        "among": among(result, variables),
        "ratio": ratio,
        "measure": measure,
        "terms": [{"name": one, "label": term_of(one, variables)} for one in terms],
        "term": chosen,
        "heading": heading,
        "entry": entry,
        "forest": forest,
        "by_level": by_level,
        "plain": why_plain(answer.get("interaction_test")),
        "agreement": agreement_of(entry, answer) if entry and forest and not differs else None,
        "another_way": another_way(answer, entry),
        "is_plain": entry is not None
        and entry["overall"] is not None
        and not by_level
        and is_narrower(entry["overall"]),
        "disagrees": result.get("shown", True)
        and (answer.get("checked_another_way") or {}).get("agrees") is False,
        "method": method_of(analysis, result, variables),
        # What Firth's correction penalises has the model's own.
        "robust": "" if result["method"] == "firth" else ROBUST.get(result["standard_errors"], ""),
        "coefficients": conditional(result["coefficients"], pairs, variables, references),
        "sites": [
            site
            | {
                "coefficients": conditional(site["coefficients"], own_pairs, variables, references),
                "events": events_at(site, events),
                "robust": ROBUST.get(site.get("standard_errors", ""), ""),
            }
            for site in result["by_site"]
        ],
        "has_firth": any(site["method"] == "firth" for site in result["by_site"]),
        "term_tests": tests_of(result, "term_tests", pairs, variables),
        "interaction_tests": tests_of(result, "interaction_tests", pairs, variables),
    }


def by_levels(
    analysis: Analysis,
    answer: dict[str, Any],
    variables: dict[str, ShownVariable],
    measure: str,
    outcome: str,
    sides: tuple[str, str],
) -> tuple[str, Forest]:
    """A figure of the levels of another variable, and what stands above it."""
    name = analysis.parameters["exposure"]
    exposure = called_as(name, variables)
    other = Parameters.from_json(analysis.parameters).modifier
    level = variables[other].at if other in variables else str
    caption = gettext("%(measure)s by %(other)s: %(term)s and %(outcome)s.") % {
        "measure": measure,
        "outcome": outcome,
        "term": exposure,
        "other": within(other, variables) if other else "",
    }
    said = {
        "exposure": exposure,
        "other": variables[other].within if other in variables else other,
    }
    heading = gettext("%(exposure)s: effect by %(other)s") % said
    if has_levels(answer):
        heading = gettext("%(exposure)s, against %(reference)s: effect by %(other)s") % {
            **said,
            "reference": level_of(variables, name, answer["reference"]),
        }
    return heading, levels_of(answer, measure, sides, level, caption)


def is_by_level(answer: dict[str, Any]) -> bool:
    """Whether an answer is an effect at each level of another variable: no term's own pool."""
    levels = any("level" in one and "site" not in one for one in answer["by"])
    return levels and (len(answer["terms"]) == 1 or any("at" in one for one in answer["by"]))


def is_yes_no(name: str, variables: dict[str, ShownVariable]) -> bool:
    """Whether a variable is one of two answers."""
    return name in variables and variables[name].is_yes_no


def measure_of(result: dict[str, Any], variables: dict[str, ShownVariable]) -> str:
    """What an effect is, and in which unit of the outcome."""
    if result["family"] == "binomial":
        return gettext("Odds ratio")
    outcome = result["outcome"]
    unit = variables[outcome].unit if outcome in variables else ""
    if is_yes_no(outcome, variables) or unit == "%":
        return gettext("Difference (percentage points)")
    if unit:
        return gettext("Difference (%(unit)s)") % {"unit": unit}
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


def tests_of(
    result: dict[str, Any], table: str, pairs: list[list[str]], variables: dict[str, ShownVariable]
) -> list[dict[str, Any]]:
    """A table of tests with their kind in words; robust ones with the errors they go with. Of a
    term that is part of one of these pairs the test is of the model without it."""
    words = {
        "LR": gettext("likelihood ratio"),
        "penalised LR": gettext("Firth’s penalised likelihood ratio"),
        "F": gettext("F"),
        "Wald": gettext("Wald, robust (%(errors)s)"),
        "Wald F": gettext("Wald’s F, robust (%(errors)s)"),
    }
    errors = result["standard_errors"].upper()
    return [
        (one | one["penalised"] if "penalised" in one else one)
        | {
            "kind": words["penalised LR" if "penalised" in one else one["test"]]
            % {"errors": errors},
            "label": term_of(one["term"], variables),
            "is_without_pairs": any(one["term"] in pair for pair in pairs),
        }
        for one in result[table]
    ]


def another_way(answer: dict[str, Any], entry: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The answer beside the same question by other estimators; nothing where there is only one."""
    beside = answer.get("checked_another_way")
    if not beside or beside["estimate"] is None or entry is None or not entry["overall"]:
        return []
    step, has_plain = answer["step"], is_narrower(entry["overall"])
    low, high = entry["overall"]["ci" if has_plain else "ci_normal"]
    return [
        {
            "way": gettext("The answer: random effects over the sites"),
            "estimate": answer["estimate"],
            "ci": answer["ci"],
        },
        {
            "way": gettext("The same with Hartung–Knapp’s interval")
            if has_plain
            else gettext("The same with the plain interval"),
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
    analysis: Analysis, result: dict[str, Any], variables: dict[str, ShownVariable]
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
        # What Firth's correction penalises has the model's own.
        "errors": ERRORS["model" if result["method"] == "firth" else result["standard_errors"]],
    }
    exposure = parameters["exposure"]
    others = [name for name in parameters["terms"] if name != exposure]
    if parameters["site_effects"] and len(result["sites"]) > 1 and exposure != SITE:
        others.append(SITE)
    # The first begins its line.
    adjusted = [(within if k else called_as)(one, variables) for k, one in enumerate(others)]
    rows = [
        {"label": gettext("Exposure"), "value": called_as(exposure, variables)},
        {"label": gettext("Outcome"), "value": called_as(parameters["outcome"], variables)},
        *([{"label": gettext("Adjusted for"), "value": listed(adjusted)}] if others else []),
        *_answered_by(analysis, result, model, variables),
    ]
    if parameters["interactions"]:
        pairs = listed(
            [
                gettext("%(first)s × %(second)s")
                % {"first": called_as(first, variables), "second": within(second, variables)}
                for first, second in parameters["interactions"]
            ]
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
    analysis: Analysis, result: dict[str, Any], model: str, variables: dict[str, ShownVariable]
) -> list[dict[str, str]]:
    """How the answer was found, and what stands beside it."""
    answer = result["answer"] or {"terms": [], "estimator": "", "by": []}
    label = gettext("The answer")
    if not answer["estimator"]:
        return [{"label": gettext("Model"), "value": model}]
    if answer["estimator"] != "REML":
        one_site = answer.get("k") == 1 and len(result["sites"]) > 1
        return [{"label": label, "value": gettext("The model of one site") if one_site else model}]
    pools = [
        (term_of(entry["term"], variables), entry["overall"], entry["heterogeneity"])
        for entry in result["two_stage"]
        if entry["term"] in answer["terms"] and entry["overall"] and not is_by_level(answer)
    ]
    # A guarded site gives others than were asked for, and so does Firth's correction.
    kinds = {site.get("standard_errors", "model") for site in result["by_site"]}
    errors = [str(words) for kind, words in ERRORS.items() if kind in kinds]
    return [
        {
            "label": label,
            "value": gettext("A model per site with %(errors)s, pooled with random effects (REML)")
            % {"errors": listed(errors)},
        },
        *intervals_of(pools),
        *tested_together(answer),
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
