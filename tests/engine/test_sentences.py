"""Sentences are English texts that remember what they were made of."""

import copy
import json
import pickle

import pytest

from datasets.engine.methods.shared.words import number, span
from datasets.engine.results.records import written
from datasets.engine.sentences import (
    Number,
    Sentence,
    grouped,
    in_turn,
    listed,
    sentences_in,
)

NAMES = ["%(n)d", "{rows}", "%s", "100%", "%%", "Rows", "", "%(name)s"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_filled_in_once_and_never_read_as_a_template(name):
    inner = Sentence("%(name)s other than %(level)s", name=name, level=name)
    said = Sentence("At %(site)s: %(where)s (100%%).", site=name, where=inner)
    assert said == f"At {name}: {name} other than {name} (100%)."
    assert Sentence.from_kept(json.loads(json.dumps(said.kept))) == said
    assert said.kept["values"]["site"] == name


def test_it_is_text_to_everybody_else():
    said = Sentence("%(n)s rows", n=grouped(1234))
    assert isinstance(said, str)
    assert json.dumps({said: said}) == '{"1,234 rows": "1,234 rows"}'
    assert type(written(said)) is str
    assert f"{said}." == "1,234 rows."


def test_counts_choose_their_form():
    def rows(n):
        return Sentence.counting("%(count)s row", "%(count)s rows", n)

    assert [rows(n) for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert rows(2).kept == {
        "template": "%(count)s row",
        "plural": "%(count)s rows",
        "count": 2,
        "values": {"count": 2},
    }


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))]
)
def test_it_remembers_when_it_is_copied(again):
    said = Sentence("%(name)s is %(value)s", name="100%", value=Number("0.05"))
    assert again(said) == said
    assert again(said).kept == said.kept


def test_sentences_stand_after_each_other():
    assert in_turn(Sentence("One."), Sentence("Two."), Sentence("Three.")) == "One. Two. Three."
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"


def test_numbers_are_told_apart_from_names():
    said = span([0.05, None])
    assert said == "0.05 to not given"
    assert said.kept["values"]["low"] == {"number": "0.05"}
    assert number(-1234.5) == "-1,234"
    assert [number(one) for one in (0.04, 4.1e-5, 1e-300)] == ["0.04", "0.000041", "1e-300"]


def test_all_sentences_in_a_value_are_found():
    first, second = Sentence("One."), Sentence("Two.")
    found = sentences_in({"a": [first, "Three."], "b": (second,)})
    assert found == {"One.": first.kept, "Two.": second.kept}
