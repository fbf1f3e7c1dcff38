"""What a question can use, told from the counts that its first round gives, before it is asked."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datasets.engine.guard.rules import Rules
from datasets.engine.methods.regression.counting import design_of
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.spec import CountsSpec
from datasets.engine.methods.regression.statistics import Counts, SiteCounts

POWER_AND_LEVEL = 2.801585
"""qnorm(0.975) + qnorm(0.8) in R: a two-sided test at 5 %, found four times in five."""

TWO = 2


@dataclass(frozen=True)
class Ready:
    """One site's complete rows, and what they hold of outcome and exposure; rounded by rules.

    `rarer` counts the rarer of two outcomes, None for a number; `exposed` the rarer of two values
    of the exposure, None for a number and for a category of more levels.
    """

    site: str
    complete: int
    rarer: int | None = None
    exposed: int | None = None
    absent: tuple[str, ...] = ()


def ready(counts: SiteCounts, parameters: Parameters, rules: Rules) -> Ready:
    """What a site's counts say of a question, no finer than `rules` let its tables be."""
    if not counts.complete:
        absent = tuple(one.variable for one in counts.present if not one.n)
        return Ready(counts.site, 0, absent=absent)
    rarer = None
    if parameters.family == "binomial":
        rarer = rules.rounded(_rarer(counts, parameters.outcome) or 0)
    exposed = _rarer(counts, parameters.exposure)
    return Ready(
        counts.site,
        rules.rounded(counts.complete),
        rarer,
        None if exposed is None else rules.rounded(exposed),
    )


def parameters_per_site(counts: Counts, spec: CountsSpec) -> int:
    """Coefficients of a site's own model beside its intercept.

    Raises ParameterError where no model can be fitted at all.
    """
    return len(design_of(counts, spec).of_site()) - 1


def asks_for_one_size(counts: Iterable[SiteCounts], parameters: Parameters) -> bool:
    """Whether the answer is one number: of a number's or of a two-valued exposure, everywhere."""
    if parameters.interaction is not None:
        return False
    levels: set[str] = set()
    for one in counts:
        tally = one.tally_of(parameters.exposure)
        if tally is not None and not tally.is_number:
            levels |= {*(tally.levels or ())}
    return len(levels) <= TWO


def has_two_values(sites: Iterable[Ready]) -> bool:
    """Whether the exposure has two values at every site with complete rows."""
    return all(one.exposed is not None for one in sites if one.complete)


def detectable(sites: Sequence[Ready], parameters: Parameters) -> float | None:
    """The smallest effect found four times in five: an odds ratio over 1, or SDs of the outcome.

    It is of one SD of the exposure, or between its two values, and takes for granted that sites
    agree and that the exposure does not go with what is adjusted for (Hsieh, Bloch and Larsen 1998,
    Stat Med 17:1623, without their 1 - R²). None where nothing can be told.
    """
    used = [one for one in sites if one.complete]
    information = 0.0
    for one in used:
        weight = n = float(one.complete)
        if parameters.family == "binomial":
            share = (one.rarer or 0) / n
            weight *= share * (1 - share)
        if has_two_values(used):
            share = (one.exposed or 0) / n
            weight *= share * (1 - share)
        information += weight
    if information <= 0:
        return None
    size = POWER_AND_LEVEL / math.sqrt(information)
    if parameters.family == "binomial":
        return math.exp(size) if size < math.log(1000) else None
    return size


def _rarer(counts: SiteCounts, variable: str) -> int | None:
    """Complete rows with the rarer of two values; 0 where only one occurs."""
    tally = counts.tally_of(variable)
    if tally is None or tally.cells is None or len(tally.cells) > TWO:
        return None
    found = [n for _, n in tally.cells]
    return min(found) if len(found) == TWO else 0
