"""One site's own regression, fitted where its rows are: only estimates and covariances leave."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from datasets.engine.methods.regression import separation
from datasets.engine.methods.regression.design import Design, independent
from datasets.engine.methods.regression.fits import (
    Firth,
    Fit,
    LeastSquares,
    Newton,
    Profile,
)
from datasets.engine.methods.regression.fits.firth import Goal
from datasets.engine.methods.regression.fits.sandwich import Robust
from datasets.engine.methods.regression.parameters import Parameters, StandardErrors
from datasets.engine.methods.regression.passes import Blocks, finish, step
from datasets.engine.methods.regression.statistics import CrossProducts, Estimates, Study
from datasets.engine.methods.shared.tails import chi2_tail

GOALS: tuple[Goal, ...] = get_args(Goal)


def fit_study(
    study: Study,
    blocks: Blocks,
    design: Design,
    parameters: Parameters,
    sums: CrossProducts,
    *,
    penalised: bool,
) -> Study:
    """`study` of one site with its model: coefficients, covariance, and what kept others away.

    `sums` are its cross-products. With `penalised` Firth's estimates are added even where
    maximum likelihood exists.
    """
    columns, cross, n = design.of_site(), sums.cross, sums.n
    kept = [columns[k] for k in independent(cross[np.ix_(columns, columns)])]
    lacks: list[tuple[int, Literal["constant", "follows"]]] = []
    for i in sorted(set(columns) - set(kept)):
        spread = cross[i, i] - cross[0, i] ** 2 / n
        constant = spread <= 1e-11 * max(1.0, cross[i, i])
        lacks.append((i, "constant" if constant else "follows"))
    study = replace(study, lacks=tuple(lacks))
    if n <= len(kept):
        return replace(study, lack="few_rows")
    if sums.squares - sums.score[0] ** 2 / n <= 1e-12 * max(1.0, sums.squares):
        return replace(study, lack="constant_outcome")
    study = replace(study, df_residual=n - len(kept))
    if parameters.family == "gaussian":
        robust = robust_of(parameters.standard_errors)
        fit = finish(LeastSquares.solve(kept, cross, sums.score, robust), blocks)
        ml = estimates(design, fit, parameters.standard_errors)
        return replace(study, deviance=fit.deviance, ml=ml)
    return _logistic(study, blocks, design, kept, sums, parameters.standard_errors, penalised)


def robust_of(standard_errors: StandardErrors) -> Robust:
    """Which sandwich these standard errors need, if any."""
    return "" if standard_errors == "model" else standard_errors


def estimates(design: Design, fit: Fit, standard_errors: StandardErrors) -> Estimates:
    """Raw coefficients of a finished fit with their covariance; infinite ones left out."""
    free = list(fit.free)
    assert fit.inverse is not None
    covariance = fit.inverse
    if isinstance(fit, LeastSquares):
        covariance = covariance * ((fit.deviance or 0.0) / max(1, fit.n - len(free)))
    meat = fit.meat if isinstance(fit, LeastSquares | Newton) else None
    if meat is not None:
        factor = fit.n / (fit.n - len(free)) if standard_errors == "hc1" else 1.0
        covariance = factor * fit.inverse @ meat @ fit.inverse
    out = infinite_terms(design, fit)
    finite = [k for k, i in enumerate(fit.columns) if i not in out]
    back = design.to_raw(fit.columns)[:, free]
    raw = back @ fit.beta[free]
    if design.outcome_mean and fit.columns[0] == 0:
        raw[0] += design.outcome_mean
    kept = (back @ covariance @ back.T)[np.ix_(finite, finite)]
    return Estimates(
        columns=tuple(fit.columns[k] for k in finite),
        estimates=tuple(raw[finite].tolist()),
        covariance=tuple(tuple(row) for row in kept.tolist()),
    )


def profiles(fit: Firth, design: Design, columns: Collection[int]) -> Iterator[Profile]:
    """The fits that give these columns of a Firth fit their intervals and tests."""
    back = design.to_raw(fit.columns)
    for k, i in enumerate(fit.columns):
        if i in columns:
            for goal in GOALS:
                yield Profile.towards(fit, i, back[k], goal)


def profiled(found: Estimates, top: Firth, fits: Collection[Profile]) -> Estimates:
    """Firth's estimates with the intervals and p-values that finished profiles give."""
    values = {(fit.column, fit.goal): _profile_value(top, fit) for fit in fits}
    ci = [
        (values[i, "lower"], values[i, "upper"]) if (i, "zero") in values else None
        for i in found.columns
    ]
    p_values = [values.get((i, "zero")) for i in found.columns]
    return replace(found, ci=tuple(ci), p_values=tuple(p_values))


def infinite_terms(design: Design, fit: Fit) -> dict[int, separation.Direction]:
    """Columns that a separated fit has no finite estimate for, with where they run to."""
    if not isinstance(fit, Newton) or fit.infinite is None or fit.null_space is None:
        return {}
    back = design.to_raw(fit.columns)
    return separation.directions(design, fit.columns, back @ fit.infinite, back @ fit.null_space)


def _logistic(
    study: Study,
    blocks: Blocks,
    design: Design,
    kept: list[int],
    sums: CrossProducts,
    standard_errors: StandardErrors,
    penalised: bool,
) -> Study:
    fit = Newton.start(kept, sums.cross, sums.score - sums.cross[0] / 2)
    while not fit.done:
        fit = step(fit, blocks)
        if fit.doubt and not fit.certain:
            distinct = separation.patterns(blocks, kept)
            if len(distinct) <= separation.MOST_PATTERNS:
                probe = separation.direction(distinct)
                fit = replace(fit, certain=True, doubt=False, probe=probe)
    study = replace(study, deviance=fit.deviance)
    if fit.problem:
        return replace(study, lack="not_converged")
    if standard_errors != "model" and fit.infinite is None:
        fit = finish(replace(fit, robust=robust_of(standard_errors)), blocks)
    out = infinite_terms(design, fit)
    study = replace(
        study,
        ml=estimates(design, fit, standard_errors),
        separation=separation.at_site(design, out, blocks),
    )
    if not out and not penalised:
        return study
    firth = _penalised(blocks, design, tuple(kept), sums.cross, bool(out))
    return replace(study, firth=firth)


def _penalised(
    blocks: Blocks, design: Design, kept: tuple[int, ...], cross: np.ndarray, full: bool
) -> Estimates:
    top = finish(Firth.start(kept, cross), blocks)
    if top.problem:
        return Estimates(problem=top.problem)
    found = estimates(design, top, "model")
    if not full:
        return found
    return profiled(found, top, [finish(fit, blocks) for fit in profiles(top, design, kept)])


def _profile_value(top: Firth, fit: Profile) -> float | None:
    """The interval's end a profile fit found, or the p-value of its likelihood ratio."""
    if fit.problem:
        return None
    if fit.goal == "zero":
        assert top.penalised is not None
        assert fit.penalised is not None
        return chi2_tail(2 * (top.penalised - fit.penalised), 1)
    assert fit.contrast is not None
    return float(fit.contrast @ fit.beta)
