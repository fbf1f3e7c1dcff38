"""What projects are narrowed to by: kept in step with sites and openings, found by index."""

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
    return set(Project.objects.values_list("facets", flat=True).get(pk=project.pk))


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
def test_few_matches_are_found_by_index_and_then_sorted(wanted, django_assert_num_queries):
    ProjectFactory.create_batch(3)
    asked = ProjectMatches(ProjectFilter(**wanted), Project.objects.visible_to(AnonymousUser()))
    matching = asked.wanted.applied_to(asked.projects)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = asked.newest(matching).values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = str(cursor.fetchall())
    assert "project_search" in plan or "project_facets" in plan
    assert "project_active" not in plan


def test_many_matches_are_met_on_the_way_down(monkeypatch):
    monkeypatch.setattr(project_matches, "FEW", 2)
    projects = ProjectFactory.create_batch(4, disciplines=["genetics"])
    asked = ProjectMatches(ProjectFilter(field=("genetics",)), Project.objects.all())
    newest = sorted(projects, key=lambda each: (each.active_at, each.pk), reverse=True)
    assert asked.ids() == [each.pk for each in newest]
    assert set(asked.found()) == set(projects)
