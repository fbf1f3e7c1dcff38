"""The rows of a model's coefficients: what each is of, and what it is told against."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from datasets.analyses.methods.variables import ShownVariable, step_of, term_of, within
from datasets.engine.methods.regression.design import SITE
from datasets.engine.methods.shared.moved_spread import largest_step
from portal.common.text import extreme_told, listed
from portal.web.templatetags.text import beside, in_step, p, p_about, ratio_in, sig_kept


def conditional(
    rows: list[dict[str, Any]],
    pairs: list[list[str]],
    variables: dict[str, ShownVariable],
    references: Mapping[str, str],
) -> list[dict[str, Any]]:
    """A model's coefficients; beside its interaction a main effect is that at a reference.

    It has no p-value here: nobody asked whether there is an effect at that one place.
    """
    other_of = others_in(pairs)
    found = []
    for row in rows:
        row = row | {
            "label": term_of(row["term"], variables),
            "per": references.get(row["term"]) or step_of(row["term"], variables),
        }
        name = row["term"] if row["term"] in other_of else row["term"].split("[")[0]
        others = other_of.get(name, []) if ":" not in row["term"].removeprefix(name) else []
        if others:
            row = row | {
                "p_value": None,
                "beside": listed([_place_of(one, variables) for one in others]),
            }
        found.append(row | {"told": _told(row)})
    return found


def others_in(pairs: list[list[str]]) -> dict[str, list[str]]:
    """By variable, what it interacts with."""
    found: dict[str, list[str]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
        found.setdefault(second, []).append(first)
    return found


def place_beside(
    name: str, pairs: list[list[str]], variables: dict[str, ShownVariable], result: dict[str, Any]
) -> str:
    """Where along what it interacts with a variable's own effect is told; empty without any."""
    levels = {other: level for other, (level, _) in reference_levels(result, variables).items()}
    others = others_in(pairs).get(name, [])
    return listed([_place_of(one, variables, levels.get(one, "")) for one in others])


def _told(row: dict[str, Any]) -> dict[str, str]:
    """Its numbers with the digits that they have: of one that left its site rounded those of its
    step."""
    if row["estimate"] is None or row["se"] is None:
        return {}
    estimate, ratio, error = row["estimate"], row["exp_estimate"], row["se"]
    ends = row["ci"] if ratio is None else row["exp_ci"]
    low, high = ends or (None, None)
    if row.get("approximate"):
        step = largest_step(estimate, error)
        of_end = step if ratio is None else step * ratio
        return {
            "estimate": in_step(estimate, step),
            "ratio": _in_step(ratio, of_end, is_ratio=ratio is not None),
            "se": sig_kept(error, 2),
            "low": _in_step(low, of_end, is_ratio=ratio is not None),
            "high": _in_step(high, of_end, is_ratio=ratio is not None),
            "p": p_about(row["p_value"]),
        }
    of_ratio = ratio is not None
    return {
        "estimate": beside(estimate, error),
        "ratio": ratio_in(ratio, ends),
        "se": sig_kept(error, 3),
        "low": ratio_in(low, ends) if of_ratio else beside(low, error),
        "high": ratio_in(high, ends) if of_ratio else beside(high, error),
        "p": p(row["p_value"]),
    }


def _in_step(value: Any, step: float, *, is_ratio: bool) -> str:
    """A number in its step; of an extreme ratio that it is."""
    return (is_ratio and value is not None and extreme_told(value)) or in_step(value, step)


def _place_of(name: str, variables: dict[str, ShownVariable], level: str = "") -> str:
    """Where along another variable a main effect is told: where it is 0, or at its reference,
    which is this `level` where that is known."""
    if name in variables and variables[name].info.is_numeric:
        level = variables[name].at("0")
    if not level:
        return gettext("at the reference of %(name)s") % {"name": within(name, variables)}
    return gettext("where %(name)s is %(level)s") % {
        "name": within(name, variables),
        "level": level,
    }


def reference_levels(
    result: dict[str, Any], variables: Mapping[str, ShownVariable]
) -> dict[str, tuple[str, set[str]]]:
    """By category the level its others are told against, and their terms: as far as counts are
    told, and of a site's own in the model over all rows."""
    levels = {SITE: {f"{SITE}[{site}]": site for site in result["sites"]}}
    for one in result["counts"]:
        name, level = one["variable"], one["level"]
        if name in variables and not variables[name].info.is_numeric:
            levels.setdefault(name, {})[f"{name}[{level}]"] = variables[name].level(level)
    terms = {row["term"] for row in result["coefficients"]}
    found: dict[str, tuple[str, set[str]]] = {}
    for name, each in levels.items():
        references = [level for term, level in each.items() if term not in terms]
        if len(references) == 1:
            found[name] = references[0], terms & each.keys()
    return found


def references_of(result: dict[str, Any], variables: Mapping[str, ShownVariable]) -> dict[str, str]:
    """By the term of each level what it is told against."""
    found: dict[str, str] = {}
    for level, terms in reference_levels(result, variables).values():
        found |= dict.fromkeys(terms, gettext("against %(level)s") % {"level": level})
    return found
