"""What is said of agreement, over the boundaries of its table."""

import pytest

from datasets.engine.methods.shared import meta
from datasets.engine.methods.shared.agreement import (
    agreement,
    agreement_of,
    check,
    differing,
)
from datasets.engine.methods.shared.moved_spread import i2_by_rounding, largest_step


@pytest.mark.parametrize(
    ("k", "i2_ci", "q_p_value", "said"),
    [
        (4, (0.0, 50.0), 0.2, "too_few"),
        (4, None, 0.99, "too_few"),
        (4, (0.0, 95.0), 0.051, "too_few"),
        (4, (0.0, 95.0), 0.049, "differ"),
        (4, (50.0, 95.0), 0.01, "differ"),
        (4, (50.1, 95.0), 0.001, "differ_widely"),
        (5, (0.0, 50.0), 0.3, "alike"),
        (5, None, 0.99, "alike"),
        (5, (0.0, 50.1), 0.3, "untold"),
        (5, (0.0, 80.0), 0.05, "untold"),
        (5, (0.0, 80.0), 0.049, "differ"),
        (5, (50.0, 98.0), 0.001, "differ"),
        (5, (50.1, 98.0), 0.001, "differ_widely"),
        (40, (5.0, 50.0), 0.02, "differ_little"),
        (40, (5.0, 50.1), 0.02, "differ"),
    ],
)
def test_the_table(k, i2_ci, q_p_value, said):
    assert agreement(k, i2_ci, q_p_value) == said


def test_no_agreement_rests_on_rounded_estimates_that_lie_too_close():
    assert agreement(5, None, 0.99) == "alike"
    assert agreement(5, None, 0.99, is_rounded=True) == "untold"
    assert agreement(5, (0.0, 40.0), 0.6, is_rounded=True) == "alike", "their errors carry it"


@pytest.mark.parametrize(
    ("found", "i2", "outcome"),
    [
        ("alike", 0.0, "pass"),
        ("too_few", 94.0, "not_applicable"),
        ("untold", 51.0, "not_applicable"),
        ("untold", 49.0, "not_applicable"),
        ("differ_little", 40.0, "pass"),
        ("differ", 50.0, "not_applicable"),
        ("differ", 51.0, "fail"),
        ("differ_widely", 94.0, "fail"),
    ],
)
def test_the_check_says_what_the_words_say(found, i2, outcome):
    assert check([("alike", 0.0), (found, i2)]).outcome == outcome


def test_low_moderate_and_high_are_told_alike_by_few_and_many():
    """Six effects with an error of 0.1: I² is 0, 73 and over 90 %."""
    spread = (-1.0, -0.6, -0.2, 0.2, 0.6, 1.0)
    said = {}
    for size in (0.05, 0.19, 0.25, 1.0):
        pooled = meta.pool([1 + size * one for one in spread], [0.1] * 6).heterogeneity
        said[size] = (round(pooled.i2), agreement_of(6, pooled), differing_in(6, pooled))
    assert said[0.05] == (0, "alike", "")
    i2, found, words = said[0.19]
    assert 40 < i2 < 60
    assert (found, words) in (
        ("untold", ""),
        ("differ", "The sites differ (p = 0.03); by how much is uncertain with 6 sites."),
    )
    i2, found, words = said[0.25]
    assert 60 < i2 < 80
    assert found == "differ"
    assert "by how much is uncertain with 6 sites." in words
    i2, found, words = said[1.0]
    assert i2 > 90
    assert found == "differ_widely"
    assert words.startswith(f"The sites differ widely (I² {i2}%, anything from ")
    assert words.endswith("% would fit): none of them need be like their mean.")


def differing_in(k, spread):
    return " ".join(differing(agreement_of(k, spread), k, spread))


def test_what_rounding_alone_leaves_open_of_i2():
    """Two of four sites are told in tenths: metafor's I² is 38.5 % or 60.7 % with each of them
    half a step nearer to the mean or farther from it, and 51.4 % as they are told."""
    estimates, errors = [0.7, 0.497, 0.1, 0.11], [0.163, 0.265, 0.2, 0.374]
    low, high = i2_by_rounding(estimates, errors, [True, False, True, False])
    assert (low, high) == pytest.approx((38.4582, 60.7020), abs=1e-3)
    assert i2_by_rounding(estimates, errors, [False] * 4) is None
    assert i2_by_rounding([0.7, 0.7], [0.3, 0.3], [True, True]) is None, "it moves next to nothing"


def test_the_lower_end_that_rounding_leaves_of_i2_is_told_first():
    """It read “from 76% to 75%”: of a far site that moves, a heavy one may move along."""
    estimates, errors = [-2.0, 0.0, 0.0, -0.6], [0.725, 0.23, 6.365, 0.316]
    told = meta.pool(estimates, errors).heterogeneity.i2
    low, high = i2_by_rounding(estimates, errors, [False, False, True, True])
    assert low < told < high


@pytest.mark.parametrize(
    ("estimate", "error", "step"), [(0.7, 0.163, 0.1), (-1.4, 0.315, 0.2), (0.0, 0.3, 0.2)]
)
def test_the_largest_step_that_an_estimate_may_be_told_in(estimate, error, step):
    assert largest_step(estimate, error) == pytest.approx(step)
