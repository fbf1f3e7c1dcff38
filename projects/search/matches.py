"""How many projects match, by themselves and with one more filter."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from portal.common.countries import SUB_REGIONS
from projects.openings.models import Opening
from projects.projects.models import Project
from projects.search.filters import COUNTRIES_OF, ProjectFilter
from projects.study_sites.models import StudySite

COUNTED = 1000
"""Counting stops here: a page says “more than 1,000” instead of counting them all."""

FEW = 5_000
"""Up to here matches are gathered by index and then sorted. Where there are more, the newest are
soon met by walking down an index; for a rare word or facets that exclude each other that walk
would be through all projects, and how rare they are the database guesses badly."""

REGION_OF = {f"region:{name}": f"region:{name}" for name in SUB_REGIONS} | {
    f"country:{code}": f"region:{name}" for name, codes in COUNTRIES_OF.items() for code in codes
}
"""The region that a facet speaks of, as a facet."""


class ProjectMatches:
    """The projects that match a filter, no more than the most recently active ones are counted."""

    def __init__(self, wanted: ProjectFilter, projects: QuerySet[Project]) -> None:
        self.wanted = wanted
        self.projects = projects
        self._found: dict[str, list[tuple[int, list[str]]]] = {}

    def found(self) -> QuerySet[Project]:
        """The projects that match: by their ids, if these are all known."""
        ids = self.ids()
        if self.total > COUNTED:
            return self.wanted.applied_to(self.projects)
        return self.projects.filter(pk__in=ids)

    def ids(self, without: str = "") -> list[int]:
        """Ids of the matching projects, the most recently active first."""
        return [pk for pk, _ in self._newest(without)[:COUNTED]]

    @property
    def total(self) -> int:
        """How many match; one more than is counted where there are too many."""
        return len(self._newest())

    def counts(self) -> dict[str, Counter[str]]:
        """For each group and option: how many projects match it and the filters of other groups."""
        return {group: self._count(group) for group in ("field", "need", "stage", "region")}

    def _count(self, group: str) -> Counter[str]:
        """A project counts in the regions of its sites and in those it names, each once."""
        each: Iterable[Iterable[str]] = (facets for _, facets in self._newest(group)[:COUNTED])
        if group == "region":
            each = ({REGION_OF[facet] for facet in facets if facet in REGION_OF} for facets in each)
        counted = Counter(chain.from_iterable(each)).items()
        prefix = f"{group}:"
        return Counter(
            {facet.removeprefix(prefix): n for facet, n in counted if facet.startswith(prefix)}
        )

    def _newest(self, without: str = "") -> list[tuple[int, list[str]]]:
        """Id and facets of the most recently active ones, up to one more than is counted, looked
        up once for each group of filters left out."""
        group = without if without and getattr(self.wanted, without) else ""
        if group not in self._found:
            matching = self.wanted.applied_to(self.projects, without=group)
            newest = self.newest(matching).values_list("pk", "facets")
            self._found[group] = list(newest[: COUNTED + 1])
        return self._found[group]

    def newest(self, matching: QuerySet[Project]) -> QuerySet[Project]:
        """The matching projects, the most recently active first, sorted or met by index."""
        if self.wanted and matching.order_by()[: FEW + 1].count() <= FEW:
            # The sum keeps the database from the index, which it would walk none the less.
            return matching.order_by((F("active_at") + timedelta()).desc(), "-id")
        return matching.order_by("-active_at", "-id")

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
