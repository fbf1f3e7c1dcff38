"""Whether sites, or the levels of an interaction, agree in what a regression was asked of."""

from collections.abc import Callable
from dataclasses import dataclass

from datasets.engine.methods.regression.result import (
    Answered,
    Difference,
    OverallTest,
    Regression,
    StudyEstimate,
)
from datasets.engine.methods.regression.scale import Scale
from datasets.engine.methods.shared.agreement import (
    ALPHA,
    ORDER,
    Agreement,
    agreement_of,
    differing,
)
from datasets.engine.methods.shared.answer import EffectAt
from datasets.engine.methods.shared.meta import Ends, Heterogeneity
from datasets.engine.methods.shared.moved_spread import i2_by_rounding
from datasets.engine.methods.shared.two_sites import OF_TWO
from datasets.engine.methods.shared.words import p_text
from datasets.engine.sentences import Number, Sentence, listed

MOST_DIFFERENCES = 3
"""Differences between levels that a sentence tells; of more it gives the lowest and the highest."""


@dataclass(frozen=True)
class Agreed:
    """One pool of the answer, and whether its sites agree."""

    found: Agreement
    k: int
    spread: Heterogeneity
    studies: tuple[StudyEstimate, ...]

    @property
    def i2(self) -> float:
        return self.spread.i2 or 0.0

    @property
    def by_rounding(self) -> Ends | None:
        """Between which percents I² may lie for what rounding took alone, where that matters."""
        return i2_by_rounding(
            [one.estimate for one in self.studies],
            [one.se for one in self.studies],
            [one.approximate for one in self.studies],
        )


def agreements(result: Regression) -> list[Agreed]:
    """Of each term of the answer that several sites were pooled for."""
    if result.answer is None:
        return []
    return [
        Agreed(
            agreement_of(one.k, one.heterogeneity, is_rounded=result.approximate),
            one.k,
            one.heterogeneity,
            one.studies,
        )
        for one in result.two_stage
        if one.term in result.answer.terms
        and one.heterogeneity is not None
        and one.heterogeneity.i2 is not None
    ]


def said_of_sites(result: Regression) -> list[Sentence]:
    """That the sites differ in the answer, by the pool that shows it most."""
    found = agreements(result)
    if not found:
        return []
    gravest = max(found, key=lambda one: (ORDER.index(one.found), one.i2))
    said = differing(gravest.found, gravest.k, gravest.spread)
    return [*said, *_by_rounding(gravest)] if said else []


def _by_rounding(one: Agreed) -> list[Sentence]:
    """How far apart the sites may be for what rounding took, where that matters."""
    if one.by_rounding is None:
        return []
    low, high = (Number(f"{end:.0f}") for end in one.by_rounding)
    return [
        Sentence(
            "Rounding of the estimates alone could put I² anywhere from %(low)s%% to %(high)s%%.",
            low=low,
            high=high,
        )
    ]


def _with_rounding(one: Agreed) -> list[Sentence]:
    """The same where nothing else tells I²."""
    if one.by_rounding is None:
        return []
    low, high = (Number(f"{end:.0f}") for end in one.by_rounding)
    return [
        Sentence(
            "I² between sites is %(i2)s%%, and rounding of the estimates alone could put it "
            "anywhere from %(low)s%% to %(high)s%%.",
            i2=Number(f"{one.i2:.0f}"),
            low=low,
            high=high,
        )
    ]


def said_of_levels(answer: Answered, named: Callable[[str], Sentence]) -> list[Sentence]:
    """Whether the levels of an exposure make any difference, by the test that goes with their
    effects, and that another model says otherwise; `named` calls a level by its name."""
    test, beside = answer.overall_test, answer.checked_another_way
    said = _of_two_sites(answer, named)
    if test is None:
        return [
            *said,
            Sentence("What the sites say of the levels allows no test of all of them together."),
        ]
    said += [_all_levels(test), *_by_firth(test)]
    if beside is not None and beside.agrees is False and beside.p_value is not None:
        message = Sentence(
            "One model over all rows says otherwise (p %(p)s): whether they matter is uncertain.",
            p=Number(p_text(beside.p_value)),
        )
        said.append(message)
    return said


def is_too_wide(one: EffectAt) -> bool:
    """Whether two sites, of which t has one degree of freedom, leave it open on which side of no
    effect one is."""
    if one.df != OF_TWO or one.ci is None:
        return False
    low, high = one.ci
    return low is None or high is None or low <= 0 <= high


def _of_two_sites(answer: Answered, named: Callable[[str], Sentence]) -> list[Sentence]:
    """Of which levels sites are too few to tell, and why their intervals are that wide."""
    levels = [named(one.level or "") for one in answer.by if is_too_wide(one)]
    if not levels:
        return []
    message = Sentence.counting(
        "Too few sites to tell of %(levels)s: its interval rests on two sites, and Student’s t "
        "with 1 degree of freedom is what makes it this wide.",
        "Too few sites to tell of %(levels)s: each interval rests on two sites, and Student’s t "
        "with 1 degree of freedom is what makes it this wide.",
        len(levels),
        levels=listed(levels),
    )
    return [message]


def _by_firth(test: OverallTest) -> list[Sentence]:
    """That a test is of other estimates than the effects above it, of which some may be finite."""
    if test.method != "firth":
        return []
    return [
        Sentence(
            "One of the effects would be infinite at a site, so this test has Firth’s estimate of "
            "each, from every site."
        )
    ]


def _all_levels(test: OverallTest) -> Sentence:
    p = Number(p_text(test.p_value))
    if test.test == "penalised LR":
        return Sentence(
            "All levels together: p %(p)s (by Firth’s penalised likelihood, since one of their "
            "effects would be infinite).",
            p=p,
        )
    if test.k is None:
        return Sentence("All levels together: p %(p)s.", p=p)
    if test.df_residual is None:
        return Sentence.counting(
            "All levels together: p %(p)s (χ² with %(count)s degree of freedom).",
            "All levels together: p %(p)s (χ² with %(count)s degrees of freedom).",
            test.df,
            p=p,
        )
    return Sentence(
        "All levels together: p %(p)s (F with %(df)s and %(rest)s degrees of freedom).",
        p=p,
        df=test.df,
        rest=test.df_residual,
    )


def said_of_interaction(
    result: Regression,
    scale: Scale,
    named: Callable[[str], Sentence],
    told_at: Callable[[EffectAt, Sentence], Sentence],
) -> list[Sentence]:
    """Whether an interaction's effects differ, by one test or by two that may not agree, and how
    far by what sites say within themselves; `named` calls a level of the other variable by its
    name, `told_at` says of an effect's size where it is."""
    if result.answer is None or result.answer.interaction_test is None:
        return []
    test = result.answer.interaction_test
    of_sites = agreements(result) if any(one.site for one in result.answer.by) else []
    return [
        _differing(result.answer, test),
        *(said for one in of_sites for said in _with_rounding(one)),
        *_by_firth(test),
        *_within_sites(test, scale, named, told_at),
        *_within_fewer(result.answer, test, len(result.sites)),
    ]


def _differing(answer: Answered, test: OverallTest) -> Sentence:
    p = Number(p_text(test.p_value, about=answer.is_of_rounded))
    beside = answer.checked_another_way
    if beside is not None and beside.agrees is False and beside.p_value is not None:
        return Sentence(
            "Whether they truly differ is uncertain: p %(p)s here, p %(other)s in one model "
            "over all rows.",
            p=p,
            other=Number(p_text(beside.p_value)),
        )
    pools_levels = answer.estimator == "REML" and all(one.site is None for one in answer.by)
    is_of_all_rows = pools_levels and test.k is None
    told = Sentence("%(p)s in one model over all rows", p=p) if is_of_all_rows else p
    if test.test == "penalised LR":
        told = Sentence(
            "%(p)s, by Firth’s penalised likelihood since an effect would be infinite", p=told
        )
    if test.p_value < ALPHA:
        return Sentence("They differ more than chance would make them (p %(p)s).", p=told)
    return Sentence("Chance alone may make them as different as this (p %(p)s).", p=told)


def _within_sites(
    test: OverallTest,
    scale: Scale,
    named: Callable[[str], Sentence],
    told_at: Callable[[EffectAt, Sentence], Sentence],
) -> list[Sentence]:
    """What the test is of, which need not be how far the effects told are apart."""
    known = [one for one in test.differences if one.estimate is not None]
    if not known:
        return []
    if len(known) > MOST_DIFFERENCES:
        ordered = sorted(known, key=lambda one: one.estimate or 0.0)
        known = [ordered[0], ordered[-1]]
    said = {
        "reference": named(known[0].reference),
        "levels": listed([_sized(one, scale, named, told_at) for one in known]),
    }
    if scale.is_ratio:
        return [
            Sentence(
                "Within sites, the odds ratio divided by that for %(reference)s: %(levels)s.",
                **said,
            )
        ]
    return [
        Sentence("Within sites, the difference minus that for %(reference)s: %(levels)s.", **said)
    ]


def _sized(
    one: Difference,
    scale: Scale,
    named: Callable[[str], Sentence],
    told_at: Callable[[EffectAt, Sentence], Sentence],
) -> Sentence:
    assert one.ci is not None
    size = Sentence(
        "%(value)s (95%% CI %(interval)s)",
        value=scale.told(one.estimate),
        interval=scale.span(one.ci),
    )
    if one.at is not None:
        return told_at(one, size)
    return Sentence("%(size)s for %(level)s", size=size, level=named(one.level or ""))


def _within_fewer(answer: Answered, test: OverallTest, sites: int) -> list[Sentence]:
    """That effects by level and their test do not rest on the same sites."""
    if test.k is None or {one.k for one in answer.by if one.k} <= {test.k}:
        return []
    if test.k == sites:
        return [Sentence("Not every site tells of every level: each compares those it has.")]
    message = Sentence.counting(
        "Not every site tells of every level: the test compares levels within the %(count)s site "
        "that can.",
        "Not every site tells of every level: the test compares levels within the %(count)s sites "
        "that can.",
        test.k,
    )
    return [message]
