"""One canonical form per value, and an honest comparison of two results."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.engine.results.provenance import canonical, compare, environment, sha256_of

numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=10,
)


def test_keys_are_sorted_and_floats_as_short_as_they_can_be():
    value = {"b": [0.1, 1.0, -0.0, 1e22, 1e-7, 1e-5, 2**60], "a": {"é": None, "z": True}}
    expected = '{"a":{"z":true,"é":null},"b":[0.1,1,0,1e+22,1e-7,0.00001,1152921504606847000]}'
    assert canonical(value) == expected.encode()


def test_the_form_is_that_of_the_standard():
    """The example of RFC 8785, section 3.2.3: keys sort by UTF-16 code units, and 3.2.2."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = json.loads(canonical(dict.fromkeys(keys, 0)))
    assert list(found) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    numbers = [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001]
    assert canonical(numbers) == b"[333333333.3333333,1e+30,4.5,0.002,1e-27]"


def test_the_hash_is_that_of_the_canonical_form():
    assert sha256_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2.0, "a": 1})
    assert sha256_of({"a": 1}) != sha256_of({"a": "1"})


@settings(deadline=None)
@given(values)
def test_reading_it_back_changes_no_hash(value):
    assert sha256_of(json.loads(canonical(value))) == sha256_of(value)
    assert compare(value, json.loads(canonical(value))) == []


@pytest.mark.parametrize(
    "value", [math.nan, [math.inf], {"a": -math.inf}, {1: 2}, object(), {"a": {1, 2}}, 10**400]
)
def test_what_json_lacks_is_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)


def test_environment_names_what_numbers_depend_on():
    found = environment()
    assert set(found) == {"python", "numpy", "scipy", "duckdb", "blas", "machine"}
    assert all(found.values())
    canonical(found)


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
