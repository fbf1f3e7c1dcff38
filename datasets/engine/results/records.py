"""Frozen dataclasses as JSON and back, so that no result or statistic travels as a dictionary.

A field holds a number, text, a truth value, null, a numpy array, another dataclass, or tuples of
these. Names that people choose are values (in tuples and pairs), never keys beside ours.
"""

import math
import types
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints

import numpy as np

Reader = Callable[[Any], Any]

OMIT: dict[str, bool] = {"omit": True}
"""Metadata of a field that is left out of the JSON while it has its default."""


@dataclass(frozen=True)
class Record:
    """A frozen dataclass that is written as a JSON object and read back.

    Classes that stand for one another in a field have a `kind`, which is written with them.
    """

    kind: ClassVar[str] = ""

    def to_json(self) -> dict[str, Any]:
        """The fields in JSON's own types: no numpy, NaN and infinities as null."""
        return _object(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Self:
        """What `to_json` gave. Raises KeyError for a missing field without a default."""
        return cls(**_fields_of(cls, saved))


@dataclass(frozen=True)
class Sums(Record):
    """A record whose every field is a number or an array, or None throughout: they add up."""

    def __add__(self, other: Self) -> Self:
        return type(self)(
            **{
                field.name: _plus(getattr(self, field.name), getattr(other, field.name))
                for field in fields(self)
            }
        )


def written(value: Any) -> Any:
    """A record, a tuple or any value in them, in JSON's own types."""
    if value is None or type(value) in (str, bool, int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [written(item) for item in value]
    if isinstance(value, np.ndarray):
        plain = value.tolist()
        return plain if np.isfinite(value).all() else written(plain)
    if isinstance(value, np.generic):
        return written(value.item())
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    own = getattr(value, "to_json", None)
    return own() if own else _object(value)


def read(annotation: Any, saved: Any) -> Any:
    """`saved`, written from a value of type `annotation`, as such a value again."""
    return _reader(annotation)(saved)


def _object(value: Any) -> dict[str, Any]:
    """A dataclass by its fields. Raises TypeError for anything else."""
    cls: Any = type(value)
    found: dict[str, Any] = {"kind": cls.kind} if getattr(cls, "kind", "") else {}
    for name, omitted in _names(cls):
        item = getattr(value, name)
        if not (omitted and item == omitted[0]):
            found[name] = written(item)
    return found


@cache
def _names(cls: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """Fields by name, each with the value that is left out, if one is."""
    return [(f.name, (f.default,) if f.metadata.get("omit") else ()) for f in fields(cls)]


def _plus(first: Any, second: Any) -> Any:
    return None if first is None and second is None else first + second


def _fields_of(cls: Any, saved: dict[str, Any]) -> dict[str, Any]:
    return {
        name: saved[name] if reader is _as_it_is else reader(saved[name])
        for name, reader, required in _readers(cls)
        if required or name in saved
    }


@cache
def _readers(cls: Any) -> list[tuple[str, Reader, bool]]:
    hints = get_type_hints(cls)
    return [
        (
            field.name,
            _reader(hints[field.name]),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(cls)
    ]


@cache
def _reader(annotation: Any) -> Reader:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _of_union([one for one in inner if one is not type(None)])
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        each = _reader(inner[0])
        if each is _as_it_is:
            return tuple
        return lambda saved: tuple([each(item) for item in saved])
    if origin is tuple:
        several = [_reader(one) for one in inner]
        if all(one is _as_it_is for one in several):
            return tuple
        return lambda saved: tuple([r(item) for r, item in zip(several, saved, strict=True)])
    if origin is dict:
        value = _reader(inner[1])
        return lambda saved: {key: value(item) for key, item in saved.items()}
    if annotation is np.ndarray:
        return lambda saved: np.asarray(saved, dtype=float)
    if hasattr(annotation, "from_json"):
        return annotation.from_json
    if isinstance(annotation, type) and is_dataclass(annotation):
        return lambda saved: annotation(**_fields_of(annotation, saved))
    return _as_it_is


def _as_it_is(saved: Any) -> Any:
    return saved


def _of_union(choices: list[Any]) -> Reader:
    if len(choices) > 1 and all(getattr(one, "kind", "") for one in choices):
        by_kind = {one.kind: _reader(one) for one in choices}
        return lambda saved: None if saved is None else by_kind[saved["kind"]](saved)
    found = _reader(choices[0]) if len(choices) == 1 else _as_it_is
    if found is _as_it_is:
        return _as_it_is
    return lambda saved: None if saved is None else found(saved)
