"""Which models a regression needs: its own, and those its tests compare it with."""

from typing import Any

from datasets.engine.methods.regression.design import Design

MAIN = "main"

PENALISED = "penalised"
"""The pooled Firth fit's name; its profile fits are named after it."""


def models(design: Design, parameters: dict[str, Any]) -> dict[str, list[str]]:
    """Terms of every model to be fitted, by name; equal models appear once."""
    wanted = {MAIN: design.terms}
    for _term, larger, smaller in [*comparisons(design), *alone(design, parameters)]:
        for terms in (larger, smaller):
            if all(set(terms) != set(known) for known in wanted.values()):
                wanted[" + ".join(["1", *terms])] = terms
    return wanted


def named(wanted: dict[str, list[str]], terms: list[str]) -> str:
    """The name under which the model of these terms is fitted."""
    return next(name for name, known in wanted.items() if set(known) == set(terms))


def comparisons(design: Design) -> list[tuple[str, list[str], list[str]]]:
    """Per term (term, larger model, smaller model): type II, respecting marginality."""
    variables = {c.term: {variable for variable, _ in c.parts} for c in design.columns}
    found = []
    for term in design.terms:
        larger = [other for other in design.terms if not variables[term] < variables[other]]
        found.append((term, larger, [other for other in larger if other != term]))
    return found


def alone(design: Design, parameters: dict[str, Any]) -> list[tuple[str, list[str], list[str]]]:
    """Per interaction (term, main effects with it, main effects)."""
    names = [":".join(pair) for pair in parameters["interactions"]]
    main_effects = [term for term in design.terms if term not in names]
    return [(name, [*main_effects, name], main_effects) for name in names if name in design.terms]
