"""Which terms are tested by penalised likelihood: those of which an estimate is infinite."""

from datasets.engine.methods.regression.basis import Basis
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.fits import Nested, Newton
from datasets.engine.methods.regression.models import (
    Comparison,
    Model,
    alone,
    comparisons,
    models,
    place_of,
)
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.spec import Memory
from datasets.engine.methods.regression.study import infinite_terms

Pair = tuple[Model, Model]
"""A model whose penalty it is, and one within it."""


def is_penalised(
    comparison: Comparison, design: Design, memory: Memory, parameters: Parameters
) -> bool:
    """Whether one of a term's coefficients is infinite in the larger of the models that test it,
    and more than sites at which all have one outcome."""
    if memory.penalised is None:
        return False
    term, larger, _smaller = comparison
    fit = memory.fits[place_of(larger, models(design, parameters))]
    if not isinstance(fit, Newton) or fit.problem or fit.infinite is None or memory.cross is None:
        return False
    basis = Basis.of(design, design.of_terms(larger), memory.cross)
    return any(design.columns[i].term == term for i in infinite_terms(design, basis, fit))


def penalised_pairs(design: Design, memory: Memory, parameters: Parameters) -> list[Pair]:
    """The fits that such tests compare, each once."""
    found: dict[Pair, None] = {}
    for comparison in [*comparisons(design), *alone(design, parameters)]:
        if is_penalised(comparison, design, memory, parameters):
            _term, larger, smaller = comparison
            found |= {(larger, larger): None, (larger, smaller): None}
    return list(found)


def penalised_fits(design: Design, memory: Memory, parameters: Parameters) -> tuple[Nested, ...]:
    """These fits at their start."""
    wanted, cross = models(design, parameters), memory.cross
    assert cross is not None

    def columns(model: Model) -> tuple[int, ...]:
        return memory.fits[place_of(model, wanted)].columns

    return tuple(
        Nested.within(columns(larger), columns(inside), cross)
        for larger, inside in penalised_pairs(design, memory, parameters)
    )


def penalised_gain(
    comparison: Comparison, design: Design, memory: Memory, parameters: Parameters
) -> float | None:
    """Twice the penalised log-likelihood that a term adds; None where it is not tested so, or could
    not be."""
    if not is_penalised(comparison, design, memory, parameters):
        return None
    pairs = penalised_pairs(design, memory, parameters)
    _term, larger, smaller = comparison
    fits = [memory.nested[pairs.index((larger, inside))] for inside in (larger, smaller)]
    if any(fit.problem or fit.penalised is None for fit in fits):
        return None
    top, held = (fit.penalised or 0.0 for fit in fits)
    return max(0.0, 2 * (top - held))
