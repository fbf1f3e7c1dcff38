"""Find the institution somebody typed, or make it."""

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext

from members.institutions.models import Institution
from portal.common.countries import COUNTRIES
from portal.common.exceptions import Invalid

LONGEST_NAME = 200


def named(*, name: str, country: str) -> Institution:
    """The institution with this name in this country, whatever its case; made if there is none.

    Two people who type it at once get the same row: the database's unique index decides.
    """
    errors: dict[str, str] = {}
    name = " ".join(name.split())
    if not name:
        errors["institution"] = gettext("Write the institution’s name.")
    elif len(name) > LONGEST_NAME:
        errors["institution"] = gettext("Use at most %(most)s characters.") % {"most": LONGEST_NAME}
    if not country:
        errors["country"] = gettext("Choose the country the institution is in.")
    elif country not in COUNTRIES:
        errors["country"] = gettext(
            "Use a country’s code of three letters, as in ISO 3166: KEN for Kenya."
        )
    if errors:
        raise Invalid(errors=errors)
    same_place = called(name).filter(country=country)
    found = same_place.first()
    if found is None:
        Institution.objects.bulk_create(
            [Institution(name=name, country=country)], ignore_conflicts=True
        )
        found = same_place.get()
    return found


def country_of(name: str) -> str:
    """The country of the institution with this name; empty where there is none, or several."""
    countries = set(called(" ".join(name.split())).values_list("country", flat=True))
    return countries.pop() if len(countries) == 1 else ""


def called(name: str) -> QuerySet[Institution]:
    """Institutions with this name, whatever its case."""
    return Institution.objects.annotate(lower=Lower("name")).filter(lower=Lower(Value(name)))
