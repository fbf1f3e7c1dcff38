"""A regression in sentences: what its first term does, no surer than its numbers are."""

import math
from collections.abc import Iterator, Sequence
from itertools import product

from datasets.engine.methods.contract import Figure, Said, Variables
from datasets.engine.methods.regression.design import SITE, Part, name_of
from datasets.engine.methods.regression.parameters import Family, Parameters
from datasets.engine.methods.regression.result import Coefficient, Regression, TwoStage
from datasets.engine.methods.shared.meta import Heterogeneity, Overall
from datasets.engine.methods.shared.words import label_of, number, span
from datasets.engine.sentences import Number, Sentence, grouped, in_turn, joined

LARGE_I2 = 50.0
SMALL_Q_P = 0.1
LARGEST_LOG = 200
"""Beyond this a ratio is no longer a number anybody could read."""

Ends = Sequence[float | None]


def say(parameters: Parameters, result: Regression, variables: Variables) -> Said:
    """The effect of the first coefficient after the intercept, with its doubt and agreement."""
    if result.refused:
        return Said(Sentence("This answer is withheld. %(reason)s", reason=result.refused))
    intercept = name_of(())
    first = next((row for row in result.coefficients if row.term != intercept), None)
    if first is None:
        return Said(Sentence("No coefficient of this regression may be shown."))
    places = _places(result)
    second = next((row for row in result.two_stage if row.term == first.term), None)
    found: Coefficient | Overall = first
    if parameters.strategy == "two_stage":
        if second is None or second.overall is None:
            return Said(
                Sentence(
                    "%(places)s, fewer than two sites can say anything of %(term)s.",
                    places=places,
                    term=first.term,
                )
            )
        found = second.overall
    outcome = label_of(parameters.outcome, variables)
    what = _exposure(first.term, parameters, result, variables)
    if found.estimate is None or found.ci is None:
        return Said(
            Sentence(
                "%(places)s, the effect of %(what)s on %(outcome)s has no estimate: %(reason)s.",
                places=places,
                what=what,
                outcome=outcome,
                reason=first.reason or Sentence("the data do not determine it"),
            )
        )
    family = parameters.family
    finding, scale = _finding(what, found.estimate, outcome, family)
    interval = [_on_scale(end, family) for end in found.ci]
    said = [_with_doubt(places, finding, found.ci, interval)]
    said.extend(_adjusted(parameters, len(result.sites)))
    numbers = [Figure(scale, number(_on_scale(found.estimate, family)))]
    numbers.append(Figure(Sentence("95%% confidence"), span(interval)))
    if second is not None and second.overall is not None and second.heterogeneity is not None:
        said.extend(_agreement(second, second.overall, second.heterogeneity, family))
        numbers.extend(_spread(second.overall, second.heterogeneity, family))
    people = Sentence("not given") if result.n is None else grouped(result.n)
    numbers.append(Figure(Sentence("People"), people))
    numbers.append(Figure(Sentence("Sites"), _sites(result)))
    return Said(in_turn(*said), finding, tuple(numbers))


def _with_doubt(places: Sentence, finding: Sentence, ci: Ends, interval: Ends) -> Sentence:
    """The finding with what its interval leaves open; `interval` is `ci` on the words' scale."""
    low, high = ci
    said = {"places": places, "finding": finding, "interval": span(interval)}
    if low is None or high is None:
        return Sentence(
            "%(places)s, %(finding)s, though how precisely could not be settled.", **said
        )
    if low * high > 0:
        return Sentence("%(places)s, %(finding)s (95 %% CI %(interval)s).", **said)
    return Sentence(
        "%(places)s, %(finding)s, but the data are compatible with no effect and with either "
        "direction (95 %% CI %(interval)s).",
        **said,
    )


def _finding(what: str, estimate: float, outcome: str, family: Family) -> tuple[Sentence, Sentence]:
    """What the term does to the outcome, and what its number is called."""
    value = _on_scale(estimate, family)
    said = {"what": what, "outcome": outcome}
    if family == "binomial":
        finding = Sentence(
            "%(what)s multiplied the odds of %(outcome)s by %(ratio)s", **said, ratio=number(value)
        )
        return finding, Sentence("Odds ratio")
    said["change"] = number(abs(value or 0))
    if (value or 0) > 0:
        finding = Sentence("%(what)s went with %(change)s more %(outcome)s", **said)
    else:
        finding = Sentence("%(what)s went with %(change)s less %(outcome)s", **said)
    return finding, Sentence("Difference")


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
        return Sentence("%(level)s against the reference", level=term) if simple else term
    if len(parts) > 1:
        names = joined([name_of([part]) for part in parts])
        return Sentence("the interaction of %(names)s", names=names)
    name, level = parts[0]
    label = label_of(name, variables)
    if level is not None:
        return Sentence("%(name)s %(level)s against the reference", name=label, level=level)
    info = variables.get(name)
    if info and info.type == "boolean":
        return Sentence("%(name)s (yes against no)", name=label)
    return Sentence("each unit more of %(name)s", name=label)


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


def _adjusted(parameters: Parameters, sites: int) -> list[Sentence]:
    others = len(parameters.terms) - 1
    by_site = sites > 1 and (parameters.site_effects or parameters.strategy == "two_stage")
    if not others:
        return [Sentence("This is adjusted for site.")] if by_site else []
    if by_site:
        return [
            Sentence.counting(
                "This is adjusted for %(count)s other variable and site.",
                "This is adjusted for %(count)s other variables and site.",
                others,
            )
        ]
    return [
        Sentence.counting(
            "This is adjusted for %(count)s other variable.",
            "This is adjusted for %(count)s other variables.",
            others,
        )
    ]


def _spread(overall: Overall, heterogeneity: Heterogeneity, family: Family) -> list[Figure]:
    """The prediction interval and I² of the sites' estimates."""
    found = []
    if overall.prediction_interval is not None:
        ends = [_on_scale(end, family) for end in overall.prediction_interval]
        found.append(Figure(Sentence("95%% prediction, new site"), span(ends)))
    return [*found, Figure(Sentence("I²"), _percent(heterogeneity.i2))]


def _agreement(
    second: TwoStage, overall: Overall, heterogeneity: Heterogeneity, family: Family
) -> list[Sentence]:
    """Whether the sites agree, and what that means for a site not yet seen."""
    i2, p_value = heterogeneity.i2, heterogeneity.q_p_value
    if i2 is None or p_value is None:
        return []
    share = Number(f"{i2:.0f}")
    if i2 < LARGE_I2 and p_value >= SMALL_Q_P:
        if second.k >= 5:
            return [
                Sentence("The sites do not contradict each other (I² %(share)s%%).", share=share)
            ]
        return [
            Sentence(
                "The sites do not contradict each other (I² %(share)s%%), though few sites could "
                "hardly show otherwise.",
                share=share,
            )
        ]
    said = [
        Sentence("The sites differ (I² %(share)s%%, p = %(p)s).", share=share, p=number(p_value))
    ]
    if overall.prediction_interval is not None:
        ends = [_on_scale(end, family) for end in overall.prediction_interval]
        said.append(
            Sentence("At a new site the effect may lie anywhere from %(span)s.", span=span(ends))
        )
    return said


def _percent(share: float | None) -> Sentence:
    if share is None:
        return Sentence("not given")
    return Sentence("%(number)s%%", number=Number(f"{share:.0f}"))


def _places(result: Regression) -> Sentence:
    sites = result.sites
    if len(sites) == 1:
        return Sentence("At %(site)s", site=sites[0])
    return Sentence("Pooled over %(sites)s", sites=_sites_in_words(result))


def _sites_in_words(result: Regression) -> Sentence:
    sites = Sentence.counting("%(count)s site", "%(count)s sites", len(result.sites))
    regions = {one.region for one in result.by_site}
    if len(regions) < 2:
        return sites
    return Sentence(
        "%(sites)s in %(regions)s",
        sites=sites,
        regions=Sentence.counting("%(count)s region", "%(count)s regions", len(regions)),
    )


def _sites(result: Regression) -> Sentence | Number:
    regions = {one.region for one in result.by_site}
    sites = grouped(len(result.sites))
    if len(regions) < 2:
        return sites
    return Sentence.counting(
        "%(sites)s in %(count)s region", "%(sites)s in %(count)s regions", len(regions), sites=sites
    )
