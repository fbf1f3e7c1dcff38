"""What is checked before a regression's estimate is believed."""

from collections.abc import Iterable
from dataclasses import replace

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.agreements import agreements
from datasets.engine.methods.regression.conditioning import (
    MOST_CONDITION,
    condition_of_all,
    nearly_following,
)
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.reservations import (
    LEAST_WEIGHT,
    MOST_LOST,
    asked_of,
    is_between_sites,
    share_used,
    shares_lost,
    weights_of,
    without_estimate,
)
from datasets.engine.methods.regression.result import Regression
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.statistics import Study
from datasets.engine.methods.shared.agreement import check
from datasets.engine.methods.shared.diagnostics import (
    Diagnostic,
    Outcome,
    held_against,
    held_against_each,
)
from datasets.engine.methods.shared.ready import LEAST_EVENTS
from datasets.engine.sentences import Number, Sentence, listed

LEAST_SITES = 2
MOST_WEIGHT = 60.0
"""Percent of the weight above which one site speaks for all, where there are so many at least."""
LEAST_WEIGHED = 3

LEAST_DF = 10.0


def checks(
    design: Design, memory: Memory, parameters: Parameters, result: Regression
) -> tuple[Diagnostic, ...]:
    """Every check in the order of reading; one that has no meaning here is not applicable."""
    weights = weights_of(result)
    return (
        _sites(result),
        _rows_used(result),
        _largest_weight(weights),
        held_against_each("smallest_weight", weights, LEAST_WEIGHT, least=True),
        _events(design, memory, parameters),
        _residual_df(memory, result),
        _separation(design, memory, parameters, result),
        _condition(design, memory),
        _heterogeneity(parameters, result),
        _convergence(memory),
    )


def ill_conditioned(design: Design, memory: Memory, parameters: Parameters) -> list[Caution]:
    """Which terms the rows hardly tell apart, over all rows and else at some sites."""
    found = _condition(design, memory)
    if found.outcome == "pass" or found.value is None:
        return []
    said = {"number": Number(f"{found.value:.0f}"), "most": Number(f"{MOST_CONDITION:.0f}")}
    assert memory.cross is not None
    if found.failing and (condition_of_all(design, memory.cross) or 0.0) <= MOST_CONDITION:
        message = Sentence(
            "At %(sites)s the terms nearly follow from one another (condition number %(number)s, "
            "where up to %(most)s is usual): what each of them has to do with the outcome is told "
            "by few of the rows.",
            sites=listed(found.failing),
            **said,
        )
        return [Caution("ill_conditioned", message)]
    involved = nearly_following(memory.cross, memory.fits[0].columns)
    message = Sentence(
        "The rows hardly tell %(terms)s apart (condition number %(number)s, where up to %(most)s "
        "is usual): their errors are large, and a few other rows would change their coefficients.",
        terms=listed([design.called(i) for i in involved]),
        **said,
    )
    asked = [i for i in involved if parameters.exposure in design.columns[i].term]
    return [Caution("ill_conditioned", message, about=design.names[(asked or involved)[0]])]


def for_readers(result: Regression, *, hides_sites: bool) -> Regression:
    """The checks without what would tell of a site or of rows that are withheld."""
    kept = []
    for one in result.diagnostics:
        gone = one.name == "rows_used" and result.n_excluded is None
        # Few rows of the rarer outcome at a site are as telling as the site's own table.
        if gone or hides_sites or one.name == "events_per_parameter":
            one = replace(one, value=None, failing=())
        kept.append(one)
    return replace(result, diagnostics=tuple(kept))


def _sites(result: Regression) -> Diagnostic:
    if asked_of(result) < LEAST_SITES or result.answer is None:
        return Diagnostic("sites", 1.0, LEAST_SITES, "not_applicable")
    # A comparison of sites with each other is by none of them.
    k = 0 if is_between_sites(result) else result.answer.k
    told = held_against("sites", float(k), LEAST_SITES, least=True)
    unable = result.sites if not result.answer.k else without_estimate(result)
    failing = (*(one.site for one in result.excluded_sites), *unable)
    if failing and told.outcome == "pass":
        return replace(told, outcome="pass_with_rows_failing", failing=failing)
    return replace(told, failing=failing)


def _rows_used(result: Regression) -> Diagnostic:
    whole = held_against("rows_used", share_used(result), 1 - MOST_LOST, least=True)
    failing = tuple(site for site, lost in shares_lost(result).items() if lost > MOST_LOST)
    if whole.outcome == "pass" and failing:
        return replace(whole, outcome="pass_with_rows_failing", failing=failing)
    return replace(whole, failing=failing)


def _largest_weight(weights: dict[str, float]) -> Diagnostic:
    """Of two sites one always has half of the weight or more: that tells nothing of it."""
    largest = max(weights.values(), default=None)
    if len(weights) < LEAST_WEIGHED:
        return Diagnostic("largest_weight", largest, MOST_WEIGHT, "not_applicable")
    return held_against("largest_weight", largest, MOST_WEIGHT, least=False)


def _events(design: Design, memory: Memory, parameters: Parameters) -> Diagnostic:
    """Rows of the rarer outcome for each coefficient, where models are fitted: at sites, or over
    all."""
    name = "events_per_parameter"
    if parameters.family != "binomial":
        return Diagnostic(name, None, LEAST_EVENTS, "not_applicable")
    counts = {one.site: one.tally_of(design.outcome) for one in memory.counts.sites}

    def rarer(sites: Iterable[str]) -> int:
        tallies = [tally for site in sites if (tally := counts.get(site)) is not None]
        return min(sum(tally.count(level) for tally in tallies) for level in "01")

    found = {one.site: rarer([one.site]) / max(one.rank - 1, 1) for one in _fitted(memory)}
    if found:
        return held_against_each(name, found, LEAST_EVENTS, least=True)
    coefficients = max(len(memory.fits[0].columns) - 1, 1)
    return held_against(name, rarer(counts) / coefficients, LEAST_EVENTS, least=True)


def _residual_df(memory: Memory, result: Regression) -> Diagnostic:
    found = {one.site: float(one.df_residual or 0) for one in _fitted(memory)}
    if found:
        return held_against_each("residual_df", found, LEAST_DF, least=True)
    return held_against("residual_df", result.df_residual, LEAST_DF, least=True)


def _separation(
    design: Design, memory: Memory, parameters: Parameters, result: Regression
) -> Diagnostic:
    """At how many sites, or in how many of the model's terms, the exposure settles the outcome."""
    if parameters.family != "binomial":
        return Diagnostic("separation", None, 0, "not_applicable")
    about = [i for i, one in enumerate(design.columns) if parameters.exposure in one.term]
    names = {design.names[i] for i in about}
    sites = [
        study.site
        for study in memory.studies
        if any(one.column in about for one in study.separation)
    ]
    if not memory.studies:
        found = sum(one.term in names for one in result.separation)
        return held_against("separation", found, 0, least=False)
    if not sites:
        return Diagnostic("separation", 0.0, 0, "pass")
    outcome: Outcome = "fail" if len(sites) == len(memory.studies) else "pass_with_rows_failing"
    return Diagnostic("separation", float(len(sites)), 0, outcome, tuple(sites))


def _condition(design: Design, memory: Memory) -> Diagnostic:
    """The condition number over all rows, or the worst of the sites' own."""
    assert memory.cross is not None
    found = {one.site: one.condition for one in memory.studies if one.condition is not None}
    sites = held_against_each("condition_number", found, MOST_CONDITION, least=False)
    pooled = rounded.condition(condition_of_all(design, memory.cross), memory.counts)
    whole = held_against("condition_number", pooled, MOST_CONDITION, least=False)
    if whole.outcome == "fail":
        return replace(whole, failing=sites.failing)
    return sites if sites.failing or pooled is None else whole


def _heterogeneity(parameters: Parameters, result: Regression) -> Diagnostic:
    """Of no meaning where it is the question whether sites differ: that is then the answer."""
    if parameters.interaction_with == "site":
        return check([])
    return check([(one.found, one.i2) for one in agreements(result)])


def _convergence(memory: Memory) -> Diagnostic:
    """How many models have no maximum that was found: that over all rows, and sites' own."""
    sites = tuple(one.site for one in memory.studies if one.lack == "not_converged")
    pooled = bool(memory.fits[0].problem)
    outcome: Outcome = "error" if pooled else "pass_with_rows_failing" if sites else "pass"
    return Diagnostic("convergence", float(len(sites) + pooled), 0, outcome, sites)


def _fitted(memory: Memory) -> list[Study]:
    return [one for one in memory.studies if not one.lack]
