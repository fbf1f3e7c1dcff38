"""Explore: search, filters and pages."""

import re

import pytest

from tests.factories import (
    MembershipFactory,
    OpeningFactory,
    ProfileFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)
from tests.pages import text_at

pytestmark = pytest.mark.django_db


def titles(text):
    return re.findall(r'<h3 id="p-[^"]*">\s*<a href="[^"]*">([^<]*)</a>', text)


class TestExplore:
    def test_everything_is_in_the_address(self, client):
        one = ProjectFactory(title="Alpha trial", disciplines=["cardiology"], stage="recruiting")
        two = ProjectFactory(title="Beta trial", disciplines=["genetics"], stage="reporting")
        StudySiteFactory(project=one, country="HUN")
        StudySiteFactory.create_batch(2, project=two, country="IND")
        OpeningFactory(project=one, kind="data", detail="Registries")
        assert titles(text_at(client, "/projects/")) == ["Beta trial", "Alpha trial"]
        for params in (
            {"q": "alpha"},
            {"field": "cardiology"},
            {"need": "data"},
            {"stage": "recruiting"},
            {"region": "Eastern Europe"},
            {"country": "HUN"},
        ):
            assert titles(text_at(client, "/projects/", **params)) == ["Alpha trial"], params
        both = text_at(client, "/projects/", field=["cardiology", "genetics"])
        assert "<strong>2</strong> projects" in both
        assert titles(text_at(client, "/projects/", sort="sites")) == ["Beta trial", "Alpha trial"]
        table = text_at(client, "/projects/", view="table")
        assert "Alpha trial" in table
        assert 'class="table table-projects"' in table

    def test_filters_are_chips_that_can_be_removed(self, client):
        ProjectFactory(disciplines=["cardiology"])
        text = text_at(client, "/projects/", field=["cardiology", "genetics"], q="project")
        assert 'aria-label="Remove filter: Field Cardiology"' in text
        assert 'href="?field=genetics&amp;q=project"' in text
        assert 'href="?field=cardiology&amp;field=genetics"' in text

    def test_nothing_found_names_the_filter_to_remove(self, client):
        ProjectFactory(disciplines=["cardiology"])
        text = text_at(client, "/projects/", field="cardiology", stage="reporting", q="zzzz")
        assert "No project matches" in text
        assert "Clear all filters" in text
        text = text_at(client, "/projects/", field="cardiology", stage="reporting")
        assert "Without “Reporting”: 1 project" in text
        assert "Without “Cardiology”" not in text

    def test_unknown_values_are_left_out(self, client):
        ProjectFactory(title="Alpha")
        params = {"field": "x", "sort": "x", "view": "x", "after": "x", "need": "<b>"}
        assert titles(text_at(client, "/projects/", **params)) == ["Alpha"]

    @pytest.mark.parametrize("q", ["%_\\", "'\"<script>alert(1)</script>", "א" * 300, "x" * 4000])
    def test_odd_words_are_shown_escaped(self, client, q):
        text = text_at(client, "/projects/", q=q)
        assert "<script>alert" not in text
        assert "<strong>0</strong> projects" in text

    def test_a_need_one_can_meet_says_so(self, page):
        OpeningFactory(project=ProjectFactory(), discipline="genetics", detail="Genomes")
        has_it = ProfileFactory(disciplines=["genetics"]).user
        assert "you have this" in text_at(page(has_it), "/projects/")
        assert "you have this" not in text_at(page(UserFactory()), "/projects/")

    def test_best_match_is_by_disciplines_in_common(self, page):
        ProjectFactory(title="Both", disciplines=["genetics", "cardiology"])
        ProjectFactory(title="None", disciplines=["surgery"])
        ProjectFactory(title="One", disciplines=["genetics"])
        user = ProfileFactory(disciplines=["genetics", "cardiology"]).user
        text = text_at(page(user), "/projects/", sort="match")
        assert titles(text) == ["Both", "One", "None"]

    def test_pages_follow_each_other(self, client):
        ProjectFactory.create_batch(25)
        first = text_at(client, "/projects/")
        onward = re.search(r'rel="next" href="\?([^"]*)"', first).group(1)
        second = text_at(client, f"/projects/?{onward}")
        assert len(titles(first)) == 20
        assert len(titles(second)) == 5
        assert not set(titles(first)) & set(titles(second))
        back = re.search(r'rel="prev" href="\?([^"]*)"', second).group(1)
        assert titles(text_at(client, f"/projects/?{back}")) == titles(first)

    @pytest.mark.parametrize("params", [{}, {"q": "project"}, {"sort": "sites", "view": "table"}])
    def test_the_same_queries_however_long(self, page, params, django_assert_max_num_queries):
        client, counts = page(ProfileFactory().user), []
        for more in (1, 9, 30):
            for _ in range(more):
                project = ProjectFactory(visibility="public", disciplines=["cardiology"])
                MembershipFactory(project=project, user=ProfileFactory().user, role="lead")
                OpeningFactory.create_batch(2, project=project)
                StudySiteFactory(project=project)
            with django_assert_max_num_queries(30) as asked:
                text_at(client, "/projects/", **params)
            counts.append(len(asked))
        assert len(set(counts)) == 1, counts
