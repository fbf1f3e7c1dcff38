"""What is said of a model over all rows that lies far from a guarded site's own model in it."""

from collections.abc import Sequence

from datasets.engine.methods.contract import Caution
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.fits import LeastSquares
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.stand_in import in_place_of
from datasets.engine.rows.frame import InputInfo
from datasets.engine.sentences import Number, Sentence, listed

MOST_ERROR = 0.1
"""Of a coefficient's standard error, so much may be due to a stand-in before it is said."""

WHOLE = 1.0
"""From here on the next term says that the error is large, and no longer how large."""


def far_from_sites(
    design: Design,
    memory: Memory,
    parameters: Parameters,
    inputs: Sequence[InputInfo],
    *,
    answers: bool,
) -> list[Caution]:
    """Which sites' own models are a poor stand-in where the logistic model over all rows lies;
    with `answers` that model is the answer, else it is the other way to check it.

    Of a linear model they are the likelihood itself, however far it lies.
    """
    fit = memory.penalised or memory.fits[0]
    if isinstance(fit, LeastSquares) or fit.problem or fit.inverse is None:
        return []
    stand_ins = in_place_of(memory.stand_ins, design, parameters.family, inputs)
    errors = {site: one.error_in(fit) for site, one in stand_ins.items()}
    far = {site: error for site, error in errors.items() if error > MOST_ERROR}
    if not far:
        return []
    return [Caution("far_from_site" if answers else "check_far_from_site", said_of_far(far))]


def said_of_far(errors: dict[str, float]) -> Sentence:
    """Of which sites it is, and how far it may be off in units of its errors."""
    total, sites = sum(errors.values()), listed(list(errors))
    if round(total, 1) < WHOLE:
        return Sentence.counting(
            "In the model over all rows %(sites)s is there by its own model, which lies far from "
            "it: its coefficients may be off by about %(errors)s of their standard errors.",
            "In the model over all rows %(sites)s are there by their own models, which lie far "
            "from it: its coefficients may be off by about %(errors)s of their standard errors.",
            len(errors),
            sites=sites,
            errors=Number(f"{total:.1f}"),
        )
    return Sentence.counting(
        "In the model over all rows %(sites)s is there by its own model, which lies far from it: "
        "its coefficients may be off by more than their standard errors.",
        "In the model over all rows %(sites)s are there by their own models, which lie far from "
        "it: its coefficients may be off by more than their standard errors.",
        len(errors),
        sites=sites,
    )
