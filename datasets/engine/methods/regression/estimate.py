"""The rounds of a regression: what is asked of the sites next, and with what state.

Rounds: 1 counts, 2 cross-products and each site's own fit, then one Newton step (logistic) or one
pass over residuals (linear) of every open model together, until none is open.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from datasets.engine.methods.contract import Answer, ParameterError, in_order
from datasets.engine.methods.regression.along import contrasts_of
from datasets.engine.methods.regression.counting import design_of
from datasets.engine.methods.regression.design import Design, independent
from datasets.engine.methods.regression.errors import errors_of_all
from datasets.engine.methods.regression.fits import Firth, LeastSquares, MainFit, Newton
from datasets.engine.methods.regression.models import models
from datasets.engine.methods.regression.parameters import Parameters, require_sites
from datasets.engine.methods.regression.passes import advance
from datasets.engine.methods.regression.penalised_tests import penalised_fits
from datasets.engine.methods.regression.report import report
from datasets.engine.methods.regression.result import Regression
from datasets.engine.methods.regression.settled import settled_everywhere
from datasets.engine.methods.regression.spec import (
    CountsSpec,
    FirstPassSpec,
    Memory,
    PassSpec,
    Spec,
)
from datasets.engine.methods.regression.stand_in import InPlace, in_place_of
from datasets.engine.methods.regression.statistics import (
    Counts,
    CrossProducts,
    FirstPass,
    Pass,
    StandIn,
    Statistics,
)
from datasets.engine.methods.regression.study import (
    infinite_terms,
    is_firth,
    profiles,
    robust_of,
)
from datasets.engine.methods.shared.words import coefficients_text
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Sentence

MOST_PROFILED = 16
"""Coefficients up to which all of a separated pool get profile intervals. In a larger model only
the separated ones do, and Wald's serve the others: a profile takes three fits over all sites."""


def plan(parameters: Parameters, inputs: Sequence[InputInfo]) -> CountsSpec:
    """The first round: counts. Raises ParameterError where the sites cannot answer it."""
    require_sites(parameters, inputs)
    return CountsSpec(parameters, in_order(inputs))


def estimate(statistics: Statistics, spec: Spec) -> Answer[Regression] | Spec:
    """The result, or the next round. Raises ParameterError when no model can be fitted."""
    match spec, statistics:
        case CountsSpec(), Counts():
            return _first_pass(statistics, spec)
        case FirstPassSpec(), FirstPass():
            return _start(statistics, spec)
        case PassSpec(), Pass():
            return _advance(statistics, spec)
    raise TypeError(f"{type(statistics).__name__} are no answer to {type(spec).__name__}")


def _first_pass(counts: Counts, spec: CountsSpec) -> FirstPassSpec:
    design = design_of(counts, spec)
    return FirstPassSpec(
        parameters=spec.parameters,
        inputs=spec.inputs,
        design=design,
        contrasts=contrasts_of(design, spec.parameters, counts),
        studies=sum(1 for one in counts.sites if one.complete) > 1,
        round=spec.round + 1,
        memory=Memory(counts=counts),
    )


def _start(statistics: FirstPass, spec: FirstPassSpec) -> Answer[Regression] | PassSpec:
    in_place = _in_place(statistics.stand_ins, spec)
    sums = reduce(add, (one.cross_products() for one in in_place), statistics.sums)
    fits = _first_fits(spec.design, spec.parameters, spec.memory.counts, sums)
    memory = replace(
        spec.memory,
        cross=sums.cross,
        settled=settled_everywhere(
            spec.design, spec.parameters, spec.memory.counts, statistics.sums
        ),
        squares=float(sums.squares - sums.score[0] ** 2 / sums.cross[0, 0]),
        fits=tuple(fits),
        studies=statistics.studies,
        stand_ins=statistics.stand_ins,
    )
    return _next(spec, memory, any(one.separation for one in memory.studies))


def _advance(statistics: Pass, spec: PassSpec) -> Answer[Regression] | PassSpec:
    in_place = _in_place(spec.memory.stand_ins, spec)
    sums = iter(
        [
            reduce(add, (one.sums_of(fit) for one in in_place), of_rows)
            for fit, of_rows in zip(spec.fits, statistics.fits, strict=True)
        ]
    )

    def moved(fit: Any) -> Any:
        return advance(fit, next(sums)) if fit.open else fit

    memory = spec.memory
    memory = replace(
        memory,
        fits=tuple(moved(fit) for fit in memory.fits),
        penalised=memory.penalised and moved(memory.penalised),
        profiles=tuple(moved(fit) for fit in memory.profiles),
        nested=tuple(moved(fit) for fit in memory.nested),
        studies=statistics.studies if spec.studies else memory.studies,
    )
    return _next(spec, _followed_up(memory, spec.design, spec.parameters), studies=False)


def _next(
    spec: FirstPassSpec | PassSpec, memory: Memory, studies: bool
) -> Answer[Regression] | PassSpec:
    """Another pass while a fit is open or studies are wanted, else the result."""
    still_open = tuple(fit for fit in memory.all_fits if fit.open)
    if still_open or studies:
        return PassSpec(
            parameters=spec.parameters,
            inputs=spec.inputs,
            design=spec.design,
            fits=still_open,
            studies=studies,
            contrasts=spec.contrasts,
            round=spec.round + 1,
            memory=memory,
        )
    return report(spec.design, memory, spec.parameters, spec.inputs, spec.round)


def _in_place(stand_ins: Sequence[StandIn], spec: FirstPassSpec | PassSpec) -> list[InPlace]:
    found = in_place_of(stand_ins, spec.design, spec.parameters.family, spec.inputs)
    return list(found.values())


def _first_fits(
    design: Design, parameters: Parameters, counts: Counts, sums: CrossProducts
) -> list[MainFit]:
    """Every model of the regression, its own first."""
    wanted = [design.of_terms(model) for model in models(design, parameters)]
    columns = wanted[0]
    rank = len(independent(sums.cross[np.ix_(columns, columns)]))
    if sums.n <= rank:
        message = Sentence.counting(
            "%(count)s complete row is not enough for %(coefficients)s.",
            "%(count)s complete rows are too few for %(coefficients)s.",
            sums.n,
            coefficients=coefficients_text(rank),
        )
        raise ParameterError({"terms": message})
    if parameters.family == "gaussian" and _is_constant(sums, design):
        message = Sentence(
            "The outcome is the same in every complete row: there is nothing to explain."
        )
        raise ParameterError({"outcome": message})
    if parameters.family == "binomial":
        centred = sums.score - sums.cross[0] / 2
        return [Newton.start(one, sums.cross, centred) for one in wanted]
    robust = robust_of(errors_of_all(parameters.standard_errors, counts))
    return [
        LeastSquares.solve(
            one, sums.cross, sums.score, robust if k == 0 else "", design.outcome_mean
        )
        for k, one in enumerate(wanted)
    ]


def _is_constant(sums: CrossProducts, design: Design) -> bool:
    """Whether the pooled outcome, centred by its mean, is the same in every row, rounding apart."""
    spread = sums.squares - sums.score[0] ** 2 / sums.cross[0, 0]
    return spread <= max(1e-12 * sums.squares, sums.n * (4e-16 * design.outcome_mean) ** 2)


def _followed_up(memory: Memory, design: Design, parameters: Parameters) -> Memory:
    """With the fits that only a finished or a separated main model calls for."""
    main, penalised = memory.fits[0], memory.penalised
    if not isinstance(main, Newton):
        return memory
    if is_firth(memory, design):
        if penalised is None:
            assert memory.cross is not None
            return replace(memory, penalised=Firth.start(main.columns, memory.cross))
        if not memory.nested and not any(fit.open for fit in memory.fits):
            memory = replace(memory, nested=penalised_fits(design, memory, parameters))
        if penalised.done and not penalised.problem and not memory.profiles:
            few = len(main.columns) <= MOST_PROFILED
            basis = memory.basis(design)
            columns = basis.columns if few else infinite_terms(design, basis, main)
            return replace(memory, profiles=tuple(profiles(penalised, basis, columns)))
    if main.done and not main.problem and main.free and main.sandwich is None:
        errors = errors_of_all(parameters.standard_errors, memory.counts)
        asked = replace(main, robust=robust_of(errors))
        return replace(memory, fits=(asked, *memory.fits[1:]))
    return memory
