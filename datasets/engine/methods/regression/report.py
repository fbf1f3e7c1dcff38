"""The finished regression in the API's words, from fits and studies."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datasets.engine.methods.contract import Answer, Caution, places_of, site_order
from datasets.engine.methods.regression import lacks, rounded, separation
from datasets.engine.methods.regression.answer import answered
from datasets.engine.methods.regression.checks import checks, ill_conditioned
from datasets.engine.methods.regression.counting import excluded, first_cautions, level_counts
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.fits import LeastSquares, Newton
from datasets.engine.methods.regression.fits.newton import MOST_STEPS
from datasets.engine.methods.regression.of_site import is_infinite, own
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.reservations import reservations
from datasets.engine.methods.regression.result import (
    Coefficient,
    Regression,
    Separation,
    SiteModel,
)
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.statistics import (
    Counts,
    Estimates,
    Study,
)
from datasets.engine.methods.regression.study import estimates, infinite_terms, profiled
from datasets.engine.methods.regression.term_tests import interaction_tests, term_tests
from datasets.engine.methods.regression.two_stage import two_stage
from datasets.engine.methods.shared.answer import OpenEnds
from datasets.engine.methods.shared.diagnostics import may_stand
from datasets.engine.methods.shared.tails import NORMAL_975, normal_tail, t_quantile, t_tail
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Called, Sentence, listed

ALIASED = Sentence("is a combination of earlier terms, or does not vary")
PERFECT = Sentence("the terms fit every row exactly, which leaves no error to estimate")
ROUNDED_AWAY = Sentence("rounded away")
ALONE = Sentence("a row alone in its site or level determines its own fit")


def report(
    design: Design,
    memory: Memory,
    parameters: Parameters,
    inputs: Sequence[InputInfo],
    rounds: int,
) -> Answer[Regression]:
    """The result of a regression whose fits are all done."""
    counts, n = memory.counts, memory.counts.complete
    places, order = places_of(inputs), site_order(inputs)
    found, entries, warnings = _pooled(design, memory, parameters)
    main = memory.fits[0]
    if rounded.is_guarded(counts):
        found = rounded.settled(found)
    given = memory.basis(design).columns
    aliased = {i: ALIASED for i in range(len(design.columns)) if i not in given}
    if aliased:
        message = Sentence(
            "No coefficient is given for what follows from earlier terms or does not vary: "
            "%(names)s.",
            names=listed([design.called(i) for i in aliased]),
        )
        warnings.append(Caution("collinear", message))
    linear = isinstance(main, LeastSquares)
    if linear and not main.deviance:
        message = Sentence(
            "The terms fit %(outcome)s exactly in every row, which leaves no error to estimate: "
            "no standard error, interval or p-value is given.",
            outcome=Called.variable(parameters.outcome),
        )
        warnings.append(Caution("perfect_fit", message))
    second_stage, complaints = two_stage(design, parameters, memory.studies, places)
    result = Regression(
        outcome=parameters.outcome,
        family=parameters.family,
        strategy=parameters.strategy,
        standard_errors=parameters.standard_errors,
        site_effects=parameters.site_effects,
        rounds=rounds,
        n=n,
        n_excluded=counts.rows - n,
        sites=tuple(one.site for one in counts.used(order)),
        excluded_sites=tuple(excluded(counts, order)),
        n_by_site={one.site: one.complete for one in counts.sites},
        method="ols" if linear else "firth" if _is_infinite(memory) else "ml",
        coefficients=_table(
            design,
            range(len(design.columns)),
            found,
            df=n - len(main.columns) if linear else None,
            exponentiate=not linear,
            reasons=aliased,
            no_error=ALONE if main.deviance else PERFECT,
            is_rounded=rounded.is_guarded(counts),
        ),
        separation=entries,
        **vars(_fit_statistics(memory, parameters)),
        term_tests=term_tests(design, memory, parameters),
        interaction_tests=interaction_tests(design, memory, parameters),
        by_site=tuple(
            _site_model(
                design,
                study,
                memory.studies,
                places[study.site],
                parameters,
                is_rounded=rounded.is_of_guarded(study.site, counts),
            )
            for study in memory.studies
        ),
        two_stage=second_stage,
        counts=level_counts(counts),
        approximate=rounded.is_guarded(counts),
    )
    result = replace(result, answer=answered(design, parameters, memory, found, result))
    diagnostics = checks(design, memory, parameters, result)
    result = replace(result, diagnostics=diagnostics, shown=may_stand(diagnostics))
    warnings.extend(reservations(result))
    warnings.extend(ill_conditioned(design, memory, parameters))
    for study in memory.studies:
        warnings.extend(
            Caution("separation", one.why, about=one.term)
            for one in separation.in_words(design, study)
        )
        reason = _lack(design, study)
        if reason:
            message = Sentence(
                "%(site)s has no estimates of its own: %(reason)s.", site=study.site, reason=reason
            )
            warnings.append(Caution("no_site_estimate", message))
        else:
            warnings.extend(lacks.left_out_of_pool(design, study, parameters.exposure))
    first = first_cautions(counts, inputs, parameters.outcome)
    return Answer(result, (*first, *warnings, *complaints))


def coefficient(
    name: str,
    estimate: float,
    se: float | None,
    *,
    df: int | None,
    exponentiate: bool,
    ci: OpenEnds | None = None,
    p_value: float | None = None,
) -> Coefficient:
    """One row of a coefficient table; Wald with t(df) or the normal unless `ci` is given."""
    statistic = None if se is None else estimate / se
    if ci is None and se is not None and statistic is not None:
        quantile = t_quantile(0.975, df) if df else NORMAL_975
        ci = (estimate - quantile * se, estimate + quantile * se)
        tail = t_tail(abs(statistic), df) if df else normal_tail(abs(statistic))
        p_value = 2 * tail
    row = Coefficient(name, estimate, se, statistic, p_value, ci)
    if not exponentiate:
        return row
    with np.errstate(over="ignore"):
        row = replace(row, exp_estimate=float(np.exp(estimate)))
        if ci is None:
            return row
        low, high = (None if end is None else float(np.exp(end)) for end in ci)
        return replace(row, exp_ci=(low, high))


def _is_infinite(memory: Memory) -> bool:
    """Whether the pooled outcome is separated."""
    main = memory.fits[0]
    return isinstance(main, Newton) and not main.problem and main.infinite is not None


def _pooled(
    design: Design, memory: Memory, parameters: Parameters
) -> tuple[Estimates, tuple[Separation, ...], list[Caution]]:
    """Estimates of the pooled model, Firth's where the pool is separated."""
    main, basis = memory.fits[0], memory.basis(design)
    if main.problem:
        message = Sentence(
            "The pooled fit did not converge in %(steps)s steps; its coefficients are not given.",
            steps=MOST_STEPS,
        )
        return Estimates(), (), [Caution("not_converged", message)]
    if not _is_infinite(memory):
        return estimates(design, basis, main, parameters.standard_errors), (), []
    entries = separation.in_pool(design, infinite_terms(design, basis, main), memory.counts)
    warnings = [
        Caution(
            "separation",
            Sentence(
                "%(why)s The ordinary estimate of %(term)s is infinite; Firth's penalised "
                "estimates are given, with profile intervals.",
                why=one.why,
                term=design.called(design.names.index(one.term)),
            ),
            about=one.term,
        )
        for one in entries
    ]
    found, top = Estimates(), memory.penalised
    if top is not None and not top.problem:
        found = profiled(estimates(design, basis, top, "model"), top, memory.profiles)
    if not found.columns:
        message = Sentence("Firth's fit of the separated pool did not converge.")
        warnings.append(Caution("not_converged", message))
    if parameters.standard_errors != "model":
        message = Sentence("Firth's estimates come with model standard errors, not robust ones.")
        warnings.append(Caution("standard_errors", message))
    return found, entries, warnings


def _table(
    design: Design,
    columns: Iterable[int],
    found: Estimates,
    *,
    df: int | None,
    exponentiate: bool,
    reasons: Mapping[int, Sentence],
    no_error: Sentence,
    is_rounded: bool,
) -> tuple[Coefficient, ...]:
    """A row per column, null with its reason where `found` has none, or no error of it."""
    rows = []
    for i in columns:
        name = design.names[i]
        if i not in found.columns:
            reason = reasons.get(i) or Sentence("has no finite estimate")
            rows.append(Coefficient(name, reason=reason))
            continue
        rows.append(
            row_of(
                name,
                found,
                found.columns.index(i),
                df=df,
                exponentiate=exponentiate,
                no_error=no_error,
                is_rounded=is_rounded,
            )
        )
    return tuple(rows)


def row_of(
    name: str,
    found: Estimates,
    k: int,
    *,
    df: int | None,
    exponentiate: bool,
    no_error: str,
    is_rounded: bool,
) -> Coefficient:
    """The row of the k-th estimate; `no_error` says why it has no error, where it has none.

    An estimate of which rounding left 0 has no test: its p would be 1.
    """
    variance = found.covariance[k][k]
    row = coefficient(
        name,
        found.estimates[k],
        float(np.sqrt(variance)) if variance > 0 else None,
        df=df,
        exponentiate=exponentiate,
        ci=None if found.ci is None else found.ci[k],
        p_value=None if found.p_values is None else found.p_values[k],
    )
    if not row.se:
        return replace(row, reason=no_error)
    if is_rounded and row.estimate == 0:
        return replace(row, statistic=None, p_value=None, reason=ROUNDED_AWAY)
    return row


@dataclass(frozen=True)
class _FitStatistics:
    """How well the pooled model fits; the fields of `Regression` that say so."""

    deviance: float | None
    null_deviance: float
    df_residual: int
    df_null: int
    log_likelihood: float | None
    aic: float | None
    r_squared: float | None = None
    adjusted_r_squared: float | None = None
    sigma: float | None = None


def _fit_statistics(memory: Memory, parameters: Parameters) -> _FitStatistics:
    """Deviances, likelihood and what follows, as R's `glm`, `logLik`, `AIC`, `summary.lm`."""
    main, n = memory.fits[0], memory.counts.complete
    p = len(main.columns)
    if parameters.family == "binomial":
        deviance = main.deviance if not main.problem else None
        likelihood = None if deviance is None else -deviance / 2
        aic = None if deviance is None else deviance + 2 * p
        null = _null_deviance(memory.counts, parameters.outcome)
        return _FitStatistics(deviance, null, n - p, n - 1, likelihood, aic)
    deviance, null = main.deviance, memory.squares
    assert deviance is not None
    likelihood = aic = None
    if deviance > 0:
        likelihood = float(-n / 2 * (np.log(2 * np.pi) + np.log(deviance / n) + 1))
        aic = -2 * likelihood + 2 * (p + 1)
    fitted = _FitStatistics(deviance, null, n - p, n - 1, likelihood, aic)
    fitted = replace(fitted, sigma=float(np.sqrt(deviance / (n - p))))
    if null <= 0:
        return fitted
    r_squared = 1 - deviance / null
    adjusted = 1 - (1 - r_squared) * (n - 1) / (n - p)
    return replace(fitted, r_squared=r_squared, adjusted_r_squared=adjusted)


def _null_deviance(counts: Counts, outcome: str) -> float:
    """The deviance of a yes-no outcome about its overall share."""
    n = counts.complete
    tallies = [one.tally_of(outcome) for one in counts.sites]
    ones = sum(one.count("1") for one in tallies if one is not None)
    share = ones / n
    return float(-2 * (ones * np.log(share) + (n - ones) * np.log1p(-share)))


def _site_model(
    design: Design,
    study: Study,
    studies: Sequence[Study],
    place: InputInfo,
    parameters: Parameters,
    *,
    is_rounded: bool,
) -> SiteModel:
    binomial = parameters.family == "binomial"
    penalised = is_infinite(design, parameters.exposure, studies)
    estimates = own(study, penalised=penalised) or Estimates()
    is_firth = penalised or bool(study.separation)
    columns = design.of_site()
    reason = _lack(design, study)
    reasons = dict.fromkeys(columns, reason) if reason else lacks.reasons(design, study)
    return SiteModel(
        site=study.site,
        country=place.country,
        region=place.region,
        n=study.n,
        n_excluded=study.n_excluded,
        deviance=study.deviance,
        df_residual=study.df_residual,
        separation=separation.in_words(design, study),
        method=("firth" if is_firth else "ml") if binomial else "ols",
        reason=reason,
        coefficients=_table(
            design,
            columns,
            estimates,
            df=None if binomial else study.df_residual,
            exponentiate=binomial,
            reasons=reasons,
            no_error=ALONE if study.deviance else PERFECT,
            is_rounded=is_rounded,
        ),
        approximate=study.rounded,
    )


def _lack(design: Design, study: Study) -> Sentence | None:
    """Why a site has no model of its own."""
    match study.lack:
        case "few_rows":
            return Sentence(
                "%(rows)s complete rows for %(coefficients)s coefficients",
                rows=study.n,
                coefficients=study.rank,
            )
        case "constant_outcome":
            return Sentence(
                "%(outcome)s does not vary at %(site)s",
                outcome=Called.variable(design.outcome),
                site=study.site,
            )
        case "not_converged":
            return Sentence("the fit did not converge in %(steps)s steps", steps=MOST_STEPS)
    return None
