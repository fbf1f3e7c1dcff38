"""Which projects a person asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from portal.common.countries import COUNTRIES, SUB_REGIONS
from projects.projects.models import Project
from projects.search.models import search_query

COUNTRIES_OF = {
    region: tuple(code for code, country in COUNTRIES.items() if country.sub_region == region)
    for region in SUB_REGIONS
}


@dataclass(frozen=True)
class ProjectFilter:
    """Filters of the list of projects: inside a group any may match, between groups all must."""

    q: str = ""
    field: tuple[str, ...] = ()
    need: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    country: tuple[str, ...] = ()

    GROUPS = ("field", "need", "stage", "region", "country")

    @cached_property
    def words(self) -> Any | None:
        """The full-text query, looked up once."""
        return search_query(self.q)

    @property
    def active(self) -> int:
        """How many filters are on."""
        return sum(len(getattr(self, group)) for group in self.GROUPS)

    def __bool__(self) -> bool:
        return bool(self.q or self.active)

    def applied_to(self, projects: QuerySet[Project], *, without: str = "") -> QuerySet[Project]:
        """The projects that match, leaving out one group of filters."""
        if self.q:
            projects = projects.filter(search=self.words) if self.words else projects.none()
        for group in self.GROUPS:
            if group != without and getattr(self, group):
                projects = projects.filter(facets__overlap=self.facets(group))
        return projects

    def facets(self, group: str) -> list[str]:
        """What projects have of which any will do; a region has its countries too."""
        chosen = getattr(self, group)
        facets = [f"{group}:{value}" for value in chosen]
        if group == "region":
            facets += [f"country:{code}" for region in chosen for code in COUNTRIES_OF[region]]
        return facets
