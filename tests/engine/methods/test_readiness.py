"""What a question can use, from the counts of its first round."""

import numpy as np
import pytest

from datasets.engine.guard.rules import rules_of
from datasets.engine.methods import METHODS
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.readiness import (
    Ready,
    asks_for_one_size,
    at_most,
    detectable,
    has_two_values,
    ready,
)
from datasets.engine.methods.regression.statistics import Present, SiteCounts, Tally
from datasets.engine.rows.frame import Frame, InputInfo

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


@pytest.mark.parametrize("threshold", [3, 5, 10, 11])
def test_a_check_tells_of_a_guarded_site_what_its_answer_will(threshold):
    """Where one variable alone is lacked. Of 116 rows of 123 a check told 115, an answer 120."""
    n, regression, rules = 123, METHODS["regression"], rules_of("standard", threshold)
    columns = {name: np.full(n, "Oslo", dtype=object) for name in ("site", "country", "region")}
    columns["sick"] = (np.arange(n) % 3 == 0).astype(float)
    spec = regression.plan(LOGISTIC, [InputInfo(0, "Oslo", "NOR", "Europe")])
    for lacking in (0, 1, 4, 7, 12, 40, 63):
        columns["dose"] = np.where(np.arange(n) < lacking, np.nan, np.arange(n) % 17)
        rows = [Frame(columns, n)]
        before = at_most(rows, LOGISTIC, "Oslo", rules)
        after = regression.release(rows, spec, "Oslo", rules).statistics.of("Oslo")
        assert (before.rows, before.complete) == (after.rows, after.complete)
        assert ready([before], LOGISTIC).complete == after.complete


def test_a_site_without_a_complete_row_says_what_it_lacks():
    found = ready([counts(0, 0, absent=["dose"])], LOGISTIC)
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
