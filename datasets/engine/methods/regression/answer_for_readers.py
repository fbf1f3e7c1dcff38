"""An answer made again of what was rounded, for whoever reads none of the rows behind it."""

from dataclasses import replace
from math import isclose

from datasets.engine.guard.tables import in_steps, step_of
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
from datasets.engine.methods.regression.design import SITE
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import (
    Answered,
    Coefficient,
    OverallTest,
    Regression,
    TermTest,
    TwoStage,
)
from datasets.engine.methods.regression.within import tested_as_one
from datasets.engine.methods.shared.answer import AnotherWay, EffectAt, OpenEnds
from datasets.engine.methods.shared.tails import NORMAL_975

SAME = 1e-9
"""Share of a statistic by which two ways to compute it may differ."""


def df_of(site: str, result: Regression) -> int | None:
    """The degrees of freedom of a site's own linear model, none of a logistic one."""
    if result.family != "gaussian":
        return None
    return next((one.df_residual for one in result.by_site if one.site == site), None)


def _of_one(entry: TwoStage, result: Regression) -> OverallTest:
    """The test of one coefficient by what sites say of it."""
    df = df_of(entry.studies[0].site, result)
    return tested_as_one([(one.estimate, one.se) for one in entry.studies], df)


class AnswerForReaders:
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
            df = df_of(of_sites[0].site, self.result)
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
        return rounded.of_several(test)

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
