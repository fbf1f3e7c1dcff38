"""The one answer of a regression: what its exposure has to do with its outcome.

Where several sites can say it themselves their estimates are pooled (random effects, REML); the
model over all rows stands beside it. Sites are taken by their estimates, so that neither their
names nor the order of inputs plays a part.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from datasets.engine.methods.regression import rounded
from datasets.engine.methods.regression.aliased import why_unknown
from datasets.engine.methods.regression.along import contrasts_of, places, two_values
from datasets.engine.methods.regression.basis import Contrast
from datasets.engine.methods.regression.design import SITE, Design
from datasets.engine.methods.regression.differences import differences
from datasets.engine.methods.regression.effects import (
    Found,
    Weights,
    alone,
    at_levels,
    largest_first,
    most,
    pooled_effect,
    sum_effect,
    told_with,
    untested_if_zero,
)
from datasets.engine.methods.regression.fits import LeastSquares
from datasets.engine.methods.regression.of_site import (
    interval_of,
    is_infinite,
    sum_at,
    wald,
    with_infinite_sum,
)
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.result import (
    Answered,
    Coefficient,
    Difference,
    OverallTest,
    Regression,
    TermTest,
)
from datasets.engine.methods.regression.settled import settled_words
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.statistics import Counts, Estimates
from datasets.engine.methods.regression.study import sum_of
from datasets.engine.methods.regression.within import Within, tested_between, tested_within
from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.answer import AnotherWay, EffectAt, OpenEnds
from datasets.engine.methods.shared.tails import one_digit
from datasets.engine.sentences import Sentence

ALPHA = 0.05
FIRTH = "Firth"

SPREADS = 1.5
"""A number's effect is told per power of ten of its units, up to so many standard deviations."""

ALIASED = Sentence("the rows do not tell it apart from what it is adjusted for")


def answered(
    design: Design,
    parameters: Parameters,
    memory: Memory,
    pooled: Estimates,
    result: Regression,
) -> Answered:
    """The answer, from sites' own models, the pooled model's estimates, and the result so far."""
    question = _Question(design, parameters, memory, pooled, result)
    columns = [i for i, c in enumerate(design.columns) if c.term == (parameters.exposure,)]
    levels = dict(design.levels).get(parameters.exposure, ())
    start = Answered(
        exposure=parameters.exposure,
        level=levels[1] if len(levels) == 2 else None,
        reference=levels[0] if levels else None,
        terms=tuple(design.names[i] for i in columns),
        scale="difference" if parameters.family == "gaussian" else "ratio",
        step=question.step,
        n=result.n,
        n_excluded=result.n_excluded,
    )
    pair = parameters.interaction
    if pair is not None and SITE in pair:
        return question.by_site(start, columns, pair)
    if pair is not None:
        return question.by_level(start, columns, pair)
    return question.over_sites(start, columns)


class _Question:
    """A question with all that its rounds found."""

    def __init__(
        self,
        design: Design,
        parameters: Parameters,
        memory: Memory,
        pooled: Estimates,
        result: Regression,
    ) -> None:
        self.design, self.parameters, self.result = design, parameters, result
        self.pooled, self.counts, self.penalised = pooled, memory.counts, memory.penalised
        self.studies = memory.studies
        self.main = memory.fits[0]
        self.step = _step(design, parameters.exposure, memory.counts)
        self.basis = memory.basis(design)
        self.settled = memory.settled
        self.unknown = why_unknown(design, self.basis, parameters.exposure)

    def over_sites(self, start: Answered, columns: Sequence[int]) -> Answered:
        """One effect, or one for each level of a category, without an interaction."""
        if self.unknown is not None:
            return replace(start, reason=self.unknown)
        if len(columns) == 1:
            found = self.found({columns[0]: self.step})
            whole = told_with(start, found)
            row = self.result.coefficients[columns[0]]
            if found.estimate is None:
                return replace(whole, reason=row.reason or ALIASED)
            return replace(whole, checked_another_way=_one_stage(found, row, self.step))
        each = [(_level_of(self.design, i), self.found({i: self.step})) for i in columns]
        test = _test(self.result.term_tests, self.design.term_names[(start.exposure,)])
        if len(self.result.sites) > 1 and any(found.by for _, found in each):
            # A level that no site tells of has an effect in the model over all rows alone.
            each = [(level, found if found.by else Found()) for level, found in each]
            model = test
            term = (start.exposure,)
            within = tested_within(self.design, self.parameters, self.studies, term)
            test = within.test if within else None
            start = replace(start, checked_another_way=_beside(model, test))
        return replace(
            start,
            by=at_levels(each),
            overall_test=test,
            p_value=test.p_value if test else None,
            estimator=most(each).estimator,
            k=most(each).k,
        )

    def by_site(self, start: Answered, columns: Sequence[int], pair: tuple[str, str]) -> Answered:
        """One effect per site, and whether they differ more than chance would make them."""
        model = _test(self.result.interaction_tests, self.design.term_names.get(pair, ""))
        if len(columns) != 1:
            return self._by_site_and_level(start, columns, model)
        found = self.found({columns[0]: self.step})
        if found.estimate is None:
            return replace(start, reason=self.unknown or ALIASED)
        estimates, errors = self._at_sites({columns[0]: self.step})[1:]
        test = None
        if len(estimates) > 1:
            spread = meta.pool(estimates, errors).heterogeneity
            assert spread.q_p_value is not None
            test = OverallTest("Q", spread.q, spread.q_df, spread.q_p_value)
        return replace(
            told_with(start, found),
            interaction_test=test or model,
            checked_another_way=_beside(model, test),
        )

    def _by_site_and_level(
        self, start: Answered, columns: Sequence[int], model: OverallTest | None
    ) -> Answered:
        """The same of a category: the effect of each level at each site, and one test of all."""
        each = [(_level_of(self.design, i), self.found({i: self.step})) for i in columns]
        by = tuple(replace(one, level=level) for level, found in each for one in found.by)
        test = tested_between(self.design, self.studies, (start.exposure,))
        return replace(
            start,
            reason=None if by else self.unknown or ALIASED,
            by=by,
            estimator=most(each).estimator if by else "",
            k=most(each).k if by else 0,
            interaction_test=test or model,
            checked_another_way=_beside(model, test),
        )

    def by_level(self, start: Answered, columns: Sequence[int], pair: tuple[str, str]) -> Answered:
        """The effect at each level of the other variable, and whether they differ, from the same
        models as the whole."""
        model = None
        if not self.settled:
            model = _test(self.result.interaction_tests, self.design.term_names.get(pair, ""))
        within = tested_within(self.design, self.parameters, self.studies, pair)
        test = within.test if within else None
        start = replace(
            start, interaction_test=test or model, checked_another_way=_beside(model, test)
        )
        other = self.parameters.modifier
        assert other is not None
        levels = [level for level, _, _ in places(self.design, other, self.counts)]
        contrasts = contrasts_of(self.design, self.parameters, self.counts)
        at = list(zip(levels * len(columns), contrasts, strict=True))
        each = [
            (level, self.found({i: self.step * size for i, size in contrast}, k))
            if level not in self.settled
            else (level, Found())
            for k, (level, contrast) in enumerate(at)
        ]
        by = at_levels(each)
        if len(columns) > 1:
            of = [_level_of(self.design, column) for (column, _), *_ in contrasts]
            by = tuple(
                replace(one, level=level, at=one.level) for one, level in zip(by, of, strict=True)
            )
        if within:
            told = self._differences(within, columns, at)
            start = replace(start, interaction_test=replace(within.test, differences=told))
        return replace(
            start,
            reason=self._why_undecided(start, each),
            by=by,
            estimator=most(each).estimator,
            k=most(each).k,
        )

    def _differences(
        self, within: Within, columns: Sequence[int], at: Sequence[tuple[str, Contrast]]
    ) -> tuple[Difference, ...]:
        """How far the effect at each level of the other variable is from that at its first; of a
        category so for each of its levels."""
        found: list[Difference] = []
        for column in columns:
            of_column = [(level, contrast) for level, contrast in at if contrast[0][0] == column]
            is_ratio = self.parameters.family == "binomial"
            told = differences(of_column, within.coefficients, self.step, is_ratio=is_ratio)
            if len(columns) > 1:
                of = _level_of(self.design, column)
                told = tuple(replace(one, level=of, at=one.level) for one in told)
            found.extend(told)
        return tuple(found)

    def _why_undecided(self, start: Answered, each: Sequence[tuple[str, Found]]) -> Sentence | None:
        """Why an effect is told at no level, or not compared between levels."""
        if self.settled and start.interaction_test is None:
            return settled_words(self.design, self.parameters.modifier or "", self.settled[0])
        return None if any(found.ci for _, found in each) else self.unknown or ALIASED

    def found(self, weights: Weights, number: int | None = None) -> Found:
        """One effect: pooled where several sites can say it, else of the model there is.

        `number` is that of the sum of coefficients that sites were asked for, if it is one.
        """
        by, estimates, errors = self._at_sites(weights, number)
        if len(estimates) > 1:
            pooled = pooled_effect(estimates, errors, by)
            return replace(pooled, is_penalised=self._is_infinite(weights, number))
        if estimates:
            one = next(s for s in self.studies if s.site == by[0].site)
            df = one.df_residual if isinstance(self.main, LeastSquares) else None
            model = FIRTH if self._is_infinite(weights, number) else self._model
            own = alone(estimates[0], errors[0], df, model, 1, by)
            if model == FIRTH:
                own = self._profiled(own, weights, one.firth)
            is_rounded = rounded.is_of_guarded(one.site, self.counts)
            if is_rounded and own.p_value is not None:
                own = replace(own, p_value=one_digit(own.p_value))
            return untested_if_zero(own, is_rounded=is_rounded)
        # What the rows do not tell apart has a coefficient there too, of another meaning.
        known = self.basis.sum_of(tuple(weights.items())) is not None
        effect, model = self._over_all(weights) if known else (None, "")
        if effect is None:
            return Found()
        df = self.result.df_residual if isinstance(self.main, LeastSquares) else None
        whole = alone(*effect, df, model, len(self.result.sites), ())
        if model == FIRTH:
            whole = self._profiled(whole, weights, self.pooled)
        return untested_if_zero(whole, is_rounded=rounded.is_guarded(self.counts))

    def _profiled(self, found: Found, weights: Weights, of: Estimates | None) -> Found:
        """With the interval and the test of its profile, where one coefficient is all of it."""
        found = replace(found, is_penalised=True)
        [(column, size), *others] = weights.items()
        if others or of is None or of.ci is None or of.p_values is None or column not in of.columns:
            return found
        place = of.columns.index(column)
        ci, p_value = of.ci[place], of.p_values[place]
        return found if ci is None else replace(found, ci=_stretched(ci, size), p_value=p_value)

    def _over_all(self, weights: Weights) -> tuple[tuple[float, float] | None, str]:
        """One effect in the model over all rows, and how that was estimated: by Firth's penalised
        likelihood where the effect is infinite."""
        if self.penalised is None:
            return sum_effect(self.pooled, weights), self._model
        contrast, errors = tuple(weights.items()), self.parameters.standard_errors
        known, model = sum_of(self.basis, self.main, contrast, errors), self._model
        if known is None and not self.penalised.problem:
            known, model = sum_of(self.basis, self.penalised, contrast, "model"), FIRTH
        return known and (known[0], math.sqrt(known[1])), model

    def _at_sites(
        self, weights: Weights, number: int | None = None
    ) -> tuple[tuple[EffectAt, ...], list[float], list[float]]:
        """The effect at each site that can estimate it, the largest first, with its standard
        errors."""
        penalised = self._is_infinite(weights, number)
        linear = isinstance(self.main, LeastSquares)
        found = []
        for study in self.studies:
            of_site = study.firth if penalised else study.ml
            effect = sum_effect(of_site, weights)
            if effect is None and of_site is not None and number is not None:
                effect = self._of_sum(of_site, number)
            if effect is None:
                continue
            estimate, error = effect
            ci: OpenEnds = wald(estimate, error, study.df_residual or 1 if linear else None)
            if of_site is not None and of_site.ci is not None and len(weights) == 1:
                [(column, size)] = weights.items()
                pair = estimate / size, error / size
                ci = _stretched(interval_of(of_site, column, pair, None), size)
            found.append(
                (
                    estimate,
                    error,
                    EffectAt(estimate, ci, site=study.site, approximate=study.rounded),
                )
            )
        return largest_first(found)

    def _is_infinite(self, weights: Weights, number: int | None) -> bool:
        """Whether an effect is infinite at a site, and so Firth's at every site."""
        if number is not None:
            return bool(with_infinite_sum(self.studies, number))
        return is_infinite(self.studies, list(weights))

    def _of_sum(self, own: Estimates, number: int) -> tuple[float, float] | None:
        """A sum that a site knows though it does not know the coefficients."""
        known = sum_at(own, number)
        return known and (known[0] * self.step, math.sqrt(known[1]) * self.step)

    @property
    def _model(self) -> str:
        """How a model is estimated whose effects are finite, as an estimator's name."""
        return "OLS" if isinstance(self.main, LeastSquares) else "ML"


def _one_stage(found: Found, row: Coefficient, step: float) -> AnotherWay | None:
    """What the model over all rows says of the same, beside sites that were pooled."""
    if len(found.by) < 2 or row.estimate is None or row.ci is None or found.ci is None:
        return None
    low, high = ci = _stretched(row.ci, step)
    agrees = None if low is None or high is None else _excludes_none(ci) == _excludes_none(found.ci)
    return AnotherWay("one_stage", row.estimate * step, ci, row.p_value, agrees)


def _beside(model: OverallTest | None, test: OverallTest | None) -> AnotherWay | None:
    """What the model over all rows says of several effects, beside a test of sites' own."""
    if model is None or test is None:
        return None
    agrees = (model.p_value < ALPHA) == (test.p_value < ALPHA)
    return AnotherWay("one_stage", None, None, model.p_value, agrees)


def _stretched(ends: OpenEnds, step: float) -> OpenEnds:
    """An interval of `step` times as much."""
    low, high = ends
    return (None if low is None else low * step, None if high is None else high * step)


def _excludes_none(ci: OpenEnds) -> bool:
    """Whether an interval excludes that there is no effect."""
    low, high = ci
    return low is not None and high is not None and low * high > 0


def _test(rows: Sequence[TermTest], term: str) -> OverallTest | None:
    """The test of one term in a table, if it could be made."""
    row = next((one for one in rows if one.term == term), None)
    if row is None or row.p_value is None:
        return None
    if row.penalised is not None:
        held = row.penalised
        return OverallTest("penalised LR", held.chisq, row.df, held.p_value)
    statistic = row.chisq if row.chisq is not None else row.f
    assert statistic is not None
    return OverallTest(row.test, statistic, row.df, row.p_value)


def _step(design: Design, exposure: str, counts: Counts) -> float:
    """The change of an exposure that its effect is told for: 1 of a category or a yes/no."""
    if exposure not in design.scale or two_values(exposure, counts) is not None:
        return 1.0
    return float(10.0 ** math.floor(math.log10(SPREADS * design.scale[exposure][1])))


def _level_of(design: Design, column: int) -> str:
    return str(design.columns[column].parts[0][1])
