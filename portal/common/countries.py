"""Countries of ISO 3166-1 and the sub-regions of M49, with their names in the reader's language.

Read from the table beside this file, so that grouping sites by region needs no database.
"""

import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, to_locale

TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["sub_region"]


class Country(NamedTuple):
    """One country or territory; its sub-region is a value that never changes, M49's name."""

    alpha3: str
    alpha2: str
    numeric: str
    sub_region: str
    english: str


class Names(NamedTuple):
    """What a language calls countries, by alpha-3 code, and sub-regions, by their English name."""

    countries: dict[str, str]
    sub_regions: dict[str, str]


def in_alphabet(name: str) -> str:
    """Sorts Åland next to Albania, wherever the machine's locale would put it."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


def read_table() -> dict[str, Country]:
    """Every country by its alpha-3 code, in the order of the English names."""
    english = Locale("en").territories
    found = [
        Country(
            row["alpha3"],
            row["alpha2"],
            row["numeric"],
            sub_region["name"],
            row.get("english") or english[row["alpha2"]],
        )
        for sub_region in TABLE
        for row in sub_region["countries"]
    ]
    found.sort(key=lambda country: in_alphabet(country.english))
    return {country.alpha3: country for country in found}


COUNTRIES: dict[str, Country] = read_table()
SUB_REGIONS: tuple[str, ...] = tuple(row["name"] for row in TABLE)


def locale_of(language: str | None) -> Locale:
    """CLDR's locale for one of Django's languages; English where CLDR does not know it."""
    try:
        return Locale.parse(to_locale(language or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@cache
def names_in(language: str) -> Names:
    """The names in one of Django's languages; English where CLDR does not know it."""
    english = Names(
        {code: country.english for code, country in COUNTRIES.items()},
        {name: name for name in SUB_REGIONS},
    )
    locale = locale_of(language)
    if locale.language == "en":
        return english
    known = locale.territories
    codes = {row["name"]: row["m49"] for row in TABLE}
    codes["Antarctica"] = COUNTRIES["ATA"].alpha2  # a sub-region of ours alone, a country to CLDR
    return Names(
        {code: known.get(COUNTRIES[code].alpha2, name) for code, name in english.countries.items()},
        {name: known.get(codes[name], name) for name in SUB_REGIONS}
        | {
            row["name"]: row["names"][locale.language]
            for row in TABLE
            if locale.language in row.get("names", {})
        },
    )


def region_of(alpha3: str) -> str:
    """The M49 sub-region of a country, or "" for a code ISO 3166 does not list."""
    country = COUNTRIES.get(alpha3)
    return country.sub_region if country else ""


def name_of(alpha3: str) -> str:
    """The short name of a country for the reader, or the code itself when it is unknown."""
    return names_in(get_language() or "en").countries.get(alpha3, alpha3)


def country_beside(alpha3: str, name: str) -> str:
    """The short name of a country beside what has a name; empty where that is called by it."""
    country = name_of(alpha3)
    return "" if name in (country, names_in("en").countries.get(alpha3)) else country


def with_country(name: str, alpha3: str) -> str:
    """A name with its country, which is said once."""
    country = country_beside(alpha3, name)
    return f"{name}, {country}" if country else name


def region_name(sub_region: str) -> str:
    """The name of a sub-region for the reader, or the value itself when it is unknown."""
    return names_in(get_language() or "en").sub_regions.get(sub_region, sub_region)


def place_name(place: str) -> str:
    """A sub-region or a country by its code, as `region_name` and `name_of` have it."""
    return region_name(place) if place in SUB_REGIONS else name_of(place)


def choices() -> list[tuple[str, str]]:
    """(alpha-3, name) pairs in the alphabet of the reader's names, as a form field wants them."""
    return list(choices_in(get_language() or "en"))


@cache
def choices_in(language: str) -> tuple[tuple[str, str], ...]:
    """The countries in the alphabet of a language."""
    names = names_in(language).countries
    return tuple(sorted(names.items(), key=lambda pair: in_alphabet(pair[1])))


def region_choices() -> list[tuple[str, str]]:
    """(value, name) pairs of the sub-regions in M49's order."""
    return [(value, region_name(value)) for value in SUB_REGIONS]
