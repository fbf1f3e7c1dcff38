"""The benchmark's world still fits the tables, and the pages it asks for are there."""

import pytest
from django.db.models import F

from bench import rows
from bench.pages import pages
from members.models import User
from projects.models import Project

ROWS = 2500


def facets_by_project():
    return {pk: set(facets) for pk, facets in Project.objects.values_list("pk", "facets")}


@pytest.mark.django_db(transaction=True)
def test_every_page_of_the_benchmark_answers(page, api, monkeypatch):
    monkeypatch.setattr(rows, "TEXTS", 500)
    assert "statistics" in list(rows.fill(ROWS))
    # What is copied without the triggers is what they would have written.
    copied = facets_by_project()
    Project.objects.update(stage=F("stage"))
    assert facets_by_project() == copied
    reader = User.objects.get(pk=1)
    browser, script = page(reader), api(reader)
    for name, address in pages(ROWS).items():
        asker = script if address.startswith("/api/") else browser
        assert asker.get(address).status_code == 200, name
