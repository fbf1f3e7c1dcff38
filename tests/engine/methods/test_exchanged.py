"""A guarded site's estimates of few values are those of told tables."""

import math
from dataclasses import replace

import numpy as np
import pytest

from datasets.engine.guard.merged import merged
from datasets.engine.guard.rules import rules_of
from datasets.engine.methods.regression.crossed_counts import CrossedCounts
from datasets.engine.methods.regression.design import Blocks, Design
from datasets.engine.methods.regression.exchanged import exchanged
from datasets.engine.methods.regression.fits import LeastSquares, Newton
from datasets.engine.methods.regression.lines import lines_of
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.passes import cross_products, finish
from datasets.engine.rows.frame import Frame

RULES = rules_of("standard", 5)


def exchange(counts, family, terms=("x",), robust="", lacking=()):
    """Of rows with so many of each x (first) and y, and a number that nobody lacks; with these
    outcomes of people who lack x."""
    cells = [(x, y) for x, row in enumerate(counts) for y, n in enumerate(row) for _ in range(n)]
    x, y = np.array(cells, dtype=float).T
    age = np.random.default_rng(3).normal(50, 10, len(x)) + 4 * x
    more = len(lacking)
    x, y, age = np.r_[x, np.full(more, np.nan)], np.r_[y, lacking], np.r_[age, np.full(more, 50.0)]
    frame = Frame({"x": x, "y": y, "age": age}, len(x))
    scaling = {"x": (0.0, 1.0), "age": (50.0, 10.0)}
    design = Design.build(
        outcome="y",
        outcome_mean=0.0,
        terms=terms,
        interactions=[],
        site_effects=False,
        scaling={name: scaling[name] for name in terms},
        levels={},
    )
    blocks = Blocks([frame], design)
    sums = cross_products(blocks, len(design.columns))
    columns = range(len(design.columns))
    if family == "gaussian":
        start = LeastSquares.solve(columns, sums.cross, sums.score, robust, 0.0)
    else:
        start = Newton.start(columns, sums.cross, sums.score - sums.cross[0] / 2)
    fit = finish(start, blocks)
    if robust:
        fit = finish(replace(fit, robust=robust), blocks)
    told = merged([frame], ("y", *terms), RULES)
    lines = lines_of(told, Parameters("y", family, tuple(terms)), RULES)
    counted = CrossedCounts([frame], told, design, fit.columns, lines, RULES)
    return exchanged(counted, blocks, design, fit, RULES)


IN_FIVES = ((75, 40), (25, 20))
"""The same people as they are told: sums are 115 and 45, and 100 and 60."""


def test_an_estimate_is_that_of_the_told_table():
    (a, b), (c, d) = IN_FIVES
    found = exchange(((71, 43), (27, 19)), "gaussian")
    assert found.told.beta[1] == pytest.approx(d / (c + d) - b / (a + b))
    found = exchange(((71, 43), (27, 19)), "binomial")
    assert found.told.beta[1] == pytest.approx(math.log(d / c) - math.log(b / a), abs=0.001)
    # Weights of a logistic model are those of the told shares.
    variance = 1 / a + 1 / b + 1 / c + 1 / d
    assert found.told.inverse[1, 1] == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_nothing_changes_where_the_table_is_in_fives(family):
    found = exchange(IN_FIVES, family, ("x", "age"))
    assert found.told.beta == pytest.approx(found.of_rows.beta, abs=1e-9)
    assert found.told.inverse == pytest.approx(found.of_rows.inverse, rel=1e-9)
    assert found.of_deviance == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_a_number_of_many_values_keeps_its_estimate(family):
    found = exchange(((71, 43), (27, 19)), family, ("x", "age"))
    assert found.told.beta[1] != pytest.approx(found.of_rows.beta[1], abs=0.01)
    assert found.told.beta[2] == found.of_rows.beta[2]
    assert found.is_told.tolist() == [True, True, False]


@pytest.mark.parametrize("robust", ["", "hc1"])
@pytest.mark.parametrize("family", ["gaussian", "binomial"])
def test_outcomes_of_rows_left_out_count_in_no_error(family, robust):
    """One of nine, of somebody who lacks the other variable, told errors of half their size: it is
    counted as 1."""
    table = ((71, 43), (27, 19))
    found, beside = (
        exchange(table, family, robust=robust, lacking=one) for one in ((1.0,), (9.0,))
    )
    assert beside.told.beta == pytest.approx(found.told.beta)
    assert beside.told.inverse == pytest.approx(found.told.inverse)
    assert beside.of_deviance == pytest.approx(found.of_deviance)
    if robust:
        assert beside.told.sandwich == pytest.approx(found.told.sandwich)


def test_sums_that_no_outcomes_can_have_leave_a_model_as_it_is():
    """What a few far ones add is told as more than they all can: variances were 130 times theirs,
    or there was no inverse."""
    few = *[(0, 0)] * 5, (0, 2), (0, 2), (0, 2)
    found = exchange(((70, 20), (20, 10), *few), "binomial", ("x", "age"))
    assert found.told is found.of_rows
    assert not found.is_told.any()
