"""What is wrong with a file, in the reader's language."""

from django.utils import translation

from datasets.engine.reading.problems import CURES as ENGINE_CURES
from datasets.engine.reading.problems import problem
from datasets.versions.words import CURES, DETAILS, detail_of, retold


def test_every_code_of_the_engine_has_its_sentence_and_its_cure():
    assert {code: str(CURES[code]) for code in ENGINE_CURES} == ENGINE_CURES
    assert set(DETAILS) >= set(ENGINE_CURES)


def test_english_keeps_the_engines_exact_words():
    kept = problem("ragged_row", "Line 7 has 3 fields, the header has 4.", row=7).to_dict()
    assert retold(kept) == kept


def test_other_languages_have_a_sentence_per_code_and_the_same_places():
    found = problem("ragged_row", "Line 7 has 3 fields, the header has 4.", row=7)
    with translation.override("fr"):
        told = retold(found.to_dict())
        assert str(detail_of(found)) == told["detail"]
    assert told["detail"].startswith("Une ligne a plus ou moins de champs")
    assert told["cure"].startswith("Donnez à chaque ligne")
    assert (told["code"], told["row"]) == ("ragged_row", 7)
