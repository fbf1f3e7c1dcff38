"""Projects are found by beginnings of words, stems, near spellings and without accents."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from portal.common.pages import in_order
from projects.models import Project, SearchWord
from projects.search import matches as project_matches
from projects.search import newest as project_newest
from projects.search.filters import ProjectFilter
from projects.search.matches import ProjectMatches
from projects.search.order import keyed
from tests.factories import OpeningFactory, ProjectFactory, StudySiteFactory

pytestmark = pytest.mark.django_db
TITLES = {
    "cardio": "Cardiology registry of island hospitals",
    "coeur": "Étude du cœur des enfants",
    "hepatite": "Traitement de l’hépatite C",
    "covid": "Long COVID-19 and heart-rate response",
    "arabic": "دراسة القلب",
    "turkish": "İstanbul kalp çalışması",
    "infections": "Infections after surgery",
    "german": "Übergewicht und Größe",
}


@pytest.fixture
def titles():
    for slug, title in TITLES.items():
        ProjectFactory(slug=slug, title=title, question="Why?")


def found(text, **filters):
    visible = Project.objects.visible_to(AnonymousUser())
    matching = ProjectFilter(q=text, **filters).applied_to(visible)
    return set(matching.values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("cardio", {"cardio"}),
        ("CARDIO", {"cardio"}),
        ("cardiolgy", {"cardio"}),
        ("cardiolog", {"cardio"}),
        ("regsitry hospitals", {"cardio"}),
        ("coeur", {"coeur"}),
        ("cœur", {"coeur"}),
        ("COEUR", {"coeur"}),
        ("étude", {"coeur"}),
        ("e\u0301tude", {"coeur"}),
        ("hépatite", {"hepatite"}),
        ("hepatite", {"hepatite"}),
        ("hepattite", {"hepatite"}),
        ("infection", {"infections"}),
        ("infected", {"infections"}),
        ("infections after", {"infections"}),
        ("surgery infections", {"infections"}),
        ("the surgery", {"infections"}),
        ("infections cardiology", set()),
        ('"heart rate"', {"covid"}),
        ("heart-rate", {"covid"}),
        ("COVID 19", {"covid"}),
        ("covid-19", {"covid"}),
        ("القلب", {"arabic"}),
        ("istanbul", {"turkish"}),
        ("ubergewicht grosse", {"german"}),
        ("‮cardio", {"cardio"}),
        ("%", set()),
        ("_", set()),
        ("\\", set()),
        ("%_\\", set()),
        ("'; DROP TABLE projects_project; --", set()),
        ("cardio:* | !x & (", set()),
        ("a\0b", set()),
        ("zzzzzzzz", set()),
        ("x" * 10_000, set()),
        ("cardio " * 2_000, {"cardio"}),
    ],
)
def test_search(titles, text, slugs):
    assert found(text) == slugs


def test_disciplines_conditions_question_and_summary_are_searched_too():
    ProjectFactory(slug="a", disciplines=["infectious-disease"])
    ProjectFactory(slug="b", conditions=["sarcoidosis"])
    ProjectFactory(slug="c", question="Does metformin help?")
    ProjectFactory(slug="d", summary="We use *telemetry*.")
    assert found("infectious") == {"a"}
    assert found("sarcoid") == {"b"}
    assert found("metformin") == {"c"}
    assert found("telemetry") == {"d"}


def test_any_way_of_writing_keeps_the_search_column_up_to_date():
    project = ProjectFactory(slug="a", title="Old")
    Project.objects.filter(pk=project.pk).update(title="Sphygmomanometer")
    assert found("sphygmo") == {"a"}
    assert found("sphygmomanmeter") == {"a"}
    assert found("old") == set()


def test_words_of_private_projects_correct_nothing():
    """What a typo is taken for must not tell of a project one may not know of."""
    ProjectFactory(title="Cardiology")
    ProjectFactory(title="Zephyrine kardiolgyx", visibility="private")
    assert not SearchWord.objects.filter(word__in=["zephyrine", "kardiolgyx"]).exists()
    assert found("zephyrine") == set()


def test_a_good_fit_comes_first():
    ProjectFactory(slug="summary", summary="About nephritis.")
    ProjectFactory(slug="title", title="Nephritis")
    wanted = ProjectFilter(q="nephritis")
    rows, key = keyed(wanted.applied_to(Project.objects.all()), "words", words=wanted.words)
    assert [row.slug for row in rows.order_by(key)] == ["title", "summary"]


class TestFacets:
    @pytest.fixture
    def projects(self):
        one = ProjectFactory(slug="one", disciplines=["cardiology", "genetics"], stage="planning")
        two = ProjectFactory(slug="two", disciplines=["cardiology"], stage="reporting")
        three = ProjectFactory(slug="three", regions=["Southern Asia"], visibility="public")
        hidden = ProjectFactory(
            slug="hidden", disciplines=["cardiology"], stage="planning", visibility="private"
        )
        for project in (one, one, two, hidden):
            StudySiteFactory(project=project, country="HUN")
        StudySiteFactory(project=two, country="POL")
        StudySiteFactory(project=three, country="IND")
        for project in (one, one, hidden):
            OpeningFactory(project=project, kind="data")
        OpeningFactory(project=two, kind="region", filled_at="2026-01-01T00:00Z")
        return Project.objects.visible_to(AnonymousUser())

    def test_counts_of_a_group_follow_the_other_groups(self, projects):
        counts = ProjectMatches(ProjectFilter(stage=("planning",)), projects).counts()
        assert counts["field"] == {"cardiology": 1, "genetics": 1}
        assert counts["stage"] == {"planning": 2, "reporting": 1}
        assert counts["need"] == {"data": 1}
        assert counts["region"] == {"Eastern Europe": 1, "Southern Asia": 1}

    def test_a_project_counts_once_in_a_region(self, projects):
        counts = ProjectMatches(ProjectFilter(), projects).counts()
        assert counts["region"] == {"Eastern Europe": 2, "Southern Asia": 1}

    def test_within_a_group_any_between_groups_all(self, projects):
        assert found("", stage=("planning", "reporting")) == {"one", "two", "three"}
        assert found("", stage=("planning",), field=("genetics", "cardiology")) == {"one"}
        assert found("", need=("data",)) == {"one"}
        assert found("", need=("region",)) == set()
        assert found("", region=("Southern Asia",)) == {"three"}
        assert found("", country=("POL", "IND")) == {"two", "three"}

    def test_each_count_is_what_ticking_it_finds(self, projects):
        for wanted in (ProjectFilter(), ProjectFilter(stage=("planning",))):
            for group, counts in ProjectMatches(wanted, projects).counts().items():
                for option, count in counts.items():
                    alone = ProjectFilter(**{**vars_of(wanted), group: (option,)})
                    assert alone.applied_to(projects).count() == count

    def test_the_map_counts_sites_and_who_seeks(self, projects):
        assert ProjectMatches(ProjectFilter(), projects).places() == [
            {"country": "HUN", "count": 3, "seeking": 2},
            {"country": "IND", "count": 1, "seeking": 0},
            {"country": "POL", "count": 1, "seeking": 0},
        ]


def test_counting_stops_at_its_bound(monkeypatch):
    for module in (project_matches, project_newest):
        monkeypatch.setattr(module, "COUNTED", 3)
    ProjectFactory.create_batch(5, stage="planning")
    matches = ProjectMatches(ProjectFilter(), Project.objects.all())
    assert matches.total == 4
    assert matches.counts()["stage"] == {"planning": 3}


def vars_of(wanted):
    return {group: getattr(wanted, group) for group in ("q", *ProjectFilter.GROUPS)}


def page_in(sort, query=""):
    projects, key = keyed(Project.objects.all(), sort, disciplines=["cardiology"])
    return in_order(RequestFactory().get(f"/{query}"), projects, size=3, key=key)


@pytest.mark.parametrize("sort", ["active", "newest", "sites", "match"])
def test_pages_go_there_and_back_over_ties(sort):
    moment = ProjectFactory().active_at
    for number in range(10):
        project = ProjectFactory(active_at=moment, disciplines=["cardiology"][: number % 2])
        StudySiteFactory.create_batch(number % 3, project=project)
    projects, key = keyed(Project.objects.all(), sort, disciplines=["cardiology"])
    everything = [row.pk for row in projects.order_by(key, "-pk")]
    seen, here, pages = [], "", []
    while True:
        rows, previous, following = page_in(sort, here)
        assert bool(previous) == bool(here)
        seen += [row.pk for row in rows]
        pages.append((previous, [row.pk for row in rows]))
        if not following:
            break
        here = following
    assert seen == everything
    for (previous, _), (_, before) in zip(pages[:0:-1], pages[-2::-1], strict=True):
        rows, _, following = page_in(sort, previous)
        assert [row.pk for row in rows] == before
        assert following


@pytest.mark.parametrize(
    "mark", ["x", "1", ".", "1.x", "-1.1", "1.1.1", "9" * 30 + ".1", "1." + "9" * 30, "²."]
)
def test_a_mark_that_cannot_be_read_shows_the_first_page(mark):
    ProjectFactory()
    for sort in ("active", "sites"):
        assert len(page_in(sort, f"?after={mark}")[0]) == 1
        assert len(page_in(sort, f"?before={mark}")[0]) == 1
