"""What a method says of variables by their names, said by labels, units and meanings.

Methods know names alone. Whoever has the variables' descriptions passes over an answer once it is
found, and puts what people call a thing in the place of what its column is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from datasets.engine.methods.shared.words import (
    PLACE_HEADS,
    SEVERAL,
    amount,
    label_of,
    meaning_of,
    unit_text,
)
from datasets.engine.rows.frame import RESERVED_COLUMNS, VariableInfo
from datasets.engine.sentences import Called, Number, Sentence

INTERCEPT = "(Intercept)"

T = TypeVar("T")
Infos = Mapping[str, VariableInfo]


def labelled(value: T, variables: Infos) -> T:
    """A value with every `Called` in its sentences, records and tuples said by its label."""
    changed: Any = value
    if isinstance(value, Sentence):
        changed = _sentence(value, variables, begins=False)
    elif isinstance(value, tuple):
        parts = tuple(labelled(part, variables) for part in value)
        if any(new is not old for new, old in zip(parts, value, strict=True)):
            changed = parts
    elif is_dataclass(value) and not isinstance(value, type):
        found = {}
        for field in fields(value):
            old = getattr(value, field.name)
            # A message stands by itself; a reason goes on from what is said before it.
            if field.name == "message" and isinstance(old, Sentence):
                new: Any = _sentence(old, variables, begins=True)
            else:
                new = labelled(old, variables)
            if new is not old:
                found[field.name] = new
        changed = replace(value, **found) if found else value
    return cast(T, changed)


def term_of(name: str, variables: Infos) -> str:
    """A coefficient or term as a table has it, by what its name was made of."""
    if name == INTERCEPT:
        return Sentence("Intercept")
    parts = parts_of(name, [*variables, *RESERVED_COLUMNS])
    return _phrase(Called(name, parts), variables, begins=True) if parts else name


def parts_of(name: str, known: Sequence[str]) -> list[tuple[str, str | None]]:
    """The variables of a coefficient with their levels; none of a name that cannot be told."""
    for variable in sorted(known, key=len, reverse=True):
        rest = name.removeprefix(variable)
        if not name.startswith(variable) or not variable:
            continue
        if not rest:
            return [(variable, None)]
        ends = [0] if rest[0] == ":" else []
        if rest[0] == "[":
            ends = [at + 1 for at, mark in enumerate(rest) if mark == "]"]
        for end in ends:
            part = (variable, rest[1 : end - 1] if end else None)
            if end == len(rest):
                return [part]
            if rest[end] == ":" and (others := parts_of(rest[end + 1 :], known)):
                return [part, *others]
    return []


def _sentence(said: Sentence, variables: Infos, *, begins: bool) -> Sentence:
    def change(name: str, value: Any) -> Any:
        first = begins and said.template.startswith(f"%({name})s")
        if isinstance(value, Called):
            return _phrase(value, variables, begins=first)
        if isinstance(value, Sentence):
            return _sentence(value, variables, begins=first)
        return value

    return said.changed(change)


def _phrase(called: Called, variables: Infos, *, begins: bool) -> str:
    (name, level), *others = called.parts or (("", None),)
    if called.is_level:
        return level_told(name, level or "", variables)
    if not name:
        return Sentence("the intercept")
    first = _part(name, level, variables, begins=begins)
    for other in others:
        second = _part(*other, variables, begins=False)
        first = Sentence("%(first)s × %(second)s", first=first, second=second)
    return first


def _part(name: str, level: str | None, variables: Infos, *, begins: bool) -> str:
    if level is not None and name in RESERVED_COLUMNS:
        return meaning_of(name, level, variables)
    info = variables.get(name)
    label = label_of(name, variables)
    if begins and name in PLACE_HEADS:
        label = PLACE_HEADS[name]
    elif begins and info is not None and info.label:
        label = info.label
    if level is None:
        return label
    return Sentence("%(name)s: %(level)s", name=label, level=level_told(name, level, variables))


def level_told(name: str, level: str, variables: Infos, unit: str | None = None) -> str:
    """A level in words: a code by its meaning, a number with its unit, which is the variable's own
    where nobody gives another."""
    meaning = meaning_of(name, level, variables)
    info = variables.get(name)
    if meaning != level or info is None or not info.is_numeric:
        return meaning
    unit = info.unit if unit is None else unit
    if not unit_text(unit):
        return Number(level)
    if SEVERAL.fullmatch(unit):
        return amount(float(level), unit)
    return Sentence("%(number)s %(unit)s", number=Number(level), unit=unit_text(unit))
