"""Which projects a person asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from projects.projects.models import Project
from projects.search.facets import COUNTRIES_OF, Facets, facet
from projects.search.models import search_query


def all_of(facets: Facets) -> Q:
    """The condition that a project has what it must."""
    return Q(*(Q(facets__overlap=sorted(group)) for group in facets))


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
        return search_query(self.q) if self.q else None

    @property
    def used(self) -> list[str]:
        """The groups that have filters."""
        return [group for group in self.GROUPS if getattr(self, group)]

    @property
    def active(self) -> int:
        """How many filters are on."""
        return sum(len(getattr(self, group)) for group in self.GROUPS)

    def __bool__(self) -> bool:
        return bool(self.q or self.active)

    def applied_to(self, projects: QuerySet[Project]) -> QuerySet[Project]:
        """The projects that match."""
        return self.in_words(projects).filter(all_of(self.facets()))

    def in_words(self, projects: QuerySet[Project]) -> QuerySet[Project]:
        """The projects that have the words."""
        if not self.q:
            return projects
        return projects.filter(search=self.words) if self.words else projects.none()

    def facets(self, *, without: str = "") -> Facets:
        """What the groups ask for, leaving out one."""
        return tuple(frozenset(self._facets_of(group)) for group in self.used if group != without)

    def _facets_of(self, group: str) -> list[int]:
        """What projects have of which any will do; a region has its countries too."""
        chosen = getattr(self, group)
        facets = [facet(group, value) for value in chosen]
        if group == "region":
            facets += [facet("country", code) for name in chosen for code in COUNTRIES_OF[name]]
        return facets
