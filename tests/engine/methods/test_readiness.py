"""What a question can use, from the counts of its first round."""

import pytest

from datasets.engine.guard.rules import OPEN, rules_of
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.readiness import (
    Ready,
    asks_for_one_size,
    detectable,
    has_two_values,
    ready,
)
from datasets.engine.methods.regression.statistics import Present, SiteCounts, Tally

LOGISTIC = Parameters("sick", "binomial", ("dose",))
LINEAR = Parameters("weight", "gaussian", ("dose",))


def counts(complete, sick, dose=None, absent=()):
    tallies = [Tally(("sick",), ((("0",), complete - sick), (("1",), sick)), True)]
    if dose is not None:
        tallies.append(Tally(("dose",), tuple(((one,), n) for one, n in dose.items()), False))
    present = tuple(Present(name, 0) for name in absent)
    return SiteCounts("Oslo", complete + 7, complete, present, (), tuple(tallies), ())


def test_odds_ratio_of_one_standard_deviation():
    """exp((qnorm(.975)+qnorm(.8))/sqrt(303*.4587*(1-.4587))), counts rounded."""
    assert detectable([Ready("Cleveland", 303, 139)], LOGISTIC) == pytest.approx(1.381258, rel=1e-6)


@pytest.mark.parametrize(
    ("sites", "ncp"),
    [(2, 16.33400887), (3, 5.653489266), (4, 4.255898687), (5, 3.761059554), (10, 3.149632886)],
)
def test_few_sites_see_less_than_as_many_rows_of_one(sites, ncp):
    """In R for k sites, whose answer is tested by t with k - 1 degrees of freedom:
    uniroot(function(d) pt(qt(.975, k-1), k-1, d, lower.tail = FALSE) +
                        pt(-qt(.975, k-1), k-1, d) - 0.8, c(0, 40))"""
    made = [Ready(f"Site {number}", 100) for number in range(sites)]
    assert detectable(made, LINEAR) == pytest.approx(ncp / (100 * sites) ** 0.5, rel=1e-5)


def test_a_site_without_rows_adds_nothing():
    one = [Ready("Cleveland", 303, 139)]
    assert detectable([*one, Ready("Basel", 0)], LOGISTIC) == detectable(one, LOGISTIC)
    assert detectable([Ready("Basel", 0)], LOGISTIC) is None
    assert detectable([Ready("Cleveland", 303, 0)], LOGISTIC) is None


def test_difference_between_two_groups():
    """power.t.test(delta = 0.25, sd = 1, power = 0.8): 252.1 in each group; normal quantiles."""
    assert detectable([Ready("Oslo", 504, exposed=252)], LINEAR) == pytest.approx(0.25, abs=1e-3)
    assert has_two_values([Ready("Oslo", 504, exposed=252), Ready("Basel", 0)])


def test_two_values_at_one_site_alone_are_not_two_values():
    """16.33400887/sqrt(500): two sites are tested by t with one degree of freedom."""
    mixed = [Ready("Oslo", 300, exposed=100), Ready("Hue", 200)]
    assert not has_two_values(mixed)
    assert detectable(mixed, LINEAR) == pytest.approx(0.730479, rel=1e-5)


@pytest.mark.parametrize(
    ("rules", "complete", "rarer"),
    [(OPEN, 101, 43), (rules_of("standard", 5), 100, 45), (rules_of("strict", 10), 100, 40)],
)
def test_counts_are_no_finer_than_the_rules(rules, complete, rarer):
    found = ready([(counts(101, 43), rules)], LOGISTIC)
    assert (found.complete, found.rarer) == (complete, rarer)


def test_a_site_without_a_complete_row_says_what_it_lacks():
    found = ready([(counts(0, 0, absent=["dose"]), OPEN)], LOGISTIC)
    assert (found.complete, found.rarer, found.absent) == (0, None, ("dose",))


@pytest.mark.parametrize(
    ("levels", "interactions", "one"),
    [
        ({"a": 50, "b": 50}, (), True),
        ({"a": 50, "b": 30, "c": 20}, (), False),
        ({"a": 50, "b": 50}, (("dose", "site"),), False),
    ],
)
def test_an_effect_of_one_size_is_asked_for_or_not(levels, interactions, one):
    parameters = Parameters("sick", "binomial", ("dose",), interactions=interactions)
    assert asks_for_one_size([counts(100, 40, levels)], parameters) is one
