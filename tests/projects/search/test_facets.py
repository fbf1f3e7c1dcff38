"""What projects are narrowed to by: kept in step with sites and openings, found by index."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.choices import Discipline
from portal.common.countries import COUNTRIES as COUNTRIES_KNOWN
from portal.common.countries import SUB_REGIONS, region_of
from projects.choices import OpeningKind, Stage
from projects.models import Project
from projects.search import matches as project_matches
from projects.search import newest as project_newest
from projects.search.facets import OPTION_OF, VALUES
from projects.search.filters import ProjectFilter
from projects.search.matches import ProjectMatches
from tests.factories import OpeningFactory, ProjectFactory, StudySiteFactory

pytestmark = pytest.mark.django_db
COUNTRIES = ["HUN", "POL", "IND", "CHE"]
REGIONS = ["Eastern Europe", "Southern Asia", "Western Europe"]
FIELDS = ["cardiology", "genetics", "neurology"]

some_of = {
    "field": st.lists(st.sampled_from(FIELDS), unique=True, max_size=2),
    "need": st.lists(st.sampled_from(OpeningKind.values[:3]), unique=True, max_size=2),
    "stage": st.lists(st.sampled_from(Stage.values[:3]), unique=True, max_size=2),
    "region": st.lists(st.sampled_from(REGIONS), unique=True, max_size=2),
    "country": st.lists(st.sampled_from(COUNTRIES), unique=True, max_size=2),
}


def matches(project, wanted):
    """The rule, spelt out for one project."""
    places = {site.country for site in project.sites.all()}
    needs = {opening.kind for opening in project.openings.filter(filled_at=None)}
    has = {
        "field": set(project.disciplines),
        "need": needs,
        "stage": {project.stage},
        "region": {*project.regions, *map(region_of, places)},
        "country": places,
    }
    return all(not chosen or has[group] & set(chosen) for group, chosen in wanted.items())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "project": st.fixed_dictionaries(
                    {
                        "disciplines": some_of["field"],
                        "regions": some_of["region"],
                        "stage": st.sampled_from(Stage.values[:3]),
                    }
                ),
                "sites": st.lists(st.sampled_from(COUNTRIES), max_size=3),
                "needs": st.lists(
                    st.tuples(st.sampled_from(OpeningKind.values[:3]), st.booleans()), max_size=2
                ),
            }
        ),
        min_size=1,
        max_size=4,
    ),
    st.fixed_dictionaries(some_of),
)
def test_the_list_agrees_with_the_rule_for_one_project(world, wanted):
    Project.objects.all().delete()
    for each in world:
        project = ProjectFactory(**each["project"])
        for country in each["sites"]:
            StudySiteFactory(project=project, country=country)
        for kind, filled in each["needs"]:
            filled_at = timezone.now() if filled else None
            OpeningFactory(project=project, kind=kind, filled_at=filled_at)
    chosen = ProjectFilter(**{group: tuple(values) for group, values in wanted.items()})
    found = set(chosen.applied_to(Project.objects.all()))
    assert found == {each for each in Project.objects.all() if matches(each, wanted)}


def facets_of(project):
    numbers = Project.objects.values_list("facets", flat=True).get(pk=project.pk)
    return {":".join(OPTION_OF[number]) for number in numbers}


def test_each_option_has_a_number_of_its_own():
    assert len(OPTION_OF) == sum(len(values) for values in VALUES.values())


def test_facets_follow_every_change_however_it_is_made():
    project = ProjectFactory(disciplines=["genetics"], regions=["Southern Asia"], stage="planning")
    own = {"field:genetics", "region:Southern Asia", "stage:planning"}
    assert facets_of(project) == own
    site, other = (StudySiteFactory(project=project, country="HUN") for _ in range(2))
    opening = OpeningFactory(project=project, kind="data")
    assert facets_of(project) == own | {"country:HUN", "need:data"}
    project.sites.filter(pk=site.pk).update(country="POL")
    opening.filled_at = timezone.now()
    opening.save()
    assert facets_of(project) == own | {"country:HUN", "country:POL"}
    # A project read before its site came writes back what it knew.
    project.stage = "analysing"
    project.save()
    assert facets_of(project) == {*own, "country:HUN", "country:POL", "stage:analysing"} - {
        "stage:planning"
    }
    site.delete()
    other.delete()
    opening.delete()
    assert {facet for facet in facets_of(project) if facet.startswith(("country", "need"))} == set()


@pytest.mark.parametrize(
    "wanted",
    [
        {"q": "xylophonist"},
        {"field": ("cardiology",), "country": ("ISL",)},
        {"need": ("data",), "stage": ("planning",), "region": ("Eastern Europe",)},
    ],
)
def test_few_matches_are_found_by_index_and_then_sorted(wanted):
    ProjectFactory.create_batch(3)
    asked = ProjectMatches(ProjectFilter(**wanted), Project.objects.visible_to(AnonymousUser()))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        with CaptureQueriesContext(connection) as queries:
            assert asked.ids() == []
        cursor.execute(f"EXPLAIN {queries.captured_queries[-1]['sql']}")
        plan = str(cursor.fetchall())
    assert "Sort Key" in plan


def test_many_matches_are_met_on_the_way_down(monkeypatch):
    monkeypatch.setattr(project_newest, "FEW", 2)
    projects = ProjectFactory.create_batch(4, disciplines=["genetics"])
    asked = ProjectMatches(ProjectFilter(field=("genetics",)), Project.objects.all())
    newest = sorted(projects, key=lambda each: (each.active_at, each.pk), reverse=True)
    assert asked.ids() == [each.pk for each in newest]
    assert set(asked.found()) == set(projects)


def count_to(monkeypatch, most):
    for module in (project_matches, project_newest):
        monkeypatch.setattr(module, "COUNTED", most)


@pytest.fixture
def known(monkeypatch):
    """Forty projects and what the database knows of them, where more than three are many."""
    monkeypatch.setattr(project_newest, "FEW", 3)
    count_to(monkeypatch, 2)
    made = [
        ProjectFactory(
            disciplines=["genetics"] if number % 2 else ["neurology"],
            stage="planning" if number < 20 else "reporting",
            visibility="private" if number % 5 == 0 else "listed",
            active_at=timezone.now() - timedelta(days=number),
        )
        for number in range(40)
    ]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_project")
    return made


@pytest.mark.parametrize(
    "wanted",
    [
        {"field": ("genetics",)},
        {"field": ("genetics", "neurology")},
        {"stage": ("planning",), "field": ("neurology",)},
        # These all lie far behind.
        {"stage": ("reporting",)},
        # Each has many, together they have none.
        {"stage": ("analysing",), "field": ("neurology",)},
        {"q": "nothing"},
        {"q": "%"},
        {},
    ],
)
@pytest.mark.parametrize("at_once", [2, 30, 60])
def test_the_newest_are_the_same_however_they_are_found(known, monkeypatch, wanted, at_once):
    count_to(monkeypatch, at_once)
    asked = ProjectMatches(ProjectFilter(**wanted), Project.objects.visible_to(AnonymousUser()))
    matching = asked.wanted.applied_to(asked.projects)
    newest = matching.order_by("-active_at", "-pk").values_list("pk", flat=True)
    assert asked.ids() == list(newest[:at_once])
    assert asked.total == min(len(newest), at_once + 1)
    private = {each.pk for each in known if each.visibility == "private"}
    assert not private & set(asked.ids())


def test_the_newest_of_many_are_met_without_a_look_at_those_that_were_active_long_ago(known):
    asked = ProjectMatches(ProjectFilter(field=("genetics",)), Project.objects.all())
    with CaptureQueriesContext(connection) as queries:
        assert asked.ids() == [known[1].pk, known[3].pk]
    assert len(queries) == 2
    assert "histogram_bounds" in queries.captured_queries[-1]["sql"]


def test_a_project_that_is_everywhere_fits_into_the_index():
    project = ProjectFactory(disciplines=Discipline.values, regions=list(SUB_REGIONS))
    for country in COUNTRIES_KNOWN:
        StudySiteFactory(project=project, country=country)
    for kind in OpeningKind.values:
        OpeningFactory(project=project, kind=kind)
    everywhere = ProjectFilter(country=(list(COUNTRIES_KNOWN)[-1],), need=(OpeningKind.values[-1],))
    assert ProjectMatches(everywhere, Project.objects.all()).ids() == [project.pk]
    assert len(facets_of(project)) >= len(COUNTRIES_KNOWN) + len(Discipline.values)
