"""Tests of a regression's terms: type II, and of each interaction alone."""

from dataclasses import replace

import numpy as np

from datasets.engine.methods.regression.design import Design, Term
from datasets.engine.methods.regression.models import (
    Comparison,
    alone,
    comparisons,
    models,
    place_of,
)
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import InteractionTest, TermTest
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.study import estimates
from datasets.engine.methods.shared.tails import chi2_tail, f_tail


def term_tests(design: Design, memory: Memory, parameters: Parameters) -> tuple[TermTest, ...]:
    """Each term by likelihood ratio or F; by Wald's F where a linear model's errors are robust."""
    robust = parameters.family == "gaussian" and parameters.standard_errors != "model"
    found = []
    for comparison in comparisons(design):
        tested = _compared(comparison, design, memory, parameters)
        plain = {name: value for name, value in vars(tested).items() if name != "deviance"}
        row = TermTest(**plain)
        found.append(_wald(row, comparison[0], design, memory, parameters) if robust else row)
    return tuple(found)


def interaction_tests(
    design: Design, memory: Memory, parameters: Parameters
) -> tuple[InteractionTest, ...]:
    """Each interaction added to the main effects alone."""
    return tuple(_compared(one, design, memory, parameters) for one in alone(design, parameters))


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
        return replace(row, chisq=gained, p_value=chi2_tail(gained, row.df))
    error = memory.fits[0]
    df_residual = error.n - len(error.columns)
    row = replace(row, test="F", df_residual=df_residual)
    variance = (error.deviance or 0.0) / df_residual
    if variance <= 0:
        return row
    f = gained / row.df / variance
    return replace(row, f=f, p_value=f_tail(f, row.df, df_residual))


def _wald(
    row: TermTest, term: Term, design: Design, memory: Memory, parameters: Parameters
) -> TermTest:
    """The robust counterpart of the F test: Wald's, in the full model."""
    main = memory.fits[0]
    found = estimates(design, memory.basis(design), main, parameters.standard_errors)
    places = [k for k, i in enumerate(found.columns) if design.columns[i].term == term]
    df = main.n - len(main.columns)
    row = replace(row, test="Wald F", f=None, p_value=None, df_residual=df)
    if not places:
        return row
    b = np.asarray(found.estimates)[places]
    covariance = np.asarray(found.covariance)[np.ix_(places, places)]
    if np.linalg.matrix_rank(covariance) < len(places):
        return row
    f = float(b @ np.linalg.solve(covariance, b)) / len(places)
    return replace(row, f=f, df=len(places), p_value=f_tail(f, len(places), df))
