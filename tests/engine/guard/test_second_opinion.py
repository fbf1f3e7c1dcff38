"""What leaves a guarded site is safe by the rules that statistical offices publish, too.

Threshold, n-k dominance and p % as the SACRO tool `acro` 0.4 applies them by default, written anew
from its documentation: acro itself asks for pandas 2.3 at most, which is older than ours.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.guard.rules import rules_of
from datasets.engine.methods import METHODS
from datasets.engine.rows.frame import Frame, InputInfo, VariableInfo
from tests.attacks.world import texts

DESCRIBE = METHODS["describe"]
TYPES = {
    "cost": VariableInfo("cost", "number"),
    "ward": VariableInfo("ward", "category"),
    "ill": VariableInfo("ill", "category"),
}


def is_flagged(values, threshold, n=2, k=0.9, p=0.1):
    """Whether acro would flag the sum or mean of these positive values."""
    largest = np.sort(values)[::-1]
    total = largest.sum()
    if len(values) < threshold or total <= 0 or len(values) < 2:
        return True
    rest = total - largest[0] - largest[1]
    return bool(largest[:n].sum() / total > k or rest / largest[0] < p or np.ptp(values) == 0)


def released(columns, rules, variables, by):
    """The groups and their counts that leave a site."""
    n = len(next(iter(columns.values())))
    places = {"site": "Oslo", "country": "NOR", "region": "Europe"}
    frame = Frame(columns | {k: texts([v] * n) for k, v in places.items()}, n)
    spec = DESCRIBE.plan(
        DESCRIBE.fill({"variables": variables, "by": by}, TYPES),
        [InputInfo(0, "Oslo", "NOR", "Europe")],
    )
    return DESCRIBE.release([frame], spec, "Oslo", rules).statistics.groups


skewed = st.tuples(
    st.integers(0, 2**32 - 1),  # seed
    st.floats(0.2, 4.0),  # how unequal costs are
    st.sampled_from([("standard", 3), ("standard", 5), ("standard", 10), ("strict", 10)]),
)


@settings(max_examples=60, deadline=None)
@given(skewed)
def test_no_mean_leaves_that_acro_would_flag(drawn):
    seed, spread, (profile, threshold) = drawn
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 200))
    cost = np.round(rng.lognormal(5, spread, n), 2)
    ward = texts(rng.choice(list("abcdefgh"), n, p=rng.dirichlet(np.ones(8))))
    rules = rules_of(profile, threshold)
    for group in released({"cost": cost, "ward": ward}, rules, ["cost"], "ward"):
        (counts,) = group.counts
        behind = cost[ward == group.level]
        if counts.n:
            assert not is_flagged(behind, rules.threshold, k=rules.dominance_share)
    for group in released({"cost": cost, "ward": ward}, rules, ["cost"], None):
        if group.counts[0].n:
            assert not is_flagged(cost, rules.threshold, k=rules.dominance_share)


def test_no_count_leaves_that_acro_would_flag():
    left = []

    @settings(max_examples=60, deadline=None, database=None)
    @given(skewed)
    def look(drawn):
        left.extend(counts_that_leave(*drawn))

    look()
    assert len(left) > 60, "many counts left, and were looked at"
    assert not [one for one in left if one[0] < one[1]]


def counts_that_leave(seed, _, chosen):
    """Of each count that is told how many rows are behind it, and its site's threshold."""
    profile, threshold = chosen
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 200))
    ward = texts(rng.choice(list("abcdefgh"), n, p=rng.dirichlet(np.ones(8))))
    ill = texts(rng.choice(["yes", "no", "unknown"], n, p=rng.dirichlet(np.ones(3))))
    rules = rules_of(profile, threshold)
    for group in released({"ward": ward, "ill": ill}, rules, ["ill"], "ward"):
        (counts,) = group.counts
        for level, told in getattr(counts, "levels", ()):
            behind = int(((ward == group.level) & (ill == level)).sum())
            if level is not None and told:
                yield behind, rules.threshold


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ([5.0] * 4, True),  # fewer than the threshold
        ([5.0, 6.0, 7.0, 8.0, 9.0], False),
        ([1.0, 1.0, 2.0, 500.0, 400.0], True),  # two are nearly all
        ([30.0, 1.0, 1.0, 400.0, 20.0], True),
        ([7.0] * 9, True),  # one value for all
    ],
)
def test_the_rules_flag_what_they_are_for(values, flagged):
    assert is_flagged(np.array(values), 5) is flagged
    ward = texts(["a"] * len(values) + ["b"] * 20)
    cost = np.array([*values, *np.arange(20.0, 40.0)])
    group = released({"cost": cost, "ward": ward}, rules_of("standard", 5), ["cost"], "ward")
    shown = {one.level: one.counts[0].n for one in group}
    if flagged:
        assert not shown.get("a")
