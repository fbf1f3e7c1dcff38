"""The list of projects over the API: its filters and pages."""

import pytest

from tests.factories import OpeningFactory, ProjectFactory, StudySiteFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/"


class TestList:
    @pytest.fixture(autouse=True)
    def projects(self):
        one = ProjectFactory(slug="one", title="Cardiology", disciplines=["cardiology"])
        ProjectFactory(slug="two", stage="reporting", regions=["Southern Asia"])
        ProjectFactory(slug="hidden", visibility="private", title="Cardiology")
        StudySiteFactory(project=one, country="HUN")
        OpeningFactory(project=one, kind="data")

    @pytest.mark.parametrize(
        ("query", "slugs"),
        [
            ("", ["two", "one"]),
            ("search=cardio", ["one"]),
            ("search=cardiolgy", ["one"]),
            ("field=cardiology", ["one"]),
            ("field=cardiology&field=genetics", ["one"]),
            ("stage=reporting", ["two"]),
            ("need=data", ["one"]),
            ("region=Eastern%20Europe&region=Southern%20Asia", ["two", "one"]),
            ("country=HUN", ["one"]),
            ("ordering=title", ["one", "two"]),
            ("ordering=created_at", ["one", "two"]),
            ("updated_since=2999-01-01T00:00:00%2B02:00", []),
            ("updated_since=2000-01-01T00:00:00Z", ["two", "one"]),
        ],
    )
    def test_filters(self, api, user, query, slugs):
        answer = api(user).get(f"{PATH}?{query}")
        assert [row["slug"] for row in answer.json()["results"]] == slugs

    @pytest.mark.parametrize(
        "query", ["field=alchemy", "stage=x", "ordering=search", "updated_since=x", "country=hun"]
    )
    def test_unknown_values_are_told(self, api, user, query):
        assert api(user).get(f"{PATH}?{query}").status_code == 400

    def test_pages(self, api, user):
        first = api(user).get(f"{PATH}?limit=1").json()
        assert [row["slug"] for row in first["results"]] == ["two"]
        second = api(user).get(first["next"]).json()
        assert [row["slug"] for row in second["results"]] == ["one"]
        assert second["next"] is None
