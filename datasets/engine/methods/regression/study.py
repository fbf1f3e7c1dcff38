"""One site's own regression, fitted where its rows are: only estimates and covariances leave."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import get_args

import numpy as np

from datasets.engine.methods.regression import separation
from datasets.engine.methods.regression.basis import Basis, Contrast
from datasets.engine.methods.regression.conditioning import condition_of
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.fits import (
    Firth,
    Fit,
    LeastSquares,
    Newton,
    Profile,
)
from datasets.engine.methods.regression.fits.profile import Goal
from datasets.engine.methods.regression.fits.sandwich import Robust
from datasets.engine.methods.regression.lacks import because_settled, lacks_of
from datasets.engine.methods.regression.parameters import StandardErrors
from datasets.engine.methods.regression.passes import Blocks, cross_products, finish, step
from datasets.engine.methods.regression.settled import unsettled
from datasets.engine.methods.regression.spec import FirstPassSpec, Memory, PassSpec
from datasets.engine.methods.regression.statistics import CrossProducts, Estimates, Study
from datasets.engine.methods.shared.tails import chi2_tail

NOTHING = 1e-12
"""Share of a variance that is rounding."""

UNMOVED = 1e-6
"""Share of a sum's size that a direction without a finite maximum may move it by, rounding."""

GOALS: tuple[Goal, ...] = get_args(Goal)


def fit_study(
    study: Study,
    blocks: Blocks,
    spec: FirstPassSpec | PassSpec,
    sums: CrossProducts,
    *,
    penalised: bool,
) -> Study:
    """`study` of one site with its model: coefficients, covariance, and what kept others away.

    `sums` are its cross-products. With `penalised` Firth's estimates are added even where
    maximum likelihood exists.
    """
    design, parameters = spec.design, spec.parameters
    study, basis = _with_basis(study, design, sums)
    if sums.n <= study.rank:
        return replace(study, lack="few_rows")
    if _is_constant(sums, blocks, design):
        return replace(study, lack="constant_outcome")
    blocks, settled = unsettled(design, parameters, blocks)
    if settled:
        lacks, sums = study.lacks, cross_products(blocks, len(design.columns))
        study, basis = _with_basis(replace(study, settled=settled), design, sums)
        study = replace(study, lacks=because_settled(lacks, basis))
        if sums.n <= study.rank:
            return replace(study, lack="settled")
    study = replace(study, df_residual=sums.n - study.rank)
    if parameters.family == "gaussian":
        robust = robust_of(parameters.standard_errors)
        solved = LeastSquares.solve(
            basis.fitted, sums.cross, sums.score, robust, design.outcome_mean
        )
        fit = finish(solved, blocks)
        ml = _of_site(spec, basis, fit, parameters.standard_errors)
        return replace(study, deviance=fit.deviance, ml=ml)
    return _logistic(study, blocks, spec, basis, sums, penalised)


def _with_basis(study: Study, design: Design, sums: CrossProducts) -> tuple[Study, Basis]:
    """What rows with these cross-products determine, and that beside the study."""
    basis = Basis.of(design, design.of_site(), sums.cross)
    rank, condition = len(basis.fitted), condition_of(sums.cross, basis.fitted)
    return replace(
        study, rank=rank, condition=condition, lacks=lacks_of(design, basis, sums)
    ), basis


def _is_constant(sums: CrossProducts, blocks: Blocks, design: Design) -> bool:
    """Whether the outcome is the same in every row, whatever its unit and wherever its zero."""
    if sums.squares - sums.score[0] ** 2 / sums.n > 1e-8 * sums.squares:
        return False
    low = min(float(y.min()) for _x, y in blocks if len(y))
    high = max(float(y.max()) for _x, y in blocks if len(y))
    size = max(abs(low + design.outcome_mean), abs(high + design.outcome_mean))
    return high - low <= 4e-16 * size


def robust_of(standard_errors: StandardErrors) -> Robust:
    """Which sandwich these standard errors need, if any."""
    return "" if standard_errors == "model" else standard_errors


def estimates(design: Design, basis: Basis, fit: Fit, standard_errors: StandardErrors) -> Estimates:
    """Raw coefficients of a finished fit with their covariance; infinite ones left out.

    A variance is 0 where the rows leave none to estimate: in a perfect fit, and in robust errors
    of what a row with leverage 1 decides.
    """
    free = list(fit.free)
    back = basis.to_raw[:, free]
    covariance = covariance_of(fit, back, standard_errors)
    out = infinite_terms(design, basis, fit)
    finite = [k for k, i in enumerate(basis.columns) if i not in out]
    raw = back @ fit.beta[free]
    if design.outcome_mean and 0 in basis.columns:
        raw[basis.columns.index(0)] += design.outcome_mean
    kept = covariance[np.ix_(finite, finite)]
    return Estimates(
        columns=tuple(basis.columns[k] for k in finite),
        estimates=tuple(raw[finite].tolist()),
        covariance=tuple(tuple(row) for row in kept.tolist()),
    )


def covariance_of(fit: Fit, back: np.ndarray, standard_errors: StandardErrors) -> np.ndarray:
    """That of sums `back` of a finished fit's free coefficients; 0 where the rows leave none."""
    free = fit.free
    assert fit.inverse is not None
    variance = 1.0
    if isinstance(fit, LeastSquares):
        variance = (fit.deviance or 0.0) / max(1, fit.n - len(free))
    covariance = variance * back @ fit.inverse @ back.T
    if isinstance(fit, LeastSquares | Newton) and fit.sandwich is not None:
        factor = fit.n / (fit.n - len(free)) if standard_errors == "hc1" else 1.0
        robust = factor * back @ fit.sandwich @ back.T
        unknown = np.diag(robust) <= NOTHING * np.diag(covariance)
        if fit.alone is not None:
            swayed = np.einsum("ij,jk,ik->i", back, fit.alone, back)
            unknown |= swayed > NOTHING * np.einsum("ij,jk,ik->i", back, fit.inverse, back)
        robust[unknown, :] = robust[:, unknown] = 0.0
        covariance = robust
    return np.asarray(covariance)


def _of_site(
    spec: FirstPassSpec | PassSpec, basis: Basis, fit: Fit, standard_errors: StandardErrors
) -> Estimates:
    """Coefficients that mean the same at every site, and the sums that are wanted beside them."""
    found = estimates(spec.design, basis.determined(), fit, standard_errors)
    return replace(
        found, sums=tuple(sum_of(basis, fit, one, standard_errors) for one in spec.contrasts)
    )


def sum_of(
    basis: Basis, fit: Fit, contrast: Contrast, standard_errors: StandardErrors
) -> tuple[float, float] | None:
    """Estimate and variance of a sum of coefficients, where it is known and finite."""
    weights = basis.sum_of(contrast)
    endless = fit.null_space if isinstance(fit, Newton) else None
    if weights is None or (
        endless is not None
        and (np.abs(weights @ endless) > UNMOVED * np.linalg.norm(weights)).any()
    ):
        return None
    free = list(fit.free)
    variance = float(covariance_of(fit, weights[None, free], standard_errors)[0, 0])
    return (float(weights[free] @ fit.beta[free]), variance) if variance > 0 else None


def profiles(fit: Firth, basis: Basis, columns: Collection[int]) -> Iterator[Profile]:
    """The fits that give these columns of a Firth fit their intervals and tests."""
    for k, i in enumerate(basis.columns):
        if i in columns:
            for goal in GOALS:
                yield Profile.towards(fit, i, basis.to_raw[k], goal)


def profiled(found: Estimates, top: Firth, fits: Collection[Profile]) -> Estimates:
    """Firth's estimates with the intervals and p-values that finished profiles give."""
    values = {(fit.column, fit.goal): _profile_value(top, fit) for fit in fits}
    ci = [
        (values[i, "lower"], values[i, "upper"]) if (i, "zero") in values else None
        for i in found.columns
    ]
    p_values = [values.get((i, "zero")) for i in found.columns]
    return replace(found, ci=tuple(ci), p_values=tuple(p_values))


def infinite_terms(design: Design, basis: Basis, fit: Fit) -> dict[int, separation.Direction]:
    """Columns that a separated fit has no finite estimate for, with where they run to."""
    if not isinstance(fit, Newton) or fit.infinite is None or fit.null_space is None:
        return {}
    raw, null_space = basis.to_raw @ fit.infinite, basis.to_raw @ fit.null_space
    return separation.directions(design, basis.columns, raw, null_space)


def is_firth(memory: Memory, design: Design) -> bool:
    """Whether the model over all rows takes Firth's estimates: where its outcome is separated by
    more than sites at which all have one outcome, which move no other coefficient."""
    main = memory.fits[0]
    if not isinstance(main, Newton) or main.problem or main.infinite is None:
        return False
    infinite = infinite_terms(design, memory.basis(design), main)
    return not separation.is_of_sites(design, infinite)


def _logistic(
    study: Study,
    blocks: Blocks,
    spec: FirstPassSpec | PassSpec,
    basis: Basis,
    sums: CrossProducts,
    penalised: bool,
) -> Study:
    design, standard_errors = spec.design, spec.parameters.standard_errors
    fit = Newton.start(basis.fitted, sums.cross, sums.score - sums.cross[0] / 2)
    while not fit.done:
        fit = step(fit, blocks)
        if fit.doubt and not fit.certain:
            distinct = separation.patterns(blocks, list(basis.fitted))
            if len(distinct) <= separation.MOST_PATTERNS:
                probe = separation.direction(distinct)
                fit = replace(fit, certain=True, doubt=False, probe=probe)
    study = replace(study, deviance=fit.deviance)
    if fit.problem:
        return replace(study, lack="not_converged")
    if standard_errors != "model" and fit.free:
        fit = finish(replace(fit, robust=robust_of(standard_errors)), blocks)
    out = infinite_terms(design, basis.determined(), fit)
    study = replace(
        study,
        ml=_of_site(spec, basis, fit, standard_errors),
        separation=separation.at_site(design, out, blocks),
    )
    if not out and not penalised:
        return study
    firth = _penalised(blocks, spec, basis, sums.cross, out)
    return replace(study, firth=firth)


def _penalised(
    blocks: Blocks,
    spec: FirstPassSpec | PassSpec,
    basis: Basis,
    cross: np.ndarray,
    infinite: Collection[int],
) -> Estimates:
    """Firth's estimates, with the profiles of what is `infinite` without them."""
    top = finish(Firth.start(basis.fitted, cross), blocks)
    if top.problem:
        return Estimates(problem=top.problem)
    found = _of_site(spec, basis, top, "model")
    if not infinite:
        return found
    fits = [finish(fit, blocks) for fit in profiles(top, basis.determined(), infinite)]
    return profiled(found, top, fits)


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
