"""How many projects match, by themselves and with one more filter."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from portal.common.countries import SUB_REGIONS
from portal.common.pages import COUNTED
from projects.openings.models import Opening
from projects.projects.models import Project
from projects.search.filters import COUNTRIES_OF, ProjectFilter
from projects.study_sites.models import StudySite

FEW = 5_000
"""Up to here matches are gathered by index and then sorted. Where there are more, the newest are
soon met by walking down an index; for a rare word or facets that exclude each other that walk
would be through all projects."""

# From when on a share of the projects was active, as the database's statistics have it; without
# statistics nothing.
SINCE = """(
    SELECT bounds[cardinality(bounds) - ceil(%(expressions)s * cardinality(bounds))::integer]
    FROM (
        SELECT histogram_bounds::text::timestamptz[] AS bounds FROM pg_stats
        WHERE schemaname = current_schema()
            AND tablename = 'projects_project' AND attname = 'active_at'
    ) known
)"""

REGION_OF = {f"region:{name}": f"region:{name}" for name in SUB_REGIONS} | {
    f"country:{code}": f"region:{name}" for name, codes in COUNTRIES_OF.items() for code in codes
}
"""The region that a facet speaks of, as a facet."""

Newest = list[tuple[int, list[str]]]
"""Ids and facets of projects, the most recently active first."""


class ProjectMatches:
    """The projects that match a filter, no more than the most recently active ones are counted."""

    def __init__(self, wanted: ProjectFilter, projects: QuerySet[Project]) -> None:
        self.wanted = wanted
        self.projects = projects
        self._found: dict[str, Newest] = {}

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

    @property
    def countries(self) -> int:
        """In how many countries they have sites."""
        facets = chain.from_iterable(facets for _, facets in self._newest()[:COUNTED])
        return len({facet for facet in facets if facet.startswith("country:")})

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

    def _newest(self, without: str = "") -> Newest:
        """Id and facets of the most recently active ones, up to one more than is counted, looked
        up once for each group of filters left out."""
        group = without if without and getattr(self.wanted, without) else ""
        if group not in self._found:
            self._found[group] = self.newest(self.wanted.applied_to(self.projects, without=group))
        return self._found[group]

    def newest(self, matching: QuerySet[Project]) -> Newest:
        """The matching projects, the most recently active first.

        The database guesses well how many match, but not always: where it guesses many, it walks
        no further than these should take, and if they are not there, or few, they are gathered.
        """
        guess = guessed(matching) if self.wanted else 0
        if guess > FEW:
            # Twice as many as should hold those that are counted.
            share = Value(2 * COUNTED / guess)
            since = Func(share, template=SINCE, output_field=DateTimeField())
            found = by_index(matching.filter(active_at__gte=since))
            if len(found) > COUNTED:
                return found
        if self.wanted and matching.order_by()[: FEW + 1].count() <= FEW:
            # The sum keeps the database from the index, which it would walk none the less.
            return first_of(matching.order_by((F("active_at") + timedelta()).desc(), "-id"))
        return by_index(matching)

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


def by_index(matching: QuerySet[Project]) -> Newest:
    """As many as matter, met on the way down from the most recently active project."""
    return first_of(matching.order_by("-active_at", "-id"))


def first_of(ordered: QuerySet[Project]) -> Newest:
    return list(ordered.values_list("pk", "facets")[: COUNTED + 1])


def guessed(matching: QuerySet[Project]) -> int:
    """How many the database expects from its statistics, which costs no look at the projects."""
    # Where nothing can match, nothing is asked and nothing explained.
    plan = matching.order_by().values("pk").explain(format="json")
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else 0
