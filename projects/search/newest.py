"""The newest projects of several filters at once: met on one way down an index, or gathered."""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateTimeField, Func, Q, QuerySet, Value

from projects.projects.models import Project
from projects.search.facets import REGION_OF, Facets
from projects.search.filters import all_of

COUNTED = 500
"""Facets are counted over so many of the newest: with half of what other lists count, a choice
of three facets among a million projects is there before anyone waits for it."""

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

# The order is asked for outside, where there are few: inside it would lead the database down the
# index none the less.
NEWEST_OF_FEW = """
    SELECT id, facets, active_at, count(*) OVER () FROM ({few}) few
    ORDER BY active_at DESC, id DESC LIMIT %s
"""

Row = tuple[int, list[int], datetime]
"""Id and facets of a project, and when it was active as it was come upon."""


@dataclass
class Newest:
    """The most recently active projects of a filter, up to one more than is counted."""

    rows: list[Row] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """How many more it takes."""
        return COUNTED + 1 - len(self.rows)

    @property
    def ids(self) -> list[int]:
        """Those that are counted, the most recently active first."""
        return [pk for pk, *_ in self.rows[:COUNTED]]

    def having(self, some: set[int]) -> list[int]:
        """Those of them with one of these facets."""
        return [pk for pk, facets, _ in self.rows[:COUNTED] if not some.isdisjoint(facets)]

    @cached_property
    def facets(self) -> Counter[int]:
        """How many of those that are counted have each facet."""
        return Counter(chain.from_iterable(facets for _, facets, _ in self.rows[:COUNTED]))

    @cached_property
    def regions(self) -> Counter[str]:
        """How many of those that are counted name each region, or have a site there."""
        return Counter(
            chain.from_iterable(
                {REGION_OF[facet] for facet in facets if facet in REGION_OF}
                for _, facets, _ in self.rows[:COUNTED]
            )
        )


def newest(projects: QuerySet[Project], asked: Collection[Facets]) -> dict[Facets, Newest]:
    """The newest of the projects that have what is asked for, each time.

    The database guesses well how many match, but not always: where it guesses many, the walk goes
    no further than these should take, and if they are not there, or few, they are gathered.
    """
    guesses = {facets: guessed(projects.filter(all_of(facets))) for facets in asked}
    many = {facets: guess for facets, guess in guesses.items() if guess > FEW}
    found: dict[Facets, Newest] = {}
    if many:
        # Twice as many as should hold those that are counted.
        share = Value(2 * COUNTED / min(many.values()))
        since = Func(share, template=SINCE, output_field=DateTimeField())
        met = walked(projects.filter(active_at__gte=since), many)
        found = {facets: each for facets, each in met.items() if not each.missing}
    for facets in guesses.keys() - found.keys():
        few = gathered(projects.filter(all_of(facets)))
        found |= walked(projects, [facets]) if few is None else {facets: few}
    return found


def walked(projects: QuerySet[Project], asked: Collection[Facets]) -> dict[Facets, Newest]:
    """Those met on one way down from the most recently active project.

    Each stretch of it is long enough to fill one list; the next looks for what is still missing.
    """
    found = {facets: Newest() for facets in asked}
    down = projects.order_by("-active_at", "-id").values_list("pk", "facets", "active_at")
    further = Q()
    while wanting := {facets: each for facets, each in found.items() if each.missing}:
        size = sum(each.missing for each in wanting.values())
        stretch = list(down.filter(further, any_of(wanting))[:size])
        for facets, each in wanting.items():
            each.rows += with_all(facets, stretch)[: each.missing]
        if len(stretch) < size:
            break
        further = beyond(stretch[-1])
    return found


def gathered(matching: QuerySet[Project]) -> Newest | None:
    """The newest of all that match, come upon in any order; nothing where these are many."""
    few = matching.order_by().values("active_at", "id", "facets")[: FEW + 1]
    try:
        sql, values = few.query.sql_with_params()
    except EmptyResultSet:
        return Newest()
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_OF_FEW.format(few=sql), [*values, COUNTED + 1])
        rows = cursor.fetchall()
    many = any(count > FEW for *_, count in rows)
    return None if many else Newest([row[:3] for row in rows])


def with_all(facets: Facets, rows: list[Row]) -> list[Row]:
    """The rows that have one at least of each."""
    for any_one in facets:
        rows = [row for row in rows if not any_one.isdisjoint(row[1])]
    return rows


def any_of(asked: Collection[Facets]) -> Q:
    """The condition that a project has what is asked for at least once, which looks at most
    projects for the first of it alone."""
    if not all(asked):
        return Q()
    first = next(iter(asked))[0]
    others = [facets for facets in asked if first not in facets]
    rest = [tuple(each for each in facets if each != first) for facets in asked if first in facets]
    having = all_of((first,)) & any_of(rest)
    return having | any_of(others) if others else having


def beyond(row: Row) -> Q:
    """The condition that a project comes after this one on the way down: after where it was, for
    by now it may be at the top."""
    pk, _, last = row
    # The outer bound lets the index find them.
    return Q(active_at__lte=last) & (Q(active_at__lt=last) | Q(pk__lt=pk))


def guessed(matching: QuerySet[Project]) -> int:
    """How many the database expects from its statistics, which costs no look at the projects."""
    # Where nothing can match, nothing is asked and nothing explained.
    plan = matching.order_by().values("pk").explain(format="json")
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else 0
