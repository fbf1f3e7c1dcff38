"""How many projects match, by themselves and with one more filter."""

from collections import Counter
from collections.abc import Collection
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from projects.choices import SEEKS_SITES
from projects.projects.models import Project
from projects.search.facets import Facets, facet, within
from projects.search.filters import ProjectFilter
from projects.search.newest import COUNTED, Newest, newest, walked

SEEKING_SITES = {facet("need", kind) for kind in SEEKS_SITES}
"""Facets of projects that look for sites."""

# Their ids travel as one array: as hundreds of parameters they cost more than the sites.
PLACES = """
    SELECT country, count(*), count(*) FILTER (WHERE project_id = ANY(%s))
    FROM projects_studysite WHERE project_id = ANY(%s)
    GROUP BY country ORDER BY count(*) DESC, country
"""


class ProjectMatches:
    """The projects that match a filter, no more than the most recently active ones are counted."""

    def __init__(self, wanted: ProjectFilter, projects: QuerySet[Project]) -> None:
        self.wanted = wanted
        self.projects = projects

    def found(self) -> QuerySet[Project]:
        """The projects that match: by their ids, if these are all known."""
        if self.total > COUNTED:
            return self.wanted.applied_to(self.projects)
        return self.projects.filter(pk__in=self.ids())

    def ids(self) -> list[int]:
        """Ids of the matching projects, the most recently active first."""
        return self._newest.ids

    @property
    def total(self) -> int:
        """How many match; one more than is counted where there are too many."""
        return len(self._newest.rows)

    @property
    def countries(self) -> int:
        """In how many countries they have sites."""
        return len(within("country", self._newest.facets))

    def counts(self) -> dict[str, Counter[str]]:
        """For each group and option: how many projects match it and the filters of other groups."""
        without = self._newest_without
        counted = {g: within(g, without[g].facets) for g in ("field", "need", "stage")}
        return counted | {"region": without["region"].regions}

    def total_without(self, group: str) -> int:
        """How many match the filters of the other groups."""
        return len(self._newest_without[group].rows)

    def places(self) -> list[dict[str, Any]]:
        """The sites of the matching projects by country, wherever the country filter points."""
        anywhere = self._newest_without["country"]
        with connection.cursor() as cursor:
            cursor.execute(PLACES, [anywhere.having(SEEKING_SITES), anywhere.ids])
            return [
                {"country": country, "count": count, "seeking": seeking}
                for country, count, seeking in cursor.fetchall()
            ]

    @cached_property
    def _newest(self) -> Newest:
        facets = self.wanted.facets()
        return self._look_up([facets])[facets]

    @cached_property
    def _newest_without(self) -> dict[str, Newest]:
        """With each group of filters left out; those in use are looked up together."""
        fewer = {group: self.wanted.facets(without=group) for group in self.wanted.used}
        found = self._look_up(fewer.values())
        return dict.fromkeys(self.wanted.GROUPS, self._newest) | {
            group: found[facets] for group, facets in fewer.items()
        }

    def _look_up(self, asked: Collection[Facets]) -> dict[Facets, Newest]:
        projects = self.wanted.in_words(self.projects)
        # Where all projects match there is nothing to guess.
        everything = not self.wanted.q and not any(asked)
        return walked(projects, asked) if everything else newest(projects, asked)
