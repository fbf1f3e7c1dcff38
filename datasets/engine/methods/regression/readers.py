"""A regression of open data as whoever reads none of their rows is told it: rounded like a guarded
site's, after it was made.

Estimates, counts and what is made of them are rounded where no gate did, and everything that
follows from them is computed again; nothing is said of every row of a kind.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import isclose

import numpy as np

from datasets.engine.guard.rules import Rules
from datasets.engine.guard.tables import ONE_ROW, in_steps, step_of
from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.answer import (
    Found,
    alone,
    largest_first,
    one_stage,
    pooled_effect,
    stretched,
    tested,
)
from datasets.engine.methods.regression.checks import from_rounded
from datasets.engine.methods.regression.coefficients import row_of
from datasets.engine.methods.regression.design import SITE
from datasets.engine.methods.regression.guard import TELLS_OF_ROWS, refused
from datasets.engine.methods.regression.of_site import interval_of
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.reservations import of_two_sites, reservations
from datasets.engine.methods.regression.result import (
    Answered,
    Coefficient,
    OverallTest,
    Regression,
    SiteModel,
    StudyEstimate,
    TermTest,
    TwoStage,
)
from datasets.engine.methods.regression.statistics import Estimates
from datasets.engine.methods.regression.two_stage import pooled_over
from datasets.engine.methods.regression.within import tested_as_one
from datasets.engine.methods.shared.answer import AnotherWay, EffectAt, OpenEnds
from datasets.engine.methods.shared.tails import NORMAL_975, chi2_tail, f_tail
from datasets.engine.sentences import Sentence

SAME = 1e-9
"""Share of a statistic by which two ways to compute it may differ."""

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
        _over_all_rows(told, result.n),
        separation=(),
        by_site=tuple(_site(one, told, rules) for one in result.by_site),
    )
    pools = tuple(_pool(one, told, rules) for one in result.two_stage)
    told = replace(told, two_stage=pools, approximate=True)
    told = replace(told, answer=told.answer and _Answer(told.answer, result, told).told(parameters))
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


def _over_all_rows(told: Regression, rows: int) -> Regression:
    """The model over all rows: open sites' are exact in it, whatever stands for a guarded one's."""
    n = told.n or 0
    figures = rounded.about_rows(told, n, n - rows, _share(told) * (told.deviance or 0.0))
    found = rounded.estimates(_estimates(told.coefficients), n, _share(told))
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
    found = rounded.estimates(_estimates(one.coefficients), n, _share(result))
    return replace(
        told,
        deviance=rounded.deviance_of(one.deviance, df, largest),
        coefficients=_rows(rows, found, result, df),
    )


def _pool(entry: TwoStage, result: Regression, rules: Rules) -> TwoStage:
    """One term pooled again over the sites' rounded estimates."""
    studies = [replace(_study(one, result, rules), method=result.method) for one in entry.studies]
    return pooled_over(entry, studies) if studies else entry


def _study(one: StudyEstimate, result: Regression, rules: Rules) -> StudyEstimate:
    if one.approximate:
        return one
    n = rules.rounded(one.n)
    exact = Estimates((0,), (one.estimate,), ((one.se**2,),))
    found = rounded.estimates(exact, n, _share(result))
    estimate, se = found.estimates[0], float(np.sqrt(found.covariance[0][0]))
    ci = interval_of(found, 0, (estimate, se), _df_of(one.site, result))
    return replace(one, n=n, estimate=estimate, se=se, ci=ci, approximate=True)


def _df_of(site: str, result: Regression) -> int | None:
    """The degrees of freedom of a site's own linear model, none of a logistic one."""
    if result.family != "gaussian":
        return None
    return next((one.df_residual for one in result.by_site if one.site == site), None)


def _in_two_digits(test: OverallTest) -> OverallTest:
    """A test with the p-value that its statistic then has."""
    statistic = rounded.two_digits(test.statistic) or 0.0
    if test.df_residual is None:
        return replace(test, statistic=statistic, p_value=chi2_tail(statistic, test.df))
    p_value = f_tail(statistic, test.df, test.df_residual)
    return replace(test, statistic=statistic, p_value=p_value)


def _of_one(entry: TwoStage, result: Regression) -> OverallTest:
    """The test of one coefficient by what sites say of it."""
    df = _df_of(entry.studies[0].site, result)
    return tested_as_one([(one.estimate, one.se) for one in entry.studies], df)


class _Answer:
    """An answer made again of what was rounded: of `told`, where `exact` was it before."""

    def __init__(self, answer: Answered, exact: Regression, told: Regression) -> None:
        self.answer, self.exact, self.result = answer, exact, told

    def told(self, parameters: Parameters) -> Answered:
        """The answer with every number rounded or computed again."""
        answer = replace(self.answer, n=self.result.n, n_excluded=self.result.n_excluded)
        answer = replace(
            answer,
            interaction_test=self._test(answer.interaction_test),
            overall_test=self._test(answer.overall_test),
        )
        if answer.overall_test is not None:
            answer = replace(answer, p_value=answer.overall_test.p_value)
        pair = parameters.interaction
        beside = answer.checked_another_way
        if pair is not None and SITE not in pair:
            return replace(
                answer,
                by=tuple(self._at(one) for one in answer.by),
                checked_another_way=beside and self._beside(beside, answer),
            )
        if any(one.level is not None for one in answer.by):
            each = zip(answer.terms, answer.by, strict=True)
            return replace(answer, by=tuple(self._at(one, term) for term, one in each))
        if answer.estimate is None or not answer.terms:
            return answer
        found = self._found(answer.terms[0])
        if found is None:
            return self._directly(answer)
        row = self._row(answer.terms[0])
        if beside is not None and beside.estimate is not None and row is not None:
            beside = one_stage(found, row, answer.step)
        elif beside is not None:
            beside = self._beside(beside, answer)
        found = replace(found, estimator=answer.estimator)
        return replace(answer, **vars(found), checked_another_way=beside)

    def _found(self, term: str) -> Found | None:
        """The effect of one coefficient; None where its name is another's as well."""
        step, linear = self.answer.step, self.result.family == "gaussian"
        entries = [one for one in self.result.two_stage if one.term == term]
        row = self._row(term)
        if len(entries) > 1 or row is None:
            return None
        of_sites = [one for entry in entries for one in entry.studies]
        if of_sites and self.answer.estimator != "one_stage":
            found = [
                (
                    one.estimate * step,
                    one.se * step,
                    EffectAt(
                        one.estimate * step,
                        stretched(one.ci, step),
                        site=one.site,
                        approximate=one.approximate,
                    ),
                )
                for one in of_sites
            ]
            by, estimates, errors = largest_first(found)
            if len(by) > 1:
                return pooled_effect(estimates, errors, by)
            df = _df_of(of_sites[0].site, self.result)
            return tested(alone(estimates[0], errors[0], df, "", 1, by), is_rounded=True)
        if row.estimate is None or not row.se:
            return None
        df = self.result.df_residual if linear else None
        size = row.estimate * step, row.se * step
        return tested(alone(*size, df, "", self.answer.k, ()), is_rounded=True)

    def _row(self, term: str) -> Coefficient | None:
        rows = [one for one in self.result.coefficients if one.term == term]
        return rows[0] if len(rows) == 1 else None

    def _at(self, one: EffectAt, term: str = "") -> EffectAt:
        found = self._found(term) if term and one.estimate is not None else None
        if found is not None:
            return replace(one, estimate=found.estimate, ci=found.ci, approximate=True)
        estimate, ci = self._in_its_step(one.estimate, one.ci)
        return replace(one, estimate=estimate, ci=ci, approximate=True)

    def _directly(self, answer: Answered) -> Answered:
        """Where nothing says of which estimates it was made: the answer's own number in its steps,
        without what would give it back."""
        estimate, ci = self._in_its_step(answer.estimate, answer.ci)
        return replace(
            answer,
            estimate=estimate,
            ci=ci,
            prediction_interval=None,
            p_value=rounded.two_digits(answer.p_value),
            by=tuple(self._at(one) for one in answer.by),
            checked_another_way=None,
        )

    def _in_its_step(
        self, estimate: float | None, ci: OpenEnds | None
    ) -> tuple[float | None, OpenEnds | None]:
        """An estimate in the step that its interval allows, which grows to whole steps."""
        if estimate is None:
            return None, None
        low, high = ci or (None, None)
        if low is None or high is None or not high > low:
            return rounded.two_digits(estimate), None
        step = step_of((high - low) / 2 / NORMAL_975, self.result.n or 1)
        return in_steps(estimate, step), rounded.around((low, high), step)

    def _test(self, test: OverallTest | None) -> OverallTest | None:
        """The same test of what was rounded: of the model over all rows, or of sites' estimates."""
        if test is None:
            return None
        if test.k is not None:
            return self._within(test)
        if test.test == "Q":
            entries = [one for one in self.result.two_stage if one.term in self.answer.terms]
            spread = entries[0].heterogeneity if len(entries) == 1 else None
            if spread is None or spread.q_p_value is None:
                return None
            return OverallTest("Q", spread.q, spread.q_df, spread.q_p_value)
        row = self._tested_as(test.statistic)
        if row is None or row.p_value is None:
            return None
        statistic = row.f if row.chisq is None else row.chisq
        if statistic is None:
            return None
        return OverallTest(row.test, statistic, row.df, row.p_value)

    def _within(self, test: OverallTest) -> OverallTest:
        """One difference of the sites tested again; several, whose correlations are not told, to as
        many digits as tests of the model over all rows."""
        for exact, told in zip(self.exact.two_stage, self.result.two_stage, strict=True):
            if test.df != 1 or exact.k != test.k:
                continue
            if isclose(_of_one(exact, self.exact).statistic, test.statistic, rel_tol=SAME):
                return _of_one(told, self.result)
        if test.k == 1:
            test = replace(test, df_residual=self._df_about(test.df_residual))
        return _in_two_digits(test)

    def _df_about(self, df: int | None) -> int | None:
        """What is told of a site's own degrees of freedom."""
        sites = zip(self.exact.by_site, self.result.by_site, strict=True)
        return next((told.df_residual for one, told in sites if one.df_residual == df), None)

    def _tested_as(self, number: float | None) -> TermTest | None:
        """The rounded test of the model over all rows that had this number in it."""
        pairs = [
            *zip(self.exact.interaction_tests, self.result.interaction_tests, strict=True),
            *zip(self.exact.term_tests, self.result.term_tests, strict=True),
        ]
        return next(
            (told for one, told in pairs if number in (one.chisq, one.f, one.p_value)), None
        )

    def _beside(self, beside: AnotherWay, answer: Answered) -> AnotherWay | None:
        """What the model over all rows says of a difference between sites."""
        row = self._tested_as(beside.p_value) if beside.p_value is not None else None
        if row is None or row.p_value is None or answer.interaction_test is None:
            return None
        agrees = (row.p_value < 0.05) == (answer.interaction_test.p_value < 0.05)
        return replace(beside, p_value=row.p_value, agrees=agrees)
