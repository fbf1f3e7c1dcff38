"""One row of a number beyond all others never switches the guard off."""

import numpy as np
import pytest

from datasets.engine.guard.columns import thinness
from datasets.engine.guard.rules import rules_of
from datasets.engine.methods.shared.labels import labelled
from datasets.engine.rows.frame import VariableInfo

N = 120


@pytest.mark.parametrize("huge", [1e3, 1e154, 1e200, -1e200, 1.797e308])
@pytest.mark.parametrize("terms", [["x"], ["x", "z"]])
@pytest.mark.parametrize("where", ["x", "y"])
def test_a_row_far_beyond_the_others_is_refused_whatever_its_size(huge, terms, where):
    random = np.random.default_rng(3)
    rows = {name: random.normal(size=N) for name in ("y", "x", "z")}
    rows[where][3] = huge
    found = thinness(lambda: [rows], "y", terms, [], rules_of("standard", 5))
    assert found.why is not None


@pytest.mark.parametrize("unit", [5e-324, 1e-300, 1e200, 1e300])
def test_what_is_refused_does_not_depend_on_the_unit(unit):
    """A column of one size throughout is a matter of its unit, however small or large."""
    random = np.random.default_rng(3)
    rows = {name: random.integers(0, 50, N).astype(float) for name in ("y", "x", "z")}
    rows["x"] = rows["x"] * unit
    found = thinness(lambda: [rows], "y", ["x", "z"], [], rules_of("standard", 5))
    assert found.why is None


def test_few_rows_of_two_variables_are_said_by_the_labels_of_both():
    rows = {"y": np.arange(N) % 2.0, "x": np.arange(N) % 3 % 2.0}
    rows["y"][rows["x"] == 1] = np.arange(N // 3) < 2
    found = thinness(lambda: [rows], "y", ["x"], [], rules_of("standard", 5))
    infos = [VariableInfo(name=name, type="boolean", label=name * 3) for name in rows]
    assert str(found.why.said).startswith("y:x has 2 rows off")
    said = labelled(found.why.said, {one.name: one for one in infos})
    assert str(said).startswith("yyy × xxx has 2 rows off")
