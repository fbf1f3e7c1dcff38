"""A regression of open data as whoever reads none of their rows is told it: rounded like a guarded
site's, after it was made.

Estimates, counts and what is made of them are rounded where no gate did, and everything that
follows from them is computed again; nothing is said of every row of a kind.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import ONE_ROW
from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.answer_for_readers import AnswerForReaders, df_of
from datasets.engine.methods.regression.checks import from_rounded
from datasets.engine.methods.regression.coefficients import row_of
from datasets.engine.methods.regression.guard import TELLS_OF_ROWS, refused
from datasets.engine.methods.regression.of_site import interval_of
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.reservations import of_two_sites, reservations
from datasets.engine.methods.regression.result import (
    Coefficient,
    Regression,
    SiteModel,
    StudyEstimate,
    TwoStage,
)
from datasets.engine.methods.regression.statistics import Estimates
from datasets.engine.methods.regression.two_stage import pooled_over
from datasets.engine.sentences import Sentence

NO_MODEL = Sentence("has no model of its own")
NO_ESTIMATE = Sentence("has no estimate of its own")

OF_ROWS = frozenset(
    {"sign_reversal", "sign_difference", "narrow_interval", "separation", "ill_conditioned"}
    | {"collinear", "perfect_fit", "far_from_site", "check_far_from_site"}
    | {"firth_for_all_sites", "firth_at_sites", "standard_errors"}
)
"""Cautions that say something of every row of a kind, or have a number in them that is exact."""

AGAIN = frozenset(
    {"few_people", "few_events", "one_site", "rows_lost", "not_in_pool", "little_weight"}
    | {"two_sites"}
)
"""Those that are said again of the rounded numbers."""


def for_readers(
    result: Regression, cautions: Sequence[Caution], parameters: Parameters, rules: Rules
) -> tuple[Regression, tuple[Caution, ...]]:
    """The result and its cautions without an exact number of the rows."""
    kept = [one for one in cautions if one.code not in OF_ROWS | AGAIN]
    if result.refused or not result.n:
        return result, tuple(kept)
    if _claims(result):
        # No caution either: most would say which term it is.
        return refused(result, TELLS_OF_ROWS), ()
    told = _counted(result, rules)
    told = replace(
        _over_all_rows(told, result),
        separation=(),
        by_site=tuple(_site(one, told, rules) for one in result.by_site),
    )
    pools = tuple(_pool(one, result, told, rules) for one in result.two_stage)
    told = replace(told, two_stage=pools, approximate=True)
    if told.answer is not None:
        answer = AnswerForReaders(told.answer, result, told).told(parameters)
        told = replace(told, answer=answer)
    told = from_rounded(told)
    return told, (*reservations(told), *of_two_sites(told), *kept)


def _claims(result: Regression) -> bool:
    """Whether the model over all rows says that terms settle the outcome, as Firth's estimates do,
    or that one follows from others. Of a site where all have one outcome its own lines say less."""
    lost = any(one.estimate is None for one in result.coefficients)
    return result.method == "firth" or (lost and not result.separation)


def _unexplained(rows: Sequence[Coefficient]) -> tuple[Coefficient, ...]:
    """Coefficients without why some are missing: it can be that one term follows from another."""
    return tuple(replace(one, reason=NO_ESTIMATE) if one.estimate is None else one for one in rows)


def _counted(result: Regression, rules: Rules) -> Regression:
    """With numbers of people rounded, and degrees of freedom about them."""
    sizes = {site: n and rules.rounded(n) for site, n in result.n_by_site.items()}
    known = [n for n in sizes.values() if n is not None]
    n = sum(known) if len(known) == len(sizes) else rules.rounded(result.n or 0)
    more = n - (result.n or 0)
    return replace(
        result,
        n=n,
        n_by_site=sizes,
        n_excluded=result.n_excluded and rules.rounded(result.n_excluded),
        df_residual=result.df_residual and result.df_residual + more,
        df_null=result.df_null and result.df_null + more,
    )


def _share(result: Regression) -> float:
    """Of the squares that errors are made of, what one row is taken to be."""
    return ONE_ROW if result.family == "gaussian" else 0.0


def _residual(
    exact: Regression | SiteModel, told: Regression | SiteModel, result: Regression
) -> rounded.Residual:
    """What a model's errors are in proportion to, where they are."""
    if result.family != "gaussian" or result.standard_errors != "model":
        return rounded.NO_RESIDUAL
    return rounded.Residual.of(exact.deviance, exact.df_residual, told.deviance, told.df_residual)


def _over_all_rows(told: Regression, exact: Regression) -> Regression:
    """The model over all rows: open sites' are exact in it, whatever stands for a guarded one's."""
    n = told.n or 0
    more = n - (exact.n or 0)
    figures = rounded.about_rows(told, n, more, _share(told) * (told.deviance or 0.0))
    residual = _residual(exact, figures, told)
    found = rounded.estimates(_estimates(told.coefficients), n, _share(told), residual=residual)
    unexplained = _unexplained(told.coefficients)
    return replace(figures, coefficients=_rows(unexplained, found, told, told.df_residual))


def _estimates(rows: Sequence[Coefficient]) -> Estimates:
    """What a table of coefficients was made of."""
    known = [one for one in rows if one.estimate is not None]
    return Estimates(
        columns=tuple(range(len(known))),
        estimates=tuple(one.estimate or 0.0 for one in known),
        covariance=tuple(map(tuple, np.diag([(one.se or 0.0) ** 2 for one in known]).tolist())),
    )


def _rows(
    rows: Sequence[Coefficient], found: Estimates, result: Regression, df: int | None
) -> tuple[Coefficient, ...]:
    """The table with these estimates in place of those that it has."""
    linear = result.family == "gaussian"
    places = iter(found.columns)
    return tuple(
        one
        if one.estimate is None
        else row_of(
            one.term,
            found,
            next(places),
            df=df if linear else None,
            exponentiate=not linear,
            no_error=one.reason or "",
            is_rounded=True,
        )
        for one in rows
    )


def _site(one: SiteModel, result: Regression, rules: Rules) -> SiteModel:
    """A site's own model; a guarded site's was rounded at its gate.

    That its estimates are Firth's would say that terms settle the outcome there.
    """
    excluded = one.n_excluded and rules.rounded(one.n_excluded)
    rows = _unexplained(one.coefficients)
    told = replace(one, n_excluded=excluded, separation=(), coefficients=rows)
    told = replace(told, method=result.method)
    if one.approximate or one.n is None:
        return told
    n = rules.rounded(one.n)
    df = one.df_residual and one.df_residual + n - one.n
    told = replace(told, n=n, df_residual=df, approximate=True)
    if one.reason and one.coefficients:
        # It has its number of rows, or says that the outcome is the same in all of them.
        rows = tuple(replace(row, reason=NO_MODEL) for row in one.coefficients)
        return replace(told, deviance=None, reason=NO_MODEL, coefficients=rows)
    if not one.coefficients:
        return told
    largest = _share(result) * (one.deviance or 0.0)
    told = replace(told, deviance=rounded.deviance_of(one.deviance, df, largest))
    residual = _residual(one, told, result)
    found = rounded.estimates(_estimates(one.coefficients), n, _share(result), residual=residual)
    return replace(told, coefficients=_rows(rows, found, result, df))


def _pool(entry: TwoStage, exact: Regression, told: Regression, rules: Rules) -> TwoStage:
    """One term pooled again over the sites' rounded estimates."""
    models = zip(exact.by_site, told.by_site, strict=True)
    residuals = {one.site: _residual(one, other, told) for one, other in models}
    studies = [
        replace(_study(one, told, rules, residuals[one.site]), method=told.method)
        for one in entry.studies
    ]
    return pooled_over(entry, studies) if studies else entry


def _study(
    one: StudyEstimate, result: Regression, rules: Rules, residual: rounded.Residual
) -> StudyEstimate:
    if one.approximate:
        return one
    n = rules.rounded(one.n)
    exact = Estimates((0,), (one.estimate,), ((one.se**2,),))
    found = rounded.estimates(exact, n, _share(result), residual=residual)
    estimate, se = found.estimates[0], float(np.sqrt(found.covariance[0][0]))
    ci = interval_of(found, 0, (estimate, se), df_of(one.site, result))
    return replace(one, n=n, estimate=estimate, se=se, ci=ci, approximate=True)
