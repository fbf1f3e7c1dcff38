"""What an answer is adjusted for, in a sentence."""

from datasets.engine.methods.contract import Variables
from datasets.engine.methods.regression.design import SITE
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.reservations import is_between_sites
from datasets.engine.methods.regression.result import Regression
from datasets.engine.methods.shared.words import label_of
from datasets.engine.sentences import Sentence, listed

MOST_NAMED = 6
"""Covariates that a sentence names; of more it gives the number."""


def adjusted(parameters: Parameters, result: Regression, variables: Variables) -> list[Sentence]:
    """What stands beside the exposure in the models; nothing that was left out of them."""
    # A term left out of the model has none of its coefficients.
    aliased = {
        name
        for name in parameters.terms
        if (rows := [r for r in result.coefficients if r.term == name])
        and all(row.estimate is None for row in rows)
    }
    others = [
        label_of(name, variables)
        for name in parameters.terms
        if name != parameters.exposure and name not in aliased
    ]
    by_site = len(result.sites) > 1 and parameters.exposure != SITE and not is_between_sites(result)
    if len(others) > MOST_NAMED and by_site:
        return [
            Sentence.counting(
                "Adjusted for %(count)s other variable and for site.",
                "Adjusted for %(count)s other variables and for site.",
                len(others),
            )
        ]
    if len(others) > MOST_NAMED:
        return [
            Sentence.counting(
                "Adjusted for %(count)s other variable.",
                "Adjusted for %(count)s other variables.",
                len(others),
            )
        ]
    if by_site:
        others.append(Sentence("site"))
    if not others:
        return []
    return [Sentence("Adjusted for %(names)s.", names=listed(others))]
