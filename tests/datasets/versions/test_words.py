"""What is wrong with a file, in the reader's language."""

import pytest
from django.utils import translation

from datasets.engine.reading.problems import CURES, Problem, problem
from datasets.engine.sentences import Sentence
from datasets.versions.words import problem_told

RAGGED = problem(
    "ragged_row",
    Sentence(
        "The line has %(fields)s, the header %(columns)s.",
        fields=Sentence.counting("%(count)s field", "%(count)s fields", 1),
        columns=Sentence.counting("%(count)s column", "%(count)s columns", 1200),
    ),
    row=7,
)


def test_english_keeps_the_engines_words():
    kept = RAGGED.to_dict()
    assert kept["detail"] == "The line has 1 field, the header 1200 columns."
    assert problem_told(kept) == {
        **{key: item for key, item in kept.items() if key != "said"},
        "detail": "The line has 1 field, the header 1,200 columns.",
    }


def test_other_languages_are_as_exact():
    with translation.override("fr"):
        told = problem_told(RAGGED.to_dict())
    assert told["detail"] == "La ligne a 1 champ, l’en-tête 1\N{NO-BREAK SPACE}200 colonnes."
    assert told["cure"].startswith("Donnez à chaque ligne")
    assert (told["code"], told["row"]) == ("ragged_row", 7)


@pytest.mark.parametrize("code", CURES)
def test_every_cure_is_said_again(code):
    with translation.override("fr"):
        assert problem_told({"code": code, "cure": str(CURES[code])})["cure"] != CURES[code]


def test_a_problem_survives_the_way_from_the_child():
    assert Problem.from_dict(RAGGED.to_dict()).to_dict() == RAGGED.to_dict()


@pytest.mark.parametrize(
    "said",
    [
        {"template": "%(n)999999999s", "values": {"n": 1}},
        {"template": "%(n)s and %(m)s", "values": {"n": 1}},
        {"template": "100%"},
        {"template": "%(n)s", "values": {"n": [1]}},
    ],
)
def test_a_template_that_is_none_is_refused(said):
    kept = {"code": "ragged_row", "detail": "", "said": said}
    with pytest.raises((ValueError, TypeError)):
        Problem.from_dict(kept)
