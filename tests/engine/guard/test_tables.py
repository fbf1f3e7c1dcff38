"""What rounding and merging leave: no small count, no far value, nothing to solve for."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.guard.rules import rules_of
from datasets.engine.guard.tables import (
    bins_of,
    coarse,
    grain_of,
    has_spread,
    merged_values,
    released_line,
    share_of_few,
    spread_over,
)
from datasets.engine.methods.shared.value_counts import ValueCounts

RULES = [rules_of("standard", t) for t in (3, 5, 10, 11)]
lines = st.lists(st.integers(0, 400), min_size=1, max_size=12)


@settings(deadline=None)
@given(lines, st.sampled_from(RULES))
def test_every_count_is_0_or_enough(counts, rules):
    shown = released_line(counts, rules)
    for n, one in zip(counts, shown, strict=True):
        assert one == 0 or one >= rules.threshold
        assert one == 0 or n >= rules.threshold


@settings(deadline=None)
@given(lines, st.sampled_from(RULES), st.data())
def test_total_and_other_counts_do_not_give_a_small_one_back(counts, rules, data):
    """Every other small number in its place, with the largest making up for it, looks the same."""
    small = [k for k, n in enumerate(counts) if n < rules.threshold]
    largest = max(range(len(counts)), key=lambda k: counts[k])
    if not small or counts[largest] < 100 or largest in small:
        return
    k = data.draw(st.sampled_from(small))
    other = data.draw(st.integers(0, rules.threshold - 1))
    changed = list(counts)
    changed[k] = other
    changed[largest] += counts[k] - other
    if max(changed) != changed[largest] or changed.count(max(changed)) > 1:
        return
    if counts.count(max(counts)) > 1:
        return
    first, second = released_line(counts, rules), released_line(changed, rules)
    # Where very many roundings add up the largest keeps to its own: then nothing is derived.
    if sum(first) == rules.rounded(sum(counts)) == sum(second):
        assert first == second


@settings(deadline=None)
@given(lines, st.sampled_from(RULES))
def test_counts_add_up_to_the_rounded_total(counts, rules):
    """Where the largest is large enough to take what rounding leaves over."""
    shown = released_line(counts, rules)
    if max(counts) >= 100 and len(counts) <= 5:
        assert sum(shown) == rules.rounded(sum(counts))


def test_rows_off_the_mode():
    rules = rules_of("standard", 5)
    assert has_spread([300, 5], rules)
    assert has_spread([1] * 6, rules)
    assert not has_spread([300, 4], rules)
    assert not has_spread([], rules)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0] * 50 + [1e6], True),
        ([1e6, -1e6] + [1.0] * 50, True),
        (list(range(50)), False),
        ([0.0] * 50 + [1.0] * 50, False),
    ],
)
def test_two_rows_that_make_up_most_of_a_sum(values, expected):
    found, counts = np.unique(values, return_counts=True)
    rules = rules_of("standard", 5)
    share = share_of_few(found, counts, float(np.mean(values)), rules)
    assert (share > rules.dominance_share) is expected


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e6))
def test_a_mean_is_no_finer_than_its_error(value, error):
    found = coarse(value, error)
    assert abs(found - value) <= error / 2 + 1e-9 * abs(value)
    step = max(
        m * 10.0**k for k in range(-7, 7) for m in (1, 2, 5) if m * 10.0**k <= error * 1.000001
    )
    assert math.isclose(found / step, round(found / step), rel_tol=1e-6, abs_tol=1e-6)


@settings(deadline=None)
@given(st.lists(st.floats(-1e4, 1e4), min_size=60, max_size=300), st.sampled_from(RULES))
def test_bins_hold_enough_rows_and_do_not_tell_the_extremes(values, rules):
    found, counts = np.unique(np.round(values, 3) + 0.0, return_counts=True)
    bins, rows = bins_of(found, counts, rules)
    assert rows.sum() == counts.sum()
    assert (rows >= rules.threshold).all()
    assert (bins[:, 0] < bins[:, 1]).all()
    # Without gaps: one would end at somebody's value.
    assert np.allclose(bins[1:, 0], bins[:-1, 1], rtol=0, atol=1e-9 * np.abs(bins).max())
    line = released_line(rows.tolist(), rules)
    points, held = spread_over(bins, line, rules, grain_of(found, counts, bins))
    assert (np.diff(points) > 0).all()
    assert held.sum() == sum(line)
    assert (held >= rules.threshold).all()


def test_an_outlier_leaves_the_bins_where_they_are():
    rules = rules_of("standard", 5)
    values = np.arange(200.0)
    near, _ = bins_of(values, np.ones(200, dtype=int), rules)
    values[-1] = 1e7
    far, _ = bins_of(values, np.ones(200, dtype=int), rules)
    assert near.tolist() == far.tolist()


@pytest.mark.parametrize(
    ("drawn", "edges"),
    [
        (lambda rng: np.round(rng.normal(54, 9, 600)), ()),
        (lambda rng: np.round(rng.normal(54, 9, 600)), tuple(range(20, 100, 5))),
        (lambda rng: np.round(rng.normal(54, 9, 600)), tuple(np.arange(20, 100, 2.5))),
        (lambda rng: np.round(rng.normal(5, 1, 600), 1), ()),
        (lambda rng: 10 * np.round(rng.normal(13, 2, 600)), ()),
        (lambda rng: rng.normal(5, 1, 600), ()),
    ],
)
def test_quartiles_of_bins_lie_where_those_of_the_values_do(drawn, edges):
    """Whole numbers in a bin from 50 to below 60 lie about 54.5, not about 55."""
    rules, off = rules_of("standard", 5), []
    for seed in range(20):
        values = drawn(np.random.default_rng(seed))
        found, counts = np.unique(values, return_counts=True)
        bins, rows = bins_of(found, counts, rules, edges)
        line = released_line(rows.tolist(), rules, rules.rounded(600))
        points, held = spread_over(bins, line, rules, grain_of(found, counts, bins))
        told = ValueCounts(points, held, 0, 0.0, 0.0, 53, "bins")
        shares = (0.25, 0.5, 0.75)
        gaps = [told.quantile(p) - np.quantile(values, p) for p in shares]
        off.append(np.mean(gaps) / values.std())
    assert abs(np.mean(off)) < 0.02


def test_a_bin_has_no_more_points_than_multiples():
    bins = np.array([[50.0, 52.0], [52.0, 60.0]])
    points, held = spread_over(bins, (100, 100), rules_of("standard", 5), 1.0)
    assert points[:2].tolist() == [50.0, 51.0]
    assert held.tolist() == [50, 50, *held[2:]]
    assert 52 <= points[2] < points[-1] < 60
    assert (points.size - 2, held.sum()) == (8, 200)


def test_what_values_are_multiples_of():
    bins, many = np.array([[0.0, 10.0], [10.0, 20.0]]), np.ones(1000, dtype=int)
    rng = np.random.default_rng(3)
    fine = rng.uniform(0, 20, 1000)
    assert grain_of(fine, many, bins) == 0.0
    # Half of so fine a grain moves nothing.
    assert grain_of(np.round(fine, 3), many, bins) == 0.0
    assert grain_of(np.round(fine), many, bins) == 1.0
    assert grain_of(np.round(fine * 2) / 2, many, bins) == 0.5
    assert grain_of(np.round(fine / 5) * 5, many, bins) == 5.0
    # Neither all have to be whole fives, nor does one decide.
    assert grain_of(np.where(rng.random(1000) < 0.7, np.round(fine / 5) * 5, fine), many, bins) == 5
    # Quartiles of such were a third of a standard deviation off.
    assert grain_of(fine + 1.7e12, many, bins) == 0.0
    assert grain_of(np.round(fine) + 1.7e12, many, bins) == 1.0
    assert grain_of(np.round(fine, 1) + 1e6, many, bins / 10) == 0.1


def test_a_rare_value_goes_to_its_neighbour():
    rules = rules_of("standard", 5)
    values, rows = merged_values(np.array([0.0, 1.0, 2.0, 99.0]), np.array([90, 60, 40, 2]), rules)
    assert values.tolist() == [0.0, 1.0, 2.0]
    assert rows.tolist() == [90, 60, 42]
