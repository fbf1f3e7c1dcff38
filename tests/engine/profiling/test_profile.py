"""Profiles against numbers computed another way, and the values they hold suspicious."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from datasets.engine.profiling import profile as profile_module
from datasets.engine.profiling.moments import PROBABILITIES, weighted_quantiles
from datasets.engine.profiling.profile import profile_table
from datasets.engine.rows.connection import connect
from datasets.engine.rows.table import Table
from tests.engine.reading.reading import HEART, column, read

KEYS = {
    *("name", "type", "n", "missing", "distinct", "min", "max", "mean", "sd"),
    *("quantiles", "histogram", "grid", "top", "suspicious"),
}


def profile_of(tmp_path, values: list, name: str = "a") -> dict:
    rows = "".join(f"{'' if value is None else value},x\n" for value in values)
    return column(read(tmp_path, f"{name},b\n{rows}")[0], name)


def test_numbers_agree_with_numpy(tmp_path):
    rng = np.random.default_rng(5)
    values = np.round(rng.gamma(3, 20, 5000), 2)
    found = profile_of(tmp_path, [*values, None, None])
    assert set(found) == KEYS
    assert (found["type"], found["n"], found["missing"]) == ("number", 5000, 2)
    assert found["distinct"] == len(np.unique(values))
    assert (found["min"], found["max"]) == (values.min(), values.max())
    assert found["mean"] == pytest.approx(values.mean(), rel=1e-12)
    assert found["sd"] == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert list(found["quantiles"]) == ["0.05", "0.25", "0.5", "0.75", "0.95"]
    assert list(found["quantiles"].values()) == pytest.approx(np.quantile(values, PROBABILITIES))
    counts, edges = found["histogram"]["counts"], found["histogram"]["edges"]
    assert len(edges) == len(counts) + 1
    assert sum(counts) == 5000
    assert counts == np.histogram(values, np.array(edges))[0].tolist()


@pytest.mark.parametrize(
    "values",
    [
        [1e308, -1e308, 1.0, 2.0, 3.0] * 10,
        [1e308] * 20 + [9e307] * 5,
        [1e200, 2e200, 3e200] * 10,
        [1e-320, 2e-320, 3e-320, 5e-324] * 10,
        [k * 1e306 for k in range(-170, 170)],
        [1.0e20] * 12,
    ],
)
@pytest.mark.parametrize("sketched", [False, True])
def test_values_at_the_ends_of_what_a_float_holds_are_described(
    tmp_path, monkeypatch, values, sketched
):
    """Their sums and squares are beyond it: the file was refused as one that crashed the reader."""
    if sketched:
        monkeypatch.setattr(profile_module, "EXACT_ROWS", 1)
        monkeypatch.setattr(profile_module, "high_cardinality", lambda path: {0})
    found = profile_of(tmp_path, values)
    json.dumps(found, allow_nan=False)
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    variance = sum((one - mean) ** 2 for one in exact) / (len(exact) - 1)
    scale = Fraction(max(map(abs, values)))
    spread = math.sqrt(variance / scale**2) * float(scale)
    assert (found["min"], found["max"]) == (min(values), max(values))
    assert found["mean"] / float(scale) == pytest.approx(float(mean / scale), abs=1e-3)
    assert found["sd"] == pytest.approx(spread, rel=1e-3)
    assert found["quantiles"]["0.5"] == pytest.approx(np.median(np.array(values)), rel=0.1)
    edges = found["histogram"]["edges"]
    assert sum(found["histogram"]["counts"]) == len(values)
    assert edges == sorted(edges)
    assert edges[0] < edges[-1]


def test_a_spread_that_is_beyond_numbers_is_none(tmp_path):
    most = 1.7976931348623157e308
    found = profile_of(tmp_path, [most, -most] * 10)
    assert (found["mean"], found["sd"]) == (0.0, None)


def test_texts_that_python_reads_as_numbers_are_none(tmp_path):
    """nan and inf are words; numbers beyond what a float holds are none either."""
    for words in (["nan", "inf", "-inf"], ["1e309", "-1e400", "2"]):
        assert profile_of(tmp_path, ["1", "2", *words] * 10)["type"] == "category"


def test_the_grid_follows_from_the_quartiles_alone(tmp_path):
    rng = np.random.default_rng(5)
    values = np.round(rng.gamma(3, 20, 500), 2)
    found = profile_of(tmp_path, values.tolist())["grid"]
    edges = np.array(found["edges"])
    # Quartiles near 35 and 78: half their distance, taken down to 1, 2 or 5 times a power of ten.
    assert set(np.diff(edges)) == {20.0}
    assert (edges % 20 == 0).all()
    clipped = np.clip(values, edges[0], edges[-1] - 1e-9)
    assert found["counts"] == np.histogram(clipped, edges)[0].tolist()
    values[values.argmax()] = 1e9
    assert profile_of(tmp_path, values.tolist())["grid"] == found


def test_quartiles_of_one_value_have_no_grid(tmp_path):
    assert profile_of(tmp_path, [*[0.5] * 90, *range(10)])["grid"] is None


def test_quantiles_are_those_of_r(tmp_path):
    """quantile(c(1, 2, 2, 7, 11), c(.05, .25, .5, .75, .95)) in R."""
    found = weighted_quantiles(np.array([1, 2, 7, 11]), np.array([1, 2, 1, 1]))
    assert found == pytest.approx([1.2, 2, 2, 7, 10.2])


def test_categories(tmp_path):
    found = profile_of(tmp_path, ["never"] * 5 + ["daily"] * 3 + ["unknown"] + [None] * 2)
    assert found["type"] == "category"
    assert found["top"] == [
        {"value": "never", "n": 5},
        {"value": "daily", "n": 3},
        {"value": "unknown", "n": 1},
    ]
    assert [one["value"] for one in found["suspicious"]] == ["unknown"]
    assert found["mean"] is found["quantiles"] is found["histogram"] is found["min"] is None


def test_yes_and_no(tmp_path):
    found = profile_of(tmp_path, ["true"] * 3 + ["false"])
    assert (found["type"], found["mean"], found["distinct"]) == ("boolean", 0.75, 2)
    assert found["top"] == [{"value": True, "n": 3}, {"value": False, "n": 1}]


def test_dates_are_told_as_dates(tmp_path):
    found = profile_of(tmp_path, ["2020-01-01", "2020-01-03", "2020-01-05", None])
    assert (found["min"], found["max"], found["mean"]) == ("2020-01-01", "2020-01-05", "2020-01-03")
    assert found["quantiles"]["0.5"] == "2020-01-03"
    assert found["sd"] is None
    assert sum(found["histogram"]["counts"]) == 3
    found = profile_of(tmp_path, ["1960-01-01 10:00:00", "1960-01-01 12:00:00"])
    assert found["mean"] == "1960-01-01T11:00:00"


def test_a_column_without_values(tmp_path):
    found = profile_of(tmp_path, [None, None])
    assert (found["n"], found["missing"], found["distinct"], found["top"]) == (0, 2, 0, [])


def test_constant_columns_have_a_histogram(tmp_path):
    found = profile_of(tmp_path, [7, 7, 7])
    assert found["sd"] == 0
    assert found["histogram"] == {"edges": [6.5, 7.5], "counts": [3]}
    found = profile_of(tmp_path, [7.5, 7.5])
    assert found["histogram"] == {"edges": [7.0, 8.0], "counts": [2]}


@pytest.mark.parametrize(
    ("site", "suspicious"),
    [
        ("cleveland", {}),
        ("hungary", {}),
        ("switzerland", {"chol": [0]}),
        ("va-long-beach", {"chol": [0], "trestbps": [0]}),
    ],
)
def test_zeros_that_mean_not_measured(tmp_path, site, suspicious):
    result, _ = read(tmp_path, (HEART / f"{site}.csv").read_bytes())
    found = {
        one["name"]: [entry["value"] for entry in one["suspicious"]]
        for one in result.columns
        if one["suspicious"]
    }
    assert found == suspicious


NORMAL = [50 + i % 21 for i in range(200)]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (NORMAL + [0] * 9, [0]),
        (NORMAL + [-9] * 3, [-9]),
        ([*NORMAL, 999], [999]),
        ([*NORMAL, -9, -9, 0, 999], [-9, 0, 999]),
        ([1, 2] * 50 + [9] * 4, [9]),
        (NORMAL + [777] * 8, [777]),
        ([*NORMAL, 88.5], []),
        ([0, 1] * 50, []),
        ([0, 1, 2, 3, 4] * 20, []),
        ([i / 10 for i in range(60)] + [0] * 80, []),
        ([0] * 12, [0]),
        ([4] * 12, []),
    ],
)
def test_pile_ups_outside_the_rest_of_the_range(tmp_path, values, codes):
    found = profile_of(tmp_path, values)
    assert [entry["value"] for entry in found["suspicious"]] == codes


def test_beyond_exact_limits_a_sketch_is_close(tmp_path, monkeypatch):
    rng = np.random.default_rng(3)
    values = np.round(rng.normal(100, 15, 20_000), 6)
    names = [f"K{i:05d}" for i in range(20_000)]
    rows = "".join(f"{value},{name}\n" for value, name in zip(values, names, strict=True))
    exact, _ = read(tmp_path, "a,b\n" + rows)
    monkeypatch.setattr(profile_module, "EXACT_DISTINCT", 5_000)
    monkeypatch.setattr(profile_module, "EXACT_ROWS", 10_000)
    target = tmp_path / "out.parquet"
    with connect([target]) as connection:
        sketched, texts = profile_table(
            connection, Table.open(target), [("a", "number"), ("b", "text")], 20_000
        )
    whole = column(exact, "a")
    for key in ("n", "missing", "min", "max", "mean", "sd"):
        assert sketched[key] == pytest.approx(whole[key], rel=1e-9), key
    assert sketched["distinct"] == pytest.approx(whole["distinct"], rel=0.1)
    for key, value in whole["quantiles"].items():
        assert sketched["quantiles"][key] == pytest.approx(value, rel=0.01)
    assert sum(sketched["histogram"]["counts"]) == 20_000
    assert sketched["top"] == whole["top"]
    assert (texts["type"], texts["distinct"]) == ("identifier", 20_000)


def test_wide_tables_are_profiled_in_batches(tmp_path):
    names = [f"g{i}" for i in range(250)]
    rows = "".join(",".join(str(i + j) for i in range(250)) + "\n" for j in range(3))
    result, _ = read(tmp_path, ",".join(names) + "\n" + rows)
    assert [one["name"] for one in result.columns] == names
    assert [one["mean"] for one in result.columns] == [i + 1 for i in range(250)]
