"""One hash per value, which anybody can take again of the JSON that RFC 8785 writes."""

import hashlib
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.common.canonical import sha256_of, with_digits

numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=10,
)


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_keys_are_sorted_and_floats_as_short_as_they_can_be():
    value = {"b": [0.1, 1.0, -0.0, 1e22, 1e-7, 1e-5], "a": {"é": None, "z": True}}
    written = '{"a":{"z":true,"é":null},"b":[0.1,1,0,1e+22,1e-7,0.00001]}'
    assert sha256_of(value) == hash_of(written)


def test_the_form_is_that_of_the_standard():
    """The example of RFC 8785, section 3.2.3: keys sort by UTF-16 code units, and 3.2.2."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    written = json.dumps(dict.fromkeys(ordered, 0), ensure_ascii=False, separators=(",", ":"))
    assert sha256_of(dict.fromkeys(keys, 0)) == hash_of(written)
    numbers = [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001]
    assert sha256_of(numbers) == hash_of("[333333333.3333333,1e+30,4.5,0.002,1e-27]")


def test_whole_numbers_are_told_apart_beyond_what_doubles_hold():
    near, next_to_it = 2**53, 2**53 + 1
    assert sha256_of(with_digits([near])) != sha256_of(with_digits([next_to_it]))
    with pytest.raises(ValueError, match=r".+"):
        sha256_of([next_to_it])


def test_a_number_has_one_hash_however_it_is_kept():
    assert sha256_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2.0, "a": 1})
    assert sha256_of({"a": 1}) != sha256_of({"a": "1"})
    assert sha256_of([1e23]) == sha256_of([10**23]), "as PostgreSQL keeps it"


@settings(deadline=None)
@given(values)
def test_reading_it_back_changes_no_hash(value):
    value = with_digits(value)
    assert sha256_of(json.loads(json.dumps(value))) == sha256_of(value)


@pytest.mark.parametrize(
    "value", [math.nan, [math.inf], {"a": -math.inf}, {1: 2}, object(), {"a": {1, 2}}, 10**400]
)
def test_what_json_lacks_is_refused(value):
    with pytest.raises(ValueError, match=r".+"):
        sha256_of(value)
