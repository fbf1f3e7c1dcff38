"""The filters of the list of projects, as they stand in an address."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from members.choices import Discipline
from portal.common.countries import COUNTRIES, SUB_REGIONS
from portal.common.language import Text
from projects.choices import OpeningKind, Stage
from projects.search.filters import ProjectFilter

LEGENDS = {
    "field": gettext_lazy("Field"),
    "need": gettext_lazy("Looking for"),
    "stage": gettext_lazy("Stage"),
    "region": gettext_lazy("Where"),
    "country": gettext_lazy("Country"),
}


LABELS: dict[str, dict[str, Text]] = {
    "field": dict(Discipline.choices),
    "need": dict(OpeningKind.choices),
    "stage": dict(Stage.choices),
    "region": {name: name for name in SUB_REGIONS},
    "country": {code: country.name for code, country in COUNTRIES.items()},
}


def filter_from(params: QueryDict) -> ProjectFilter:
    """The filters in an address; what no group knows is left out."""
    groups: dict[str, Any] = {
        group: tuple(dict.fromkeys(v for v in params.getlist(group) if v in labels))
        for group, labels in LABELS.items()
    }
    return ProjectFilter(q=" ".join(params.get("q", "").split()), **groups)


def unknown_in(params: QueryDict) -> dict[str, str]:
    """For a script: which values no group knows, and what to choose from."""
    return {
        group: gettext("“%(value)s” is not one of: %(labels)s.")
        % {"value": value, "labels": ", ".join(labels)}
        for group, labels in LABELS.items()
        for value in params.getlist(group)
        if value not in labels
    }


def without(params: QueryDict, group: str, value: str = "") -> str:
    """The address with one filter less."""
    query = params.copy()
    left = [each for each in query.getlist(group) if value and each != value]
    query.setlist(group, left)
    for place in ("after", "before"):
        query.pop(place, None)
    return f"?{query.urlencode()}"
