"""A regression in one sentence: what its first term does, no surer than its numbers are."""

import math
from collections.abc import Iterator, Sequence
from itertools import product

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.regression.design import SITE, Part, name_of
from datasets.engine.methods.regression.parameters import Family, Parameters
from datasets.engine.methods.regression.result import Coefficient, Regression, TwoStage
from datasets.engine.methods.shared.meta import Heterogeneity, Overall
from datasets.engine.methods.shared.words import label_of, number, span

LARGE_I2 = 50.0
SMALL_Q_P = 0.1
LARGEST_LOG = 200
"""Beyond this a ratio is no longer a number anybody could read."""

Ends = Sequence[float | None]


def say(parameters: Parameters, result: Regression, variables: Variables) -> Said:
    """The effect of the first coefficient after the intercept, with its doubt and agreement."""
    if result.refused:
        return Said(f"This answer is withheld: {result.refused}")
    intercept = name_of(())
    first = next((row for row in result.coefficients if row.term != intercept), None)
    if first is None:
        return Said("No coefficient of this regression may be shown.")
    places = _places(result)
    second = next((row for row in result.two_stage if row.term == first.term), None)
    found: Coefficient | Overall = first
    if parameters.strategy == "two_stage":
        if second is None or second.overall is None:
            return Said(f"{places} fewer than two sites can say anything of {first.term}.")
        found = second.overall
    outcome = label_of(parameters.outcome, variables)
    what = _exposure(first.term, parameters, result, variables)
    if found.estimate is None or found.ci is None:
        why = first.reason or "the data do not determine it"
        return Said(f"{places} the effect of {what} on {outcome} has no estimate: {why}.")
    family = parameters.family
    effect, interval, scale = _effect(found.estimate, found.ci, outcome, family)
    sentence = f"{places} {what} {effect}{_doubt(found.ci, interval)}"
    sentence += _adjusted(parameters, len(result.sites))
    numbers = [Figure(scale, number(_on_scale(found.estimate, family)))]
    numbers.append(Figure("95% confidence", span(interval)))
    if second is not None and second.overall is not None and second.heterogeneity is not None:
        sentence += _agreement(second, second.overall, second.heterogeneity, family)
        numbers.extend(_spread(second.overall, second.heterogeneity, family))
    numbers.append(Figure("People", "not given" if result.n is None else f"{result.n:,}"))
    numbers.append(Figure("Sites", _sites(result)))
    return Said(f"{sentence}.", effect, tuple(numbers))


def _doubt(ci: Ends, interval: Ends) -> str:
    """The interval, and what it leaves open; `interval` is `ci` on the scale of the words."""
    low, high = ci
    if low is None or high is None:
        return ", though how precisely could not be settled"
    bounds = f"95 % CI {span(interval)}"
    if low * high > 0:
        return f" ({bounds})"
    return f", but the data are compatible with no effect and with either direction ({bounds})"


def _effect(
    estimate: float, ci: Ends, outcome: str, family: Family
) -> tuple[str, list[float | None], str]:
    """What the term does to the outcome, its interval on the scale of the words, that scale."""
    value = _on_scale(estimate, family)
    interval = [_on_scale(end, family) for end in ci]
    if family == "binomial":
        return f"multiplied the odds of {outcome} by {number(value)}", interval, "Odds ratio"
    change = f"went with {number(abs(value or 0))} {'more' if (value or 0) > 0 else 'less'}"
    return f"{change} {outcome}", interval, "Difference"


def _on_scale(value: float | None, family: Family) -> float | None:
    if value is None or family != "binomial":
        return value
    return math.exp(value) if abs(value) < LARGEST_LOG else None


def _exposure(term: str, parameters: Parameters, result: Regression, variables: Variables) -> str:
    """A coefficient in words: what it is made of is found among all that the question can have.

    Its name is compared, never taken apart: a level may hold any character.
    """
    parts = next(
        (one for one in _possible(parameters, result, variables) if name_of(one) == term), ()
    )
    if not parts:
        # A level that the question does not declare, and that the answer may not list.
        undeclared = any(
            name in variables and not variables[name].is_numeric for name in parameters.terms
        )
        simple = undeclared and not parameters.interactions
        return f"{term} against the reference" if simple else term
    if len(parts) > 1:
        return f"the interaction of {' and '.join(name_of([part]) for part in parts)}"
    name, level = parts[0]
    if level is not None:
        return f"{label_of(name, variables)} {level} against the reference"
    info = variables.get(name)
    if info and info.type == "boolean":
        return f"{label_of(name, variables)} (yes against no)"
    return f"each unit more of {label_of(name, variables)}"


def _possible(
    parameters: Parameters, result: Regression, variables: Variables
) -> Iterator[tuple[Part, ...]]:
    """What the question's coefficients can be made of, as far as levels are known."""

    def parts_of(name: str) -> list[Part]:
        counted = {one.parts[0][1] for one in result.counts if one.variables == (name,)}
        declared = variables[name].levels if name in variables else None
        sites = result.sites if name == SITE else ()
        return [(name, None), *((name, level) for level in [*sites, *(declared or ()), *counted])]

    for term in [*((name,) for name in parameters.terms), (SITE,), *parameters.interactions]:
        yield from product(*(parts_of(name) for name in term))


def _adjusted(parameters: Parameters, sites: int) -> str:
    others = len(parameters.terms) - 1
    held = [f"{others} other variable{'s' if others > 1 else ''}"] if others else []
    if sites > 1 and (parameters.site_effects or parameters.strategy == "two_stage"):
        held.append("site")
    return f", adjusted for {' and '.join(held)}" if held else ""


def _spread(overall: Overall, heterogeneity: Heterogeneity, family: Family) -> list[Figure]:
    """The prediction interval and I² of the sites' estimates."""
    found = []
    if overall.prediction_interval is not None:
        ends = [_on_scale(end, family) for end in overall.prediction_interval]
        found.append(Figure("95% prediction, new site", span(ends)))
    return [*found, Figure("I²", f"{heterogeneity.i2:.0f}%")]


def _agreement(
    second: TwoStage, overall: Overall, heterogeneity: Heterogeneity, family: Family
) -> str:
    """Whether the sites agree, and what that means for a site not yet seen."""
    i2, p_value = heterogeneity.i2, heterogeneity.q_p_value
    if i2 is None or p_value is None:
        return ""
    if i2 < LARGE_I2 and p_value >= SMALL_Q_P:
        few = second.k < 5
        tail = ", though few sites could hardly show otherwise" if few else ""
        return f"; the sites do not contradict each other (I² {i2:.0f}%){tail}"
    text = f"; the sites differ (I² {i2:.0f}%, p = {number(p_value)})"
    if overall.prediction_interval is None:
        return text
    ends = [_on_scale(end, family) for end in overall.prediction_interval]
    return f"{text}, and at a new site the effect may lie anywhere from {span(ends)}"


def _places(result: Regression) -> str:
    sites = result.sites
    if len(sites) == 1:
        return f"At {sites[0]},"
    regions = {one.region for one in result.by_site}
    within = f" in {len(regions)} regions" if len(regions) > 1 else ""
    return f"Pooled over {len(sites)} sites{within},"


def _sites(result: Regression) -> str:
    regions = {one.region for one in result.by_site}
    sites = len(result.sites)
    return f"{sites} in {len(regions)} regions" if len(regions) > 1 else str(sites)
