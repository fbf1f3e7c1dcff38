"""A guarded site's figures no finer than their errors carry, and its counts by fives.

The site's own model is rounded at its gate, so that nothing anybody adds moves a rounding's edge.
Sums of a model over all rows can't be: they are exact, and what is told of that model is rounded.
Counts, degrees of freedom and deviances follow from one rounded number of rows, and p-values and
intervals from the rounded estimates, so that none of them gives another back.
"""

import math
from dataclasses import replace

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import coarse, released_line
from datasets.engine.methods.regression.result import InteractionTest, Regression, TermTest
from datasets.engine.methods.regression.statistics import Counts, Estimates, SiteCounts, Study
from datasets.engine.methods.shared.tails import chi2_tail, f_tail


def site_counts(one: SiteCounts, rules: Rules) -> SiteCounts:
    """A site's counts about a rounded number of complete rows, of which means stay the same."""
    complete = rules.rounded(one.complete)
    share = complete / one.complete
    tallies = []
    for tally in one.tallies:
        cells = None
        if tally.cells is not None:
            line = released_line([n for _, n in tally.cells], rules, complete)
            cells = tuple(
                (levels, n) for (levels, _), n in zip(tally.cells, line, strict=True) if n
            )
        tallies.append(replace(tally, cells=cells))
    return replace(
        one,
        rows=complete + rules.rounded(one.rows - one.complete),
        complete=complete,
        present=tuple(replace(present, n=complete) for present in one.present),
        totals=tuple(
            replace(total, total=total.total * share, squares=total.squares * share)
            for total in one.totals
        ),
        tallies=tuple(tallies),
        suspicions=(),
        rounded=True,
    )


def study(one: Study, rules: Rules) -> Study:
    """A site's own model."""
    n = rules.rounded(one.n)
    df = None if one.df_residual is None else one.df_residual + n - one.n
    return replace(
        one,
        n=n,
        n_excluded=rules.rounded(one.n_excluded),
        deviance=_deviance(one.deviance, df),
        df_residual=df,
        condition=_magnitude(one.condition),
        ml=one.ml and estimates(one.ml, n),
        firth=one.firth and estimates(one.firth, n),
    )


def estimates(found: Estimates, n: int) -> Estimates:
    """Estimates by their errors, errors by theirs, and their correlations to two digits; so are
    estimates without an error."""
    if not found.columns:
        return found
    covariance = np.asarray(found.covariance)
    exact = np.sqrt(np.where(np.diag(covariance) > 0, np.diag(covariance), 0.0))
    errors = [coarse(one, one / math.sqrt(2 * n)) for one in exact.tolist()]
    some = np.where(exact > 0, exact, 1.0)
    shared = np.trunc(100 * covariance / np.outer(some, some)) / 100
    np.fill_diagonal(shared, 1.0)
    ci = found.ci and tuple(
        ends and (_end(ends[0], error), _end(ends[1], error))
        for ends, error in zip(found.ci, errors, strict=True)
    )
    return replace(
        found,
        estimates=tuple(
            coarse(b, e) if e > 0 else float(f"{b:.2g}")
            for b, e in zip(found.estimates, errors, strict=True)
        ),
        covariance=tuple(map(tuple, (shared * np.outer(errors, errors)).tolist())),
        ci=ci,
        p_values=found.p_values and tuple(_two_digits(one) for one in found.p_values),
    )


def condition(found: float | None, counts: Counts) -> float | None:
    """The condition number over all rows, where a guarded site's are among them."""
    return _magnitude(found) if _is_guarded(counts) else found


def pooled(found: Estimates, counts: Counts) -> Estimates:
    """The model over all rows, where a guarded site's are among them."""
    return estimates(found, counts.complete) if _is_guarded(counts) else found


def figures(result: Regression, counts: Counts, rows: int) -> Regression:
    """What is told of that model besides its coefficients; `rows` is their exact number."""
    if not _is_guarded(counts):
        return result
    more = counts.complete - rows
    df = result.df_residual
    deviance = _deviance(result.deviance, df)
    null = _deviance(result.null_deviance, result.df_null)
    if deviance is not None and null is not None:
        null = max(null, deviance)
    told = replace(
        result,
        deviance=deviance,
        null_deviance=null,
        term_tests=tuple(_test(one, more) for one in result.term_tests),
        interaction_tests=tuple(_interaction(one, more) for one in result.interaction_tests),
    )
    return _following(told, counts.complete)


def _is_guarded(counts: Counts) -> bool:
    return any(one.rounded for one in counts.sites)


def _following(result: Regression, n: int) -> Regression:
    """With what follows from its deviances and degrees of freedom made of them alone."""
    deviance, null, df = result.deviance, result.null_deviance, result.df_residual
    if not deviance or not df:
        return replace(
            result,
            log_likelihood=None,
            aic=None,
            sigma=None,
            r_squared=None,
            adjusted_r_squared=None,
        )
    p = n - df
    if result.family == "binomial":
        return replace(result, log_likelihood=-deviance / 2, aic=deviance + 2 * p)
    likelihood = -n / 2 * (math.log(2 * math.pi) + math.log(deviance / n) + 1)
    told = replace(
        result,
        log_likelihood=likelihood,
        aic=-2 * likelihood + 2 * (p + 1),
        sigma=math.sqrt(deviance / df),
    )
    if result.r_squared is None or not null:
        return told
    share = 1 - deviance / null
    return replace(told, r_squared=share, adjusted_r_squared=1 - (1 - share) * (n - 1) / df)


def _test(one: TermTest, more: int) -> TermTest:
    df = None if one.df_residual is None else one.df_residual + more
    chisq, f = _two_digits(one.chisq), _two_digits(one.f)
    p_value = one.p_value
    if p_value is not None and chisq is not None:
        p_value = chi2_tail(chisq, one.df)
    elif p_value is not None and f is not None and df is not None:
        p_value = f_tail(f, one.df, df)
    return replace(one, chisq=chisq, f=f, df_residual=df, p_value=p_value)


def _interaction(one: InteractionTest, more: int) -> InteractionTest:
    tested = _test(one, more)
    assert isinstance(tested, InteractionTest)
    return replace(tested, deviance=_deviance(one.deviance, tested.df_residual))


def _deviance(deviance: float | None, df: int | None) -> float | None:
    """By the error that a variance of so many degrees of freedom has, or to two digits."""
    if deviance is None or not df:
        return _two_digits(deviance)
    return coarse(deviance, deviance * math.sqrt(2 / df))


def _end(end: float | None, error: float) -> float | None:
    return None if end is None else coarse(end, error)


def _magnitude(value: float | None) -> float | None:
    """Its order of magnitude, which is all that a condition number has to tell."""
    return value if not value else 10.0 ** round(math.log10(value))


def _two_digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.2g}")
