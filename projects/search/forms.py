"""The filters of the list of projects, as they stand in an address."""

from typing import Any

from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from members.choices import Discipline
from portal.common.countries import COUNTRIES, SUB_REGIONS, name_of, region_name
from portal.common.text import Text
from projects.choices import OpeningKind, Stage
from projects.search.filters import ProjectFilter

LEGENDS = {
    "field": gettext_lazy("Field"),
    "need": gettext_lazy("Looking for"),
    "stage": gettext_lazy("Stage"),
    "region": gettext_lazy("Where"),
    "country": gettext_lazy("Country"),
}


# This table is made once, and read in many languages.
country_in_words, region_in_words = lazy(name_of, str), lazy(region_name, str)

LABELS: dict[str, dict[str, Text]] = {
    "field": dict(Discipline.choices),
    "need": dict(OpeningKind.choices),
    "stage": dict(Stage.choices),
    "region": {name: region_in_words(name) for name in SUB_REGIONS},
    "country": {code: country_in_words(code) for code in COUNTRIES},
}


def filter_from(params: QueryDict) -> ProjectFilter:
    """The filters in an address; what no group knows is left out."""
    groups: dict[str, Any] = {
        group: tuple(dict.fromkeys(v for v in params.getlist(group) if v in labels))
        for group, labels in LABELS.items()
    }
    return ProjectFilter(q=" ".join(params.get("q", "").split()), **groups)
