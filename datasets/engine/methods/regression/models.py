"""Which models a regression needs: its own, and those its tests compare it with."""

from collections.abc import Sequence

from datasets.engine.methods.regression.design import Design, Term
from datasets.engine.methods.regression.parameters import Parameters

Model = tuple[Term, ...]
"""The terms of a model, besides the intercept."""

Comparison = tuple[Term, Model, Model]
"""A term, the larger model and the smaller one that test it."""


def models(design: Design, parameters: Parameters) -> list[Model]:
    """Every model to be fitted, the regression's own first; equal models appear once."""
    wanted: list[Model] = [design.terms]
    for _term, larger, smaller in [*comparisons(design), *alone(design, parameters)]:
        for model in (larger, smaller):
            if all(set(model) != set(known) for known in wanted):
                wanted.append(model)
    return wanted


def place_of(model: Model, wanted: Sequence[Model]) -> int:
    """Where the model of these terms stands among those that were fitted."""
    return next(k for k, known in enumerate(wanted) if set(known) == set(model))


def comparisons(design: Design) -> list[Comparison]:
    """Type II tests: each term against the model without it, respecting marginality."""
    found = []
    for term in design.terms:
        larger = tuple(other for other in design.terms if not set(term) < set(other))
        found.append((term, larger, tuple(other for other in larger if other != term)))
    return found


def alone(design: Design, parameters: Parameters) -> list[Comparison]:
    """Per interaction: the main effects with it, and the main effects."""
    main_effects = tuple(term for term in design.terms if term not in parameters.interactions)
    return [
        (pair, (*main_effects, pair), main_effects)
        for pair in parameters.interactions
        if pair in design.terms
    ]
