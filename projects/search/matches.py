"""How many projects match, by themselves and with one more filter."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value, When

from projects.openings.models import Opening
from projects.projects.models import Project
from projects.search.filters import COUNTRIES_OF, ProjectFilter
from projects.study_sites.models import StudySite

COUNTED = 1000
"""Counting stops here: a page says “more than 1,000” instead of counting them all."""

FEW = 5000
"""Up to here matches are gathered and then sorted. Where there are more, the newest are soon met
by walking down the index; for a rare word or facets that exclude each other that walk would be
through all projects, and how rare they are the database guesses badly."""


REGION = Case(*(When(country__in=codes, then=Value(name)) for name, codes in COUNTRIES_OF.items()))


class ProjectMatches:
    """The projects that match a filter, no more than the most recently active ones are counted."""

    def __init__(self, wanted: ProjectFilter, projects: QuerySet[Project]) -> None:
        self.wanted = wanted
        self.projects = projects
        self._found: dict[str, list[int]] = {}

    def ids(self, without: str = "") -> list[int]:
        """Ids of the matching projects, looked up once for each group of filters left out."""
        group = without if without and getattr(self.wanted, without) else ""
        if group not in self._found:
            self._found[group] = self._newest(group)
        return self._found[group][:COUNTED]

    def _newest(self, without: str) -> list[int]:
        """Ids of the most recently active ones that match, up to one more than is counted."""
        matching = self.wanted.applied_to(self.projects, without=without).order_by()
        if self.wanted and matching[: FEW + 1].count() <= FEW:
            # The sum keeps the database from the index, which it would walk down none the less.
            newest = matching.order_by((F("active_at") + timedelta()).desc(), "-id")
        else:
            newest = matching.order_by("-active_at", "-id")
        return list(newest.values_list("pk", flat=True)[: COUNTED + 1])

    def found(self) -> QuerySet[Project]:
        """The projects that match: by their ids, if these are all known."""
        ids = self.ids()
        if self.total > COUNTED:
            return self.wanted.applied_to(self.projects)
        return self.projects.filter(pk__in=ids)

    @property
    def total(self) -> int:
        """How many match; one more than is counted where there are too many."""
        self.ids()
        return len(self._found[""])

    def counts(self) -> dict[str, Counter[str]]:
        """For each group and option: how many projects match it and the filters of other groups."""
        by_field = (
            Project.objects.filter(pk__in=self.ids(without="field"))
            .annotate(option=Func(F("disciplines"), function="unnest"))
            .values_list("option")
            .annotate(n=Count("pk"))
        )
        by_need = (
            Opening.objects.open()
            .filter(project__in=self.ids(without="need"))
            .values_list("kind")
            .annotate(n=Count("project", distinct=True))
            .order_by()
        )
        by_stage = (
            Project.objects.filter(pk__in=self.ids(without="stage"))
            .values_list("stage")
            .annotate(n=Count("pk"))
        )
        return {
            "field": Counter(dict(by_field)),
            "need": Counter(dict(by_need)),
            "stage": Counter(dict(by_stage)),
            "region": self._count_regions(),
        }

    def _count_regions(self) -> Counter[str]:
        """A project counts in the regions of its sites and in those it names, each once."""
        matching = self.ids(without="region")
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

    def places(self) -> list[dict[str, Any]]:
        """The sites of the matching projects by country, wherever the country filter points."""
        seeking = Opening.objects.open().filter(
            project=OuterRef("project"), kind__in=("region", "data")
        )
        counted = (
            StudySite.objects.filter(project__in=self.ids(without="country"))
            .values("country")
            .annotate(count=Count("pk"), seeking=Count("pk", filter=Q(Exists(seeking))))
            .order_by("-count", "country")
        )
        return [dict(place) for place in counted]
