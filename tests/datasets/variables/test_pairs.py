"""Pairs of texts, one a line: whatever they hold, they are read as they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.variables.pairs import read_pairs, read_text, write_pair, write_text
from tests.engine.hostile_names import ANY_NAMES

texts = st.one_of(st.sampled_from(ANY_NAMES), st.text(st.characters(codec="utf-8"), max_size=6))


@given(st.lists(st.tuples(texts, st.one_of(st.none(), texts)), max_size=5))
def test_what_is_written_is_read_again(pairs):
    assert read_pairs("\r\n".join(write_pair(*pair) for pair in pairs)) == pairs


@given(texts)
def test_one_text(text):
    assert read_text(write_text(text)) == text


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        ("m = male", ("m", "male")),
        ("m=male=man", ("m", "male=man")),
        ("m", ("m", None)),
        ("9 =", ("9", None)),
        (' "=1+1" = "" ', ("=1+1", "")),
        ('"a" b = c', ('"a" b', "c")),
        ('"open = c', ('"open', "c")),
        (" = c", ("", "c")),
    ],
)
def test_what_people_type(line, pair):
    assert read_pairs(f"\n{line}\n\n") == [pair]
