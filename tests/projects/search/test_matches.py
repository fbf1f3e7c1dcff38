"""However projects are looked up, what is found and counted is what a look at each would find."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.common.countries import region_of
from projects.choices import OpeningKind, Stage
from projects.models import Project
from projects.search import matches as project_matches
from projects.search import newest as project_newest
from projects.search.filters import ProjectFilter
from projects.search.matches import ProjectMatches
from tests.factories import OpeningFactory, ProjectFactory, StudySiteFactory

pytestmark = pytest.mark.django_db

OPTIONS = {
    "field": ["cardiology", "genetics", "neurology", "urology"],
    "need": OpeningKind.values[:3],
    "stage": Stage.values[:3],
    "region": ["Eastern Europe", "Southern Asia", "Western Europe", "Northern Europe"],
    "country": ["HUN", "POL", "IND", "CHE", "ISL"],
}
filters = st.fixed_dictionaries(
    {
        group: st.lists(st.sampled_from(options), unique=True, max_size=2).map(tuple)
        for group, options in OPTIONS.items()
    }
)


@pytest.fixture
def projects():
    """Sixty projects, of which the database has statistics, and what each has."""
    draw = random.Random(14)
    made = []
    for number in range(60):
        # The last option of each group is nobody's.
        some = {
            group: draw.sample(options[:-1], draw.choice([1, 1, 2]))
            for group, options in OPTIONS.items()
        }
        project = ProjectFactory(
            title=draw.choice(["Aspirin", "Statins"]),
            disciplines=some["field"],
            regions=some["region"][1:],
            stage=some["stage"][0] if number < 40 else OPTIONS["stage"][0],
            visibility="private" if number % 7 == 0 else "listed",
            # Some were active at the same moment.
            active_at=timezone.now() - timedelta(days=number // 2),
        )
        for country in some["country"]:
            StudySiteFactory(project=project, country=country)
        for kind in some["need"][1:]:
            OpeningFactory(project=project, kind=kind)
        has = {
            "q": {project.title.lower()},
            "field": set(some["field"]),
            "need": set(some["need"][1:]),
            "stage": {project.stage},
            "region": {*some["region"][1:], *map(region_of, some["country"])},
            "country": set(some["country"]),
        }
        if project.visibility != "private":
            made.append((project, has))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_project")
    return sorted(made, key=lambda each: (each[0].active_at, each[0].pk), reverse=True)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    q=st.sampled_from(["", "", "aspirin", "nothing"]),
    chosen=filters,
    counted=st.sampled_from([1, 2, 5, 20, 100]),
    few=st.sampled_from([0, 1, 4, 15, 100]),
)
def test_each_list_is_what_a_look_at_each_project_finds(projects, q, chosen, counted, few):
    def newest(without=""):
        asked = {"q": (q,) if q else (), **chosen}
        return [
            (project, has)
            for project, has in projects
            if all(
                not asked[group] or has[group] & set(asked[group]) for group in {*asked} - {without}
            )
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project_matches, "COUNTED", counted)
        patch.setattr(project_newest, "COUNTED", counted)
        patch.setattr(project_newest, "FEW", few)
        matches = ProjectMatches(
            ProjectFilter(q=q, **chosen), Project.objects.visible_to(AnonymousUser())
        )
        assert matches.ids() == [project.pk for project, _ in newest()[:counted]]
        assert matches.total == min(len(newest()), counted + 1)
        assert set(matches.found()) == {project for project, _ in newest()}
        for group, counts in matches.counts().items():
            assert counts == Counter(
                option for _, has in newest(without=group)[:counted] for option in has[group]
            )
        places = Counter(
            country for _, has in newest(without="country")[:counted] for country in has["country"]
        )
        assert {each["country"]: each["count"] for each in matches.places()} == places


def test_a_project_that_becomes_active_while_they_are_looked_up_starts_nothing_over(monkeypatch):
    many, rare = Stage.values[:2]
    made = [
        ProjectFactory(
            stage=rare if number in (2, 15, 17) else many,
            active_at=timezone.now() - timedelta(days=number + 1),
        )
        for number in range(20)
    ]
    monkeypatch.setattr(project_newest, "COUNTED", 2)
    wanted = [ProjectFilter(stage=(stage,)).facets() for stage in (many, rare)]
    edges = []

    def becoming_active(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if not edges and "facets" in sql:
            # Two lists of three are looked for at once.
            edges.append(made[5].pk)
            Project.objects.filter(pk__in=edges).update(active_at=timezone.now())
        return answer

    with connection.execute_wrapper(becoming_active):
        found = project_newest.walked(Project.objects.all(), wanted)
    assert edges
    first, second = ([pk for pk, *_ in found[facets].rows] for facets in wanted)
    assert first == [made[0].pk, made[1].pk, made[3].pk]
    assert second == [made[2].pk, made[15].pk, made[17].pk]
