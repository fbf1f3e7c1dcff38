"""Tests of a regression's terms: type II, and of each interaction alone.

A term of which an estimate is infinite is tested by the penalised likelihood ratio beside that of
the likelihood's limit, which R's `anova` gives.

Robust errors have robust tests: Wald's, with the covariance that the intervals have. Type II is
then a conditional hypothesis about the coefficients of the whole model: a term is 0, given that
the interactions it is part of are. Agrees with R's `car::Anova(type = 2)` with `vcov.` from
`sandwich` for a logistic model, and with `white.adjust` for a linear one.
"""

from dataclasses import replace

import numpy as np

from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.errors import errors_of_all
from datasets.engine.methods.regression.models import (
    Comparison,
    alone,
    comparisons,
    models,
    place_of,
)
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.penalised_tests import penalised_gain
from datasets.engine.methods.regression.result import (
    InteractionTest,
    PenalisedTest,
    TermTest,
    Test,
)
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.statistics import Estimates
from datasets.engine.methods.regression.study import estimates
from datasets.engine.methods.shared.tails import chi2_tail, f_tail


def term_tests(design: Design, memory: Memory, parameters: Parameters) -> tuple[TermTest, ...]:
    """Each term by likelihood ratio or F, or by Wald's test where errors are robust."""
    found = []
    for comparison in comparisons(design):
        tested = _tested(comparison, design, memory, parameters)
        plain = {name: value for name, value in vars(tested).items() if name != "deviance"}
        found.append(TermTest(**plain))
    return tuple(found)


def interaction_tests(
    design: Design, memory: Memory, parameters: Parameters
) -> tuple[InteractionTest, ...]:
    """Each interaction added to the main effects alone."""
    return tuple(_tested(one, design, memory, parameters) for one in alone(design, parameters))


def _tested(
    comparison: Comparison, design: Design, memory: Memory, parameters: Parameters
) -> InteractionTest:
    row = _compared(comparison, design, memory, parameters)
    # Firth's estimates, of a separated outcome, have model errors: the likelihood goes with them.
    if memory.fits[0].sandwich is None or memory.penalised is not None:
        return row
    return _wald(row, comparison, design, memory, parameters)


def _compared(
    comparison: Comparison, design: Design, memory: Memory, parameters: Parameters
) -> InteractionTest:
    term, larger, smaller = comparison
    wanted = models(design, parameters)
    big, small = memory.fits[place_of(larger, wanted)], memory.fits[place_of(smaller, wanted)]
    row = InteractionTest(
        term=design.term_names[term],
        test="LR",
        chisq=None,
        f=None,
        df=len(big.columns) - len(small.columns),
        df_residual=None,
        p_value=None,
        deviance=big.deviance,
    )
    if big.problem or small.problem or row.df < 1:
        return row
    assert big.deviance is not None
    assert small.deviance is not None
    gained = max(0.0, small.deviance - big.deviance)
    if parameters.family == "binomial":
        row = replace(row, chisq=gained, p_value=chi2_tail(gained, row.df))
        held = penalised_gain(comparison, design, memory, parameters)
        if held is None:
            return row
        return replace(row, penalised=PenalisedTest(held, chi2_tail(held, row.df)))
    error = memory.fits[0]
    df_residual = error.n - len(error.columns)
    row = replace(row, test="F", df_residual=df_residual)
    variance = (error.deviance or 0.0) / df_residual
    if variance <= 0:
        return row
    f = gained / row.df / variance
    return replace(row, f=f, p_value=f_tail(f, row.df, df_residual))


def _wald(
    row: InteractionTest,
    comparison: Comparison,
    design: Design,
    memory: Memory,
    parameters: Parameters,
) -> InteractionTest:
    """The robust counterpart: what the term adds to Wald's statistic of all that is left out."""
    _term, larger, smaller = comparison
    main = memory.fits[0]
    errors = errors_of_all(parameters.standard_errors, memory.counts)
    found = estimates(design, memory.basis(design), main, errors)
    kept = [set(design.of_terms(model)) for model in (smaller, larger)]
    both, given = ([k for k, i in enumerate(found.columns) if i not in one] for one in kept)
    df = len(both) - len(given)
    linear = parameters.family == "gaussian"
    df_residual = main.n - len(main.columns) if linear else None
    test: Test = "Wald F" if linear else "Wald"
    row = replace(row, test=test, chisq=None, f=None, p_value=None, df_residual=df_residual)
    whole, left_out = _statistic(found, both), _statistic(found, given)
    if not df or whole is None or left_out is None:
        return row
    chisq = max(0.0, whole - left_out)
    row = replace(row, df=df)
    if df_residual is None:
        return replace(row, chisq=chisq, p_value=chi2_tail(chisq, df))
    return replace(row, f=chisq / df, p_value=f_tail(chisq / df, df, df_residual))


def _statistic(found: Estimates, places: list[int]) -> float | None:
    """Wald's, that these coefficients are all 0; None where errors are missing."""
    b = np.asarray(found.estimates)[places]
    covariance = np.asarray(found.covariance)[np.ix_(places, places)]
    size = np.sqrt(np.diag(covariance))
    if not (size > 0).all():
        return None
    scaled = covariance / np.outer(size, size)
    if places and np.linalg.matrix_rank(scaled, hermitian=True) < len(places):
        return None
    z = b / size
    return float(z @ np.linalg.solve(scaled, z))
