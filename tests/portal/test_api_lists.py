"""Every list of the API refuses a page size or a date that is none, and names the field."""

import pytest

from tests.factories import DatasetFactory, ProjectFactory

pytestmark = pytest.mark.django_db

DATED = [
    "/api/v1/projects/",
    "/api/v1/projects/{slug}/memberships/",
    "/api/v1/projects/{slug}/join-requests/",
    "/api/v1/projects/{slug}/analyses/",
    "/api/v1/projects/{slug}/variables/",
    "/api/v1/datasets/",
    "/api/v1/notifications/",
]
LISTS = [
    *DATED,
    "/api/v1/projects/{slug}/sites/",
    "/api/v1/projects/{slug}/openings/",
    "/api/v1/projects/{slug}/audit/",
    "/api/v1/datasets/{dataset}/versions/",
    "/api/v1/datasets/{dataset}/audit/",
    "/api/v1/tokens/",
]


@pytest.fixture
def read(user, api):
    """`read(address, parameter=…)` as the person who leads the project and keeps the dataset."""
    project = ProjectFactory(lead=user)
    dataset = DatasetFactory(project=project, created_by=user)
    client = api()
    client.force_login(user)

    def read(address, **parameters):
        return client.get(address.format(slug=project.slug, dataset=dataset.pk), parameters)

    return read


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("limit", ["many", "", "0", "-1", "2.5", "٣", "9" * 5000, "0" * 5000 + "1"])
def test_a_limit_that_is_no_number_is_refused(read, address, limit):
    answer = read(address, limit=limit)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["limit"]


@pytest.mark.parametrize("address", DATED)
@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01T00:00:00Z", "5"])
def test_a_date_that_is_none_is_refused(read, address, moment):
    answer = read(address, updated_since=moment)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["updated_since"]


@pytest.mark.parametrize("address", LISTS)
def test_a_limit_above_the_largest_page_gives_the_largest_page(read, address):
    assert read(address, limit="1000").status_code == 200
    assert read(address, limit="1").status_code == 200
