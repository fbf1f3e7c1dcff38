"""Whether sites, or the levels of an interaction, agree in what a regression was asked of."""

from dataclasses import dataclass

from datasets.engine.methods.regression.result import Answered, Regression
from datasets.engine.methods.shared.agreement import (
    ALPHA,
    ORDER,
    Agreement,
    agreement_of,
    differing,
)
from datasets.engine.methods.shared.meta import Heterogeneity
from datasets.engine.methods.shared.words import p_text
from datasets.engine.sentences import Number, Sentence


@dataclass(frozen=True)
class Agreed:
    """One pool of the answer, and whether its sites agree."""

    found: Agreement
    k: int
    spread: Heterogeneity

    @property
    def i2(self) -> float:
        return self.spread.i2 or 0.0


def agreements(result: Regression) -> list[Agreed]:
    """Of each term of the answer that several sites were pooled for."""
    if result.answer is None:
        return []
    return [
        Agreed(
            agreement_of(one.k, one.heterogeneity, is_rounded=result.approximate),
            one.k,
            one.heterogeneity,
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
    return differing(gravest.found, gravest.k, gravest.spread)


def said_of_interaction(answer: Answered) -> list[Sentence]:
    """Whether an interaction's effects differ, by one test or by two that may not agree."""
    test, beside = answer.interaction_test, answer.checked_another_way
    if test is None:
        return []
    p = Number(p_text(test.p_value))
    if beside is not None and beside.agrees is False and beside.p_value is not None:
        return [
            Sentence(
                "Whether they truly differ is uncertain: p %(p)s here, p %(other)s in one model "
                "over all rows.",
                p=p,
                other=Number(p_text(beside.p_value)),
            )
        ]
    if test.p_value < ALPHA:
        return [Sentence("They differ more than chance would make them (p %(p)s).", p=p)]
    return [Sentence("Chance alone may make them as different as this (p %(p)s).", p=p)]
