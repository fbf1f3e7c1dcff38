"""What computed a result is told, and two results are compared honestly."""

import pytest

from datasets.engine.results.provenance import compare, environment


def test_environment_names_what_numbers_depend_on():
    found = environment()
    assert set(found) == {"python", "numpy", "scipy", "duckdb", "blas", "machine"}
    assert all(found.values())


@pytest.mark.parametrize(
    ("first", "second", "paths"),
    [
        ({"a": [1.0, 2.0]}, {"a": [1.0, 2.0 + 1e-9]}, []),
        ({"a": [1.0, 2.0]}, {"a": [1.0, 2.0 + 1e-7]}, ["a[1]"]),
        ({"p": 1e-30}, {"p": 2e-30}, []),
        ({"p": 1e-5}, {"p": 1.001e-5}, ["p"]),
        ({"a": None}, {"a": 0}, ["a"]),
        ({"a": True}, {"a": 1}, ["a"]),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": "x"}, {"a": "y"}, ["a"]),
        ({"a": 1, "b": 2}, {"a": 1}, ["b"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a"]),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, ["a.b[0].c"]),
    ],
)
def test_differences_are_named_by_path(first, second, paths):
    assert compare(first, second) == paths
    assert compare(second, first) == paths


def test_the_tolerance_is_the_callers():
    assert compare({"a": 1.0}, {"a": 1.01}, tolerance=0.1) == []
