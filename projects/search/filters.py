"""Which projects a person asked for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.common.countries import COUNTRIES, SUB_REGIONS
from projects.openings.models import Opening
from projects.projects.models import Project
from projects.search.models import search_query
from projects.study_sites.models import StudySite

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
                projects = projects.filter(getattr(self, f"_{group}")())
        return projects

    def _field(self) -> Q:
        return Q(disciplines__overlap=list(self.field))

    def _need(self) -> Q:
        wanted = Opening.objects.open().filter(project=OuterRef("pk"), kind__in=self.need)
        return Q(Exists(wanted))

    def _stage(self) -> Q:
        return Q(stage__in=self.stage)

    def _region(self) -> Q:
        countries = [code for region in self.region for code in COUNTRIES_OF[region]]
        sites = StudySite.objects.filter(project=OuterRef("pk"), country__in=countries)
        return Q(regions__overlap=list(self.region)) | Q(Exists(sites))

    def _country(self) -> Q:
        return Q(Exists(StudySite.objects.filter(project=OuterRef("pk"), country__in=self.country)))
