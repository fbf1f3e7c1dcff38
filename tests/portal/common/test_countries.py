"""Countries, their regions, and what people call them."""

import pytest
from django.utils.translation import override

from portal.common.countries import (
    COUNTRIES,
    SUB_REGIONS,
    choices,
    name_of,
    place_name,
    region_choices,
    region_name,
    region_of,
    with_country,
)
from projects.search.forms import LABELS


@pytest.mark.parametrize(
    ("name", "told", "in_french"),
    [("Szeged", "Szeged, Hungary", "Szeged, Hongrie"), ("Hungary", "Hungary", "Hungary")],
)
def test_what_is_called_by_its_country_is_told_once(name, told, in_french):
    assert with_country(name, "HUN") == told
    with override("fr"):
        assert with_country(name, "HUN") == in_french


def test_all_of_iso_3166_once():
    assert len(COUNTRIES) == 249
    assert len({country.alpha2 for country in COUNTRIES.values()}) == 249
    assert len({country.numeric for country in COUNTRIES.values()}) == 249
    assert {country.sub_region for country in COUNTRIES.values()} == set(SUB_REGIONS)


@pytest.mark.parametrize(
    ("code", "region"),
    [
        ("MWI", "Sub-Saharan Africa"),
        ("VNM", "South-eastern Asia"),
        ("PER", "Latin America and the Caribbean"),
        ("IRN", "Southern Asia"),
        ("CYP", "Western Asia"),
        ("GBR", "Northern Europe"),
        ("ATA", "Antarctica"),
        ("XXX", ""),
    ],
)
def test_regions_are_those_of_m49(code, region):
    assert region_of(code) == region


def test_names_sort_as_people_expect():
    names = [name for _, name in choices()]
    assert names[:3] == ["Afghanistan", "Åland Islands", "Albania"]
    assert name_of("XXX") == "XXX"


@pytest.mark.parametrize("language", ["en", "en-gb", "xx", None])
def test_english_names_are_ours(language):
    """Also for a language that nobody knows, and where languages are switched off."""
    with override(language):
        assert [name_of(code) for code in ("VNM", "COD", "HKG", "DEU")] == [
            "Viet Nam",
            "DR Congo",
            "Hong Kong",
            "Germany",
        ]
        assert [name for _, name in region_choices()] == list(SUB_REGIONS)


def test_names_in_the_readers_language():
    with override("fr"):
        assert (name_of("DEU"), name_of("XXX")) == ("Allemagne", "XXX")
        assert region_name("Eastern Asia") == "Asie de l’Est"
        assert region_name("Antarctica") == "Antarctique"
        assert region_name("Latin America and the Caribbean") == "Amérique latine et Caraïbes"
        assert (place_name("Polynesia"), place_name("DEU")) == ("Polynésie", "Allemagne")
        assert [name for _, name in choices()][:2] == ["Afghanistan", "Afrique du Sud"]
        assert dict(region_choices()).keys() == set(SUB_REGIONS)
        assert (str(LABELS["country"]["DEU"]), str(LABELS["region"]["Polynesia"])) == (
            "Allemagne",
            "Polynésie",
        )
    assert str(LABELS["country"]["DEU"]) == "Germany"


def test_what_is_kept_and_sent_is_english_in_every_language():
    with override("fr"):
        assert region_of("JPN") == "Eastern Asia"
        assert region_choices()[0][0] == "Northern Africa"
