"""Correlations against R."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.methods import ParameterError
from datasets.engine.methods.correlation.estimate import benjamini_hochberg
from datasets.engine.methods.shared.pair_moments import PairMoments
from tests.engine.methods.cases import (
    close,
    columns,
    expected,
    inputs_of,
    run,
)

R = expected("heart_correlations")
NAMES = R["pearson_pairwise"]["vars"]


@pytest.fixture(scope="module")
def heart_table():
    return columns("heart_correlations")


@pytest.fixture(scope="module")
def pairwise(heart_table):
    return run("correlation", heart_table, variables=NAMES)


def _pair(answer, x, y):
    return next(p for p in answer.result["pairs"] if {p["x"], p["y"]} == {x, y})


def _agrees(answer, reference):
    names = reference["vars"]
    close(answer.result["matrix"], reference["r"], 1e-9)
    assert answer.result["n_matrix"] == reference["n"]
    for pair in answer.result["pairs"]:
        i, j = names.index(pair["x"]), names.index(pair["y"])
        assert pair["n"] == reference["n"][i][j]
        close(pair["r"], reference["r"][i][j], 1e-9)
        close(pair["p_value"], reference["p"][i][j], 1e-8)
        close(pair["ci"], [reference["ci_lb"][i][j], reference["ci_ub"][i][j]], 1e-9)


def test_pairwise_agrees_with_cor_test(pairwise):
    _agrees(pairwise, R["pearson_pairwise"])


def test_pima_agrees_with_cor_test():
    table = columns("heart_correlations", "pima.csv")
    table["site"] = np.full(len(table["age"]), "Phoenix", dtype=object)
    reference = R["pima"]["pearson_pairwise"]
    answer = run("correlation", table, variables=reference["vars"])
    _agrees(answer, reference)
    assert answer.result["across_sites"] == []


def test_adjusted_p_values(pairwise):
    found = [_pair(pairwise, NAMES[i], NAMES[j])["q_value"] for j in range(7) for i in range(j)]
    close(found, R["adjust_upper_triangle_colmajor"]["BH"], 1e-8)


def test_listwise(heart_table):
    answer = run("correlation", heart_table, variables=NAMES, missing="listwise")
    close(answer.result["matrix"], R["listwise"]["r"], 1e-9)
    assert {pair["n"] for pair in answer.result["pairs"]} == {R["listwise"]["n"]}


def test_order_and_smallest_eigenvalue(pairwise):
    assert pairwise.result["order"] == R["hclust_average_1_minus_abs_r"]["order"]
    close(pairwise.result["min_eigenvalue"], R["pairwise_psd"]["min_eigenvalue"], 1e-9)


def test_within_site(heart_table):
    answer = run("correlation", heart_table, variables=["age", "thalach"], within_site=True)
    pair, reference = answer.result["pairs"][0], R["within_site_age_thalach"]
    close(pair["r"], reference["r"], 1e-9)
    assert (pair["n"], pair["df"]) == (reference["n"], reference["df"])


def test_across_sites(pairwise):
    found = next(
        one for one in pairwise.result["across_sites"] if (one["x"], one["y"]) == ("age", "thalach")
    )
    reference = R["fisher_z_meta"]["REML"]
    close(found["overall"]["estimate"], reference["estimate"], 1e-9)
    close(found["overall"]["ci_normal"], [reference["ci_lb"], reference["ci_ub"]], 1e-9)
    close(found["heterogeneity"]["tau2"], reference["tau2"], 1e-8)
    close(found["heterogeneity"]["i2"], reference["I2"], 1e-8)
    close(found["heterogeneity"]["q"], reference["Q"], 1e-9)
    by_site = R["by_site_age_thalach"]
    assert [study["label"] for study in found["studies"]] == list(by_site)
    close([study["r"] for study in found["studies"]], [s["r"] for s in by_site.values()], 1e-9)


def test_a_variable_one_site_lacks_is_named_and_used_elsewhere(pairwise):
    said = {one["code"]: one["message"] for one in pairwise.warnings}
    assert said.keys() == {"not_collected", "two_sites"}
    assert "chol was not collected at Switzerland" in said["not_collected"]
    # ca has values at few sites.
    assert said["two_sites"].endswith("which makes intervals over two sites wider.")
    assert _pair(pairwise, "age", "chol")["n"] == 718


def test_a_column_that_does_not_vary_has_no_correlation(heart_table):
    table = heart_table | {"flat": np.full(920, 0.1)}
    answer = run("correlation", table, variables=["age", "flat", "num"])
    pair = _pair(answer, "age", "flat")
    assert (pair["r"], pair["p_value"], pair["q_value"], pair["ci"]) == (None,) * 4
    assert answer.result["min_eigenvalue"] is None
    assert sorted(answer.result["order"]) == ["age", "flat", "num"]
    assert _pair(answer, "age", "num")["q_value"] is not None


def test_perfect_and_tiny(heart_table):
    table = {name: column[:3] for name, column in heart_table.items()}
    table["twice"] = 2 * table["age"] + 1
    answer = run("correlation", table, variables=["age", "twice", "num"])
    close(_pair(answer, "age", "twice")["r"], 1, 1e-12)
    assert _pair(answer, "age", "num")["ci"] is None
    empty = {name: column[:0] for name, column in heart_table.items()}
    with pytest.raises(ParameterError):
        run("correlation", empty, inputs=inputs_of(empty), variables=["age", "num"])


@pytest.mark.parametrize("block", [1, 13, 5000])
def test_blocks_and_order_of_inputs_do_not_matter(heart_table, pairwise, block):
    inputs = list(reversed(inputs_of(heart_table, block)))
    cut = run("correlation", heart_table, inputs, variables=NAMES)
    close(cut.result["matrix"], pairwise.result["matrix"], 1e-10)
    assert cut.result["order"] == pairwise.result["order"]


def _correlated(n=400):
    """Two columns and a third that runs against the first."""
    rng = np.random.default_rng(20260)
    first, second, third = rng.normal(size=(3, n))
    return np.column_stack([first, second + first, third - first / 2])


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("first", [[np.nan], [np.nan] * 50, [np.nan, 0.0]])
def test_what_the_first_block_holds_does_not_matter(first, scale):
    """Around 1e9, of a size of 1e-9, and first wholly missing or once far from all the rest."""
    near = _correlated()
    far = near * [1, scale, 1] + [1e9, 0, 0]
    begin = np.column_stack([first, np.full((len(first), 2), 1.0)])
    begin[:, 1] = np.nan
    # What is left of values that 1e9 was added to.
    rounded = far - [1e9, 0, 0]
    found = PairMoments.of([begin, far], 3)
    if not np.isfinite(begin[:, 0]).any():
        close(found.correlation()[:2, :2], np.corrcoef(rounded.T)[:2, :2], 1e-9)
        close(found.correlation()[0], np.corrcoef(rounded.T)[0], 1e-9)
    assert found.n[0, 1] == len(far)
    close(found.correlation()[0, 1], np.corrcoef(rounded.T)[0, 1], 1e-9)


@pytest.mark.parametrize("within_site", [False, True])
def test_a_column_that_is_the_same_in_all_rows_of_each_site_is_no_variable(within_site):
    """0.1 and 0.3 have rounding errors of their own, which must not be correlated."""
    x, y, _ = _correlated(90).T
    table = {
        "site": np.array(["Oslo"] * 40 + ["Hue"] * 50, dtype=object),
        "x": x,
        "y": y,
        "flat": np.array([0.1] * 40 + [0.3] * 50),
    }
    answer = run("correlation", table, variables=["x", "y", "flat"], within_site=within_site)
    r = _pair(answer, "x", "flat")["r"]
    assert r is None if within_site else abs(r) < 0.5
    assert [(one["x"], one["y"]) for one in answer.result["across_sites"]] == [("x", "y")]


def test_far_from_zero_nothing_cancels(heart_table):
    moved = heart_table | {"age": heart_table["age"] + 1e6}
    near = _pair(run("correlation", heart_table, variables=["age", "num"]), "age", "num")
    far = _pair(run("correlation", moved, variables=["age", "num"]), "age", "num")
    close(far["r"], near["r"], 1e-9)


rows = st.lists(
    st.tuples(*[st.one_of(st.floats(-1e3, 1e3), st.just(float("nan")))] * 3), max_size=40
)


@settings(max_examples=50, deadline=None)
@given(rows, st.integers(0, 40))
def test_moments_add_up(table, cut):
    x = np.array(table, dtype=float).reshape(-1, 3)
    whole = PairMoments.of([x], 3)
    both = PairMoments.of([x[:cut]], 3) + PairMoments.of([x[cut:]], 3)
    np.testing.assert_array_equal(whole.n, both.n)
    np.testing.assert_allclose(whole.cross, both.cross, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(whole.square, both.square, rtol=1e-9, atol=1e-6)


def test_missing_p_values_are_no_tests():
    assert benjamini_hochberg([0.01, None, 0.02]) == [0.02, None, 0.02]
    assert benjamini_hochberg([]) == []
