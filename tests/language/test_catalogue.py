"""The catalogue holds every sentence there is, and French says them all."""

import re

import pytest
from babel.messages.pofile import read_po

from portal.management.catalogue import LANGUAGES, LOCALE, main

PLACE = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}|<[^>]+>")


def test_it_is_up_to_date(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_with_its_placeholders(language):
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    faults = []
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(said):
            faults.append(f"not translated: {ids[0]}")
            continue
        # A singular may leave its number out, as in “occurs once”.
        wanted = sorted(set(PLACE.findall(ids[-1])))
        for text in said[-1:]:
            if sorted(set(PLACE.findall(text))) != wanted:
                faults.append(f"other placeholders: {ids[-1]} → {text}")
    assert not faults, "\n".join(faults)


def test_french_keeps_signs_on_their_line():
    with (LOCALE / "fr" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    said = [
        text
        for message in catalogue
        if message.id
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    ]
    faults = [text for text in said if re.search(r"« | »| [;?!](\s|$)| :(\s|$)", text)]
    assert not faults, "\n".join(faults)
