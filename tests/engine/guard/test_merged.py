"""Numbers that are nearly of few values: what is told of them is told of these."""

import numpy as np
import pytest

from datasets.engine.guard.merged import in_few_steps, merged
from datasets.engine.guard.rules import rules_of
from datasets.engine.rows.frame import Frame

RULES = rules_of("standard", 5)
YES = np.r_[np.ones(40), np.zeros(160)]


def rows_of(values):
    return [Frame({"x": np.array(values, dtype=float)}, len(values))]


@pytest.mark.parametrize(
    "odd", [np.arange(1.01, 1.10, 0.01), np.full(4, 2.0), [0.9, 7.0, np.nan]], ids=len
)
def test_rare_values_are_told_as_the_nearest_that_is_enough(odd):
    (frame,) = merged(rows_of([*YES, *odd]), ["x"], RULES)
    assert frame.columns["x"].tolist()[:200] == YES.tolist()
    assert frame.columns["x"][200:] == pytest.approx(
        np.where(np.isnan(odd), np.nan, 1.0), nan_ok=True
    )


def test_all_parts_of_the_rows_count():
    """Each of them has too few of a value that all together have enough of."""
    parts = [*rows_of([*YES, 2, 2, 2]), *rows_of([*YES, 2, 2, 3])]
    assert {*np.concatenate([one.columns["x"] for one in merged(parts, ["x"], RULES)])} == {0, 1, 2}


@pytest.mark.parametrize("n", [20, 60, 200, 2000])
@pytest.mark.parametrize("read", ["to the last digit", "in years", "to five"])
def test_an_ordinary_number_stays_as_it_is(n, read):
    values = np.random.default_rng(n).normal(130, 20, n)
    values = {"in years": values.round(), "to five": (values / 5).round() * 5}.get(read, values)
    rows = rows_of(values)
    assert merged(rows, ["x"], RULES) is rows


def test_a_yes_or_no_and_a_number_of_few_values_stay_as_they_are():
    for values in (YES, np.arange(200) % 10):
        rows = rows_of(values)
        assert merged(rows, ["x"], RULES) is rows


def test_what_fewer_rows_than_the_threshold_add_alike_is_told_by_nothing():
    for n in range(1, 3):
        beside_others = np.array([0.7, 0.0]), np.array([n, 200])
        assert in_few_steps(*beside_others, RULES)[0] == 0.0
    assert in_few_steps(np.zeros(3), np.ones(3), RULES) == (0.0, 0.0)
    total, step = in_few_steps(np.array([1.0, -1.0]), np.array([60, 20]), RULES)
    assert (total, step) == (40.0, 5.0)
