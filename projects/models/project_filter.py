"""Which projects a person asked for, and how many there would be with one more filter."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value, When

from portal.common.countries import COUNTRIES, SUB_REGIONS
from projects.models.opening import Opening
from projects.models.project import Project
from projects.models.search_word import search_query
from projects.models.study_site import StudySite

COUNTED = 1000
"""Counts stop here: a page says “more than 1,000” instead of counting them all."""

COUNTRIES_OF = {
    region: tuple(code for code, country in COUNTRIES.items() if country.sub_region == region)
    for region in SUB_REGIONS
}
REGION = Case(*(When(country__in=codes, then=Value(name)) for name, codes in COUNTRIES_OF.items()))


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

    def newest(self, projects: QuerySet[Project], *, without: str = "") -> QuerySet[Any]:
        """Ids of the matching projects that were active last, up to the bound of counting."""
        matching = self.applied_to(projects, without=without)
        return matching.order_by("-active_at", "-id").values("pk")[:COUNTED]

    def counts(self, projects: QuerySet[Project]) -> dict[str, Counter[str]]:
        """For each group and option: how many projects match it and the filters of other groups."""
        disciplines = Func(F("disciplines"), function="unnest")
        by_field = (
            Project.objects.filter(pk__in=self.newest(projects, without="field"))
            .annotate(option=disciplines)
            .values_list("option")
            .annotate(n=Count("pk"))
        )
        by_need = (
            Opening.objects.open()
            .filter(project__in=self.newest(projects, without="need"))
            .values_list("kind")
            .annotate(n=Count("project", distinct=True))
            .order_by()
        )
        by_stage = (
            Project.objects.filter(pk__in=self.newest(projects, without="stage"))
            .values_list("stage")
            .annotate(n=Count("pk"))
        )
        return {
            "field": Counter(dict(by_field)),
            "need": Counter(dict(by_need)),
            "stage": Counter(dict(by_stage)),
            "region": self._count_regions(projects),
        }

    def _count_regions(self, projects: QuerySet[Project]) -> Counter[str]:
        """A project counts in the regions of its sites and in those it names, each once."""
        matching = self.newest(projects, without="region")
        named = (
            Project.objects.filter(pk__in=matching)
            .annotate(option=Func(F("regions"), function="unnest"))
            .values_list("pk", "option")
        )
        sites = (
            StudySite.objects.filter(project__in=matching)
            .annotate(option=REGION)
            .values_list("project", "option")
            .order_by()
        )
        return Counter(option for _, option in named.union(sites))

    def places(self, projects: QuerySet[Project]) -> list[dict[str, Any]]:
        """The sites of the matching projects by country, wherever the country filter points."""
        seeking = Opening.objects.open().filter(
            project=OuterRef("project"), kind__in=("region", "data")
        )
        return list(
            StudySite.objects.filter(project__in=self.newest(projects, without="country"))
            .values("country")
            .annotate(count=Count("pk"), seeking=Count("pk", filter=Q(Exists(seeking))))
            .order_by("-count", "country")
        )
