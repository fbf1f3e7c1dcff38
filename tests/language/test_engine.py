"""What the engine says, in the reader's language: its words looked up, nobody else's."""

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from datasets.analyses.answer import Answer
from datasets.engine.sentences import Number, Place, Sentence, grouped
from portal.common.text import filled, retold, told

LEFT_OUT = "%(site)s has no rows and is left out."


def french(sentence: Sentence) -> str:
    with translation.override("fr"):
        return told(sentence.kept)


@pytest.mark.parametrize("name", ["%(n)d", "{rows}", "100%", "Rows", LEFT_OUT, "%(site)s"])
def test_names_come_through_as_they_are(name):
    assert french(Sentence(LEFT_OUT, site=name)) == (
        f"{name} n’a aucune ligne\N{NO-BREAK SPACE}: ce centre est écarté."
    )


def test_numbers_are_written_the_readers_way():
    said = Sentence.counting("%(count)s row", "%(count)s rows", 1234, count=grouped(1234))
    assert french(said) == "1\N{NO-BREAK SPACE}234 lignes"
    said = Sentence("%(low)s to %(high)s", low=Number("-0.05"), high=Number("1,234"))
    assert french(said) == "\N{MINUS SIGN}0,05 à 1\N{NO-BREAK SPACE}234"
    assert told(said.kept) == "\N{MINUS SIGN}0.05 to 1,234"


def test_places_are_called_as_the_reader_calls_them():
    said = Sentence(LEFT_OUT, site=Place("Eastern Asia"))
    assert said == "Eastern Asia has no rows and is left out."
    assert french(said).startswith("Asie de l’Est n’a aucune ligne")
    assert french(Sentence(LEFT_OUT, site="Eastern Asia")).startswith("Eastern Asia n’a")


def test_each_language_counts_in_its_own_way():
    said = Sentence.counting("%(count)s row", "%(count)s rows", 0)
    assert said == "0 rows"
    assert french(said) == "0 ligne"


def test_what_was_kept_without_a_template_is_looked_up_as_it_is():
    with translation.override("fr"):
        assert retold("Checking every line") == "Vérification de chaque ligne"
        assert retold("") == ""


def test_only_sentences_of_a_result_are_said_again():
    why = Sentence("no rows")
    answer = Answer(
        result={
            "excluded_sites": [{"site": "no rows", "reason": "no rows"}],
            "counts": [{"site": "reason", "level": "no rows", "n": 1}],
        },
        warnings=[{"code": "no_rows", "message": "no rows"}],
        suppressed=[{"where": "no rows", "reason": why}, {"where": why, "reason": why}],
        sha256="",
        provenance={},
        words={"no rows": why.kept},
    )
    with translation.override("fr"):
        shown = answer.in_words()
    assert shown.result == {
        "excluded_sites": [{"site": "no rows", "reason": "aucune ligne"}],
        "counts": [{"site": "reason", "level": "no rows", "n": 1}],
    }
    assert shown.warnings == [{"code": "no_rows", "message": "aucune ligne"}]
    assert shown.suppressed == [
        {"where": "no rows", "reason": "aucune ligne"},
        {"where": "aucune ligne", "reason": "aucune ligne"},
    ]
    assert answer.warnings == [{"code": "no_rows", "message": "no rows"}]


def test_what_a_quoted_part_quotes_has_the_inner_marks():
    """« pouls là où « sexe » vaut « 0 » » stood there."""
    where = Sentence("%(term)s where %(name)s is %(level)s", term="pouls", name="sexe", level="0")
    said = french(
        Sentence(
            "The estimates of %(term)s at %(sites)s come with model standard errors, not robust "
            "ones, as all do that are computed with Firth’s correction.",
            term=where,
            sites="Oslo",
        )
    )
    assert "«\N{NO-BREAK SPACE}pouls là où “sexe” vaut “0”\N{NO-BREAK SPACE}»" in said
    with translation.override("fr"):
        title = "Selon «\N{NO-BREAK SPACE}sexe\N{NO-BREAK SPACE}»\N{NO-BREAK SPACE}?"
        text = str(filled(gettext_lazy("“%(title)s” has its result."), title=title))
    assert "Selon “sexe”\N{NO-BREAK SPACE}?\N{NO-BREAK SPACE}» a son résultat" in text
