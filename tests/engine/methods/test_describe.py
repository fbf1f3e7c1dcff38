"""Descriptions against R, and counts that add up however the rows are cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.methods.shared.value_counts import MOST_DISTINCT, ValueCounts, nice_edges
from tests.engine.methods.cases import (
    close,
    codes,
    expected,
    heart,
    inputs_of,
    run,
)

NUMBERS = ["age", "trestbps", "chol", "thalach", "oldpeak"]


def test_means_by_site_agree_with_r():
    answer = run("describe", heart(), variables=NUMBERS, by="site")
    reference = expected("heart_four_sites")["means_by_site"]
    for variable in answer.result["variables"]:
        assert [group["level"] for group in variable["groups"]] == list(reference)
        for group in variable["groups"]:
            known = reference[group["level"]][variable["name"]]
            assert group["n"] == known["n"]
            if known["n"]:
                close([group["mean"], group["sd"]], [known["mean"], known["sd"]], 1e-9)
            else:
                assert group["mean"] is None
                assert group["sd"] is None
    assert codes(answer) == {"not_collected"}


def test_missing_values_by_site():
    answer = run("describe", heart(), variables=["chol", "ca"], by="site")
    reference = expected("heart_four_sites")["missing_by_site"]
    for variable in answer.result["variables"]:
        found = {group["level"]: group["missing"] for group in variable["groups"]}
        assert found == {site: reference[site][variable["name"]] for site in reference}


def test_categories_regions_and_yes_no_numbers_are_counted():
    answer = run("describe", heart(), variables=["pain", "sex"], by="region")
    pain, sex = answer.result["variables"]
    regions = ["Northern America", "Eastern Europe", "Western Europe"]
    assert [group["level"] for group in pain["groups"]] == regions
    assert pain["kind"] == "category"
    assert pain["groups"][2]["counts"] == [
        {"value": "1", "n": 4},
        {"value": "2", "n": 4},
        {"value": "3", "n": 17},
        {"value": "4", "n": 98},
    ]
    assert sex["overall"]["counts"] == [{"value": 0.0, "n": 194}, {"value": 1.0, "n": 726}]


def test_quantiles_and_histogram():
    table = heart()
    overall = run("describe", table, variables=["age"]).result["variables"][0]["overall"]
    for p, value in overall["quantiles"].items():
        close(value, np.quantile(table["age"], float(p)), 1e-12)
    edges = overall["histogram"]["edges"]
    assert sum(overall["histogram"]["counts"]) == 920
    assert edges[0] <= 28 < edges[1]
    assert [overall["min"], overall["max"]] == [28, 77]


def test_a_code_for_missing_is_pointed_out():
    table = heart()
    table["chol"] = np.where(np.isnan(table["chol"]), 0.0, table["chol"])
    answer = run("describe", table, variables=["chol", "oldpeak", "ca", "sex"])
    assert [one["code"] for one in answer.warnings] == ["suspicious_value"]
    assert "chol is 0 in 202 rows" in answer.warnings[0]["message"]


def test_grouping_by_a_category_keeps_rows_without_one():
    table = heart()
    table["pain"] = np.where(table["cp"] == 1, None, table["pain"])
    answer = run("describe", table, variables=["age"], by="pain")
    levels = [group["level"] for group in answer.result["groups"]]
    assert levels == ["2", "3", "4", None]
    assert answer.result["groups"][3]["n"] == 46


def test_no_rows_at_all():
    answer = run("describe", heart(), inputs=[], variables=["age"], by="site")
    assert answer.result["rows"] == 0


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_blocks_do_not_matter(block):
    table = heart()
    whole = run("describe", table, inputs_of(table, 5000), variables=NUMBERS, by="site")
    cut = run("describe", table, inputs_of(table, block), variables=NUMBERS, by="site")
    for one, other in zip(whole.result["variables"], cut.result["variables"], strict=True):
        assert one["overall"]["quantiles"] == other["overall"]["quantiles"]
        assert one["overall"]["histogram"] == other["overall"]["histogram"]
        close(one["overall"]["sd"], other["overall"]["sd"], 1e-12)


values = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), max_size=60)


@settings(max_examples=50, deadline=None)
@given(values, st.integers(0, 60))
def test_counts_add_up(column, cut):
    array = np.array(column, dtype=float)
    whole = ValueCounts.of(array)
    both = ValueCounts.of(array[:cut]) + ValueCounts.of(array[cut:])
    assert whole.values.tolist() == both.values.tolist()
    assert whole.counts.tolist() == both.counts.tolist()
    assert whole.missing == both.missing
    assert np.isclose(whole.mean, both.mean, rtol=1e-12, atol=1e-9)
    assert np.isclose(whole.m2, both.m2, rtol=1e-9, atol=1e-6)


def test_many_distinct_values_are_rounded_the_same_way_however_they_are_cut():
    column = np.random.default_rng(7).normal(100, 15, 450_000)
    whole = ValueCounts.of(column)
    parts = ValueCounts.of(column[:9]) + ValueCounts.of(column[9:300_000])
    both = ValueCounts.of(column[300_000:]) + parts
    assert whole.bits < 53
    assert len(whole.values) <= MOST_DISTINCT
    assert whole.values.tolist() == both.values.tolist()
    assert whole.counts.tolist() == both.counts.tolist()
    assert whole.n == column.size
    close(whole.mean, column.mean(), 1e-12)
    close(both.sd, column.std(ddof=1), 1e-10)
    close(whole.quantile(0.5), np.median(column), 1e-4)


@settings(deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_edges_are_round_and_cover_the_range(low, width):
    edges = nice_edges(low, low + width)
    slack = 1e-9 * max(1.0, abs(low) + width)
    assert edges[0] <= low + slack
    assert edges[-1] >= low + width - slack
    assert (np.diff(edges) > 0).all()
    assert len(edges) <= 24
