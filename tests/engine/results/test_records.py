"""Records come back from their JSON as they were, whatever they hold."""

import json
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from datasets.engine.results.records import OMIT, Record, Sums, read, written


@dataclass(frozen=True)
class Circle(Record):
    """A shape."""

    kind: ClassVar[str] = "circle"

    radius: float


@dataclass(frozen=True)
class Square(Record):
    """Another."""

    kind: ClassVar[str] = "square"

    side: float
    names: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True)
class Drawing(Record):
    """Some shapes."""

    shapes: tuple[Circle | Square, ...]
    first: Circle | Square | None
    title: str = field(default="", metadata=OMIT)


@dataclass(frozen=True)
class Total(Sums):
    """Numbers that add up."""

    n: int
    cross: np.ndarray
    extra: np.ndarray | None = None


def test_kinds_tell_apart_what_may_stand_for_one_another():
    drawing = Drawing((Circle(1.5), Square(2.0, (("kind", None), ("", 3)))), Circle(1.0))
    saved = json.loads(json.dumps(drawing.to_json()))
    assert saved == {
        "shapes": [
            {"kind": "circle", "radius": 1.5},
            {"kind": "square", "side": 2.0, "names": [["kind", None], ["", 3]]},
        ],
        "first": {"kind": "circle", "radius": 1.0},
    }
    assert Drawing.from_json(saved) == drawing
    assert Drawing.from_json(saved | {"title": "x", "first": None}).title == "x"
    assert read(Circle | Square, saved["first"]) == Circle(1.0)


def test_numpy_and_infinities_are_gone():
    total = Total(2, np.array([[1.0, np.nan], [np.inf, 0.0]]))
    assert json.dumps(total.to_json(), allow_nan=False)
    assert total.to_json()["cross"] == [[1.0, None], [None, 0.0]]
    assert np.isnan(Total.from_json(total.to_json()).cross[0, 1])
    assert written((np.float64(1.5), np.int64(2), np.bool_(True))) == [1.5, 2, True]


def test_sums_add_field_by_field_and_leave_out_what_nobody_has():
    both = Total(1, np.ones(2)) + Total(2, np.ones(2))
    assert (both.n, both.cross.tolist(), both.extra) == (3, [2.0, 2.0], None)
    with_extra = Total(1, np.ones(1), np.ones(1)) + Total(1, np.ones(1), np.ones(1))
    assert with_extra.extra.tolist() == [2.0]


def test_what_is_missing_or_unknown_is_refused():
    with pytest.raises(KeyError):
        Circle.from_json({"kind": "circle"})
    with pytest.raises(KeyError):
        read(Circle | Square, {"kind": "triangle"})
    with pytest.raises(TypeError):
        written(object())
