"""What a question can use, told from the counts that its first round gives, before it is asked."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from datasets.engine.guard.rules import Rules
from datasets.engine.methods.contract import Ask, Before, ParameterError, combined
from datasets.engine.methods.regression.aliased import why_unknown
from datasets.engine.methods.regression.basis import Basis
from datasets.engine.methods.regression.coefficients import PERFECT
from datasets.engine.methods.regression.counting import count_each, design_of
from datasets.engine.methods.regression.design import SITE, Design
from datasets.engine.methods.regression.estimate import estimate, plan
from datasets.engine.methods.regression.fits import LeastSquares
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.rounded import each_alone
from datasets.engine.methods.regression.spec import FirstPassSpec, PassSpec
from datasets.engine.methods.regression.statistics import (
    Counts,
    CrossProducts,
    SiteCounts,
    Statistics,
)
from datasets.engine.methods.regression.summarise import summarise
from datasets.engine.methods.shared.ready import Detectable, Doubt, Needs, Ready
from datasets.engine.methods.shared.tails import normal_quantile, t_noncentrality, t_quantile
from datasets.engine.rows.frame import RESERVED_COLUMNS, InputInfo, Rows
from datasets.engine.sentences import Called, Sentence, in_turn, listed

LEVEL, POWER = 0.05, 0.8
"""A two-sided test at 5 %, found four times in five."""

TWO = 2

NEARLY = 1e-6
"""Share of an outcome's squares that is left where it may be that nothing is."""


def ready(inputs: Sequence[SiteCounts], parameters: Parameters) -> Ready:
    """What the counts of a site's inputs say of a question, each as its own rules let it be told.

    Of several added up before that, who knows one would learn the others.
    """
    site = inputs[0].site
    used = [counts for counts in inputs if counts.complete]
    if not used:
        present: Counter[str] = Counter()
        for counts in inputs:
            present.update({one.variable: one.n for one in counts.present})
        return Ready(site, 0, absent=tuple(name for name, n in present.items() if not n))
    complete = sum(counts.complete for counts in used)
    rarer, exposed = (_rarer(used, name) for name in (parameters.outcome, parameters.exposure))
    if parameters.family != "binomial":
        rarer = None
    elif rarer is None:
        rarer = 0
    # Of each variable by itself more rows can have the rarer value than are complete.
    rarer, exposed = (None if n is None else min(n, complete // TWO) for n in (rarer, exposed))
    return Ready(site, complete, rarer, exposed)


def counted(released: Statistics, site: str) -> SiteCounts:
    """What an input that answered the first round released of its counts."""
    found: Any = released
    return found.of(site) or _none_at(site)


def _none_at(site: str) -> SiteCounts:
    return SiteCounts(site, 0, 0, (), (), (), ())


def at_most(rows: Rows, parameters: Parameters, site: str, rules: Rules) -> SiteCounts:
    """What each variable by itself lets complete rows be, told as rules let it.

    Which rows have two of them together counts nowhere: of questions about the same rows that are
    tried one after another, each tells of every variable what the others do. A variable of which
    fewer than two values are told leaves none.
    """
    each = each_alone(count_each(rows, parameters).of(site) or _none_at(site), rules)
    is_alike = any(one.cells is not None and len(one.cells) < TWO for one in each.tallies)
    return replace(each, complete=0) if is_alike else each


def without(parameters: Parameters, name: str) -> Parameters | None:
    """The same question with one term less; None of its outcome, its exposure and sites."""
    if name in (parameters.outcome, parameters.exposure, *RESERVED_COLUMNS):
        return None
    return replace(
        parameters,
        terms=tuple(term for term in parameters.terms if term != name),
        interactions=tuple(pair for pair in parameters.interactions if name not in pair),
        interaction_with=None
        if parameters.interaction_with == name
        else parameters.interaction_with,
        reference={key: level for key, level in parameters.reference.items() if key != name},
    )


def needs(
    counts: Sequence[SiteCounts], told_of: Sequence[Ready], parameters: Parameters, spec: Any
) -> Needs:
    """Coefficients of a site's own model beside its intercept, and the smallest effect found.

    Raises ParameterError where no model can be fitted at all.
    """
    together = sum((Counts((one,)) for one in counts), Counts())
    number = len(design_of(together, spec).of_site()) - 1
    value = None
    if asks_for_one_size(counts, parameters):
        value = detectable(told_of, parameters)
    if value is None:
        return Needs(number, None)
    is_ratio = parameters.family == "binomial"
    return Needs(number, Detectable(value, is_ratio, has_two_values(told_of)))


def second_round(
    parameters: Parameters, inputs: Sequence[InputInfo], ask: Ask
) -> tuple[CrossProducts, FirstPassSpec]:
    """The sums of all rows, and what was asked for them, without the sites' own models.

    Raises ParameterError when no model can be fitted.
    """
    spec: Any = plan(parameters, inputs)
    asked: Any = replace(_next_of(spec, ask)[1], studies=False)
    return _next_of(asked, ask)[0].sums, asked


def _next_of(spec: Any, ask: Ask) -> tuple[Any, Any]:
    """What all inputs release together, and what follows from it."""
    found: Any = combined(ask(spec), summarise((), spec))
    return found, estimate(found, spec)


def refuses(parameters: Parameters, inputs: Sequence[InputInfo], ask: Ask) -> dict[str, Sentence]:
    """Why rows give the question no answer. At each level of another variable there may be one
    where there is none of the whole."""
    sums, asked = second_round(parameters, inputs, ask)
    why = cannot_answer(sums, asked.design, parameters)
    if why is not None and parameters.modifier in (None, SITE):
        return {"exposure": no_answer(why)}
    if fits_exactly(sums, asked, ask):
        return {"outcome": no_answer(PERFECT)}
    return {}


def no_answer(reason: Sentence) -> Sentence:
    """That a question need not be asked."""
    return Sentence("This question would have no answer: %(reason)s.", reason=reason)


def cannot_answer(sums: CrossProducts, design: Design, parameters: Parameters) -> Sentence | None:
    """Why the rows of all sites give the exposure no effect of its own; None where they do."""
    basis = Basis.of(design, range(len(design.columns)), sums.cross)
    return why_unknown(design, basis, parameters.exposure)


def fits_exactly(sums: CrossProducts, asked: FirstPassSpec, ask: Ask) -> bool:
    """Whether the terms give a number, as the outcome itself in another unit would, in every row:
    no error is left then, at any site."""
    parameters, design = asked.parameters, asked.design
    if parameters.family != "gaussian":
        return False
    columns = design.of_terms(design.terms)
    fit = LeastSquares.solve(columns, sums.cross, sums.score, "", design.outcome_mean)
    left = sums.squares - float(sums.score[list(fit.columns)] @ fit.beta)
    if left > NEARLY * sums.squares:
        return False
    # Sums of squares have lost the digits that tell: residuals have them.
    while fit.open:
        spec = PassSpec(parameters, asked.inputs, design, (fit,), studies=False, round=3)
        found: Any = combined(ask(spec), summarise((), spec))
        fit = fit.advance(found.fits[0])
    return not fit.deviance


def doubts(
    parameters: Parameters, inputs: Sequence[InputInfo], ask: Ask, are_all: bool
) -> Doubt | None:
    """Why rows give the exposure no effect, or a term no coefficient of its own."""
    try:
        sums, asked = second_round(parameters, inputs, ask)
    except ParameterError as error:
        # Of a few sites' rows it says nothing about the others'.
        return Doubt(in_turn(*error.errors.values()), unanswered=True) if are_all else None
    why = cannot_answer(sums, asked.design, parameters)
    if why is None and fits_exactly(sums, asked, ask):
        why = PERFECT
    if why is None:
        told_apart = entangled(sums, asked.design)
        return None if told_apart is None else Doubt(told_apart, unanswered=False)
    if are_all:
        return Doubt(no_answer(why), unanswered=True)
    said = Sentence(
        "At sites whose rows are open there would be no answer: %(reason)s.", reason=why
    )
    return Doubt(said, unanswered=True)


def entangled(sums: CrossProducts, design: Design) -> Sentence | None:
    """Which terms the rows cannot tell apart, so that a model leaves one of them out."""
    basis = Basis.of(design, range(len(design.columns)), sums.cross)
    for together in basis.dependent:
        found = [name for i in sorted(together) for name in design.columns[i].term if name != SITE]
        if len(names := dict.fromkeys(found)) > 1:
            return Sentence(
                "The rows cannot tell %(names)s apart: one of them will be left out.",
                names=listed([Called.variable(name) for name in names]),
            )
    return None


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
    Stat Med 17:1623, without their 1 - R²). Pooled sites are tested by t with as many degrees of
    freedom as sites but one, as the answer is. None where nothing can be told.
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
    size = noncentrality(len(used)) / math.sqrt(information)
    if parameters.family == "binomial":
        return math.exp(size) if size < math.log(1000) else None
    return size


def noncentrality(sites: int) -> float:
    """How many of its standard errors an effect is away from none; of one site by z, else by t."""
    if sites == 1:
        return normal_quantile(1 - LEVEL / 2) + normal_quantile(POWER)
    df = sites - 1
    return t_noncentrality(1 - POWER, df, t_quantile(1 - LEVEL / 2, df))


def _rarer(inputs: Sequence[SiteCounts], variable: str) -> int | None:
    """Complete rows with the rarer of two values, as told; 0 where only one occurs."""
    found: Counter[tuple[str, ...]] = Counter()
    for counts in inputs:
        tally = counts.tally_of(variable)
        if tally is None or tally.cells is None:
            return None
        for value, n in tally.cells:
            found[value] += n
    if len(found) > TWO:
        return None
    return min(found.values()) if len(found) == TWO else 0


BEFORE = Before(
    counted=counted,
    at_most=at_most,
    ready=ready,
    needs=needs,
    without=without,
    doubts=doubts,
)
