"""Funding over the API."""

import pytest

from projects.models import Grant
from tests.factories import GrantFactory

pytestmark = pytest.mark.django_db
BODY = {
    "source": "Medical Research Council",
    "grant_number": "MR/X1/9",
    "amount": 250000,
    "currency": "GBP",
    "starts": "2026-01-01",
    "ends": "2028-12-31",
    "aims": [{"aim": "Staff", "pledged": 200000}],
}


def test_what_is_sent_comes_back_with_its_currency_s_decimals(api, lead, project):
    url = f"/api/v1/projects/{project.slug}/grants/"
    made = api(lead).post(url, BODY)
    assert made.status_code == 201
    body = made.json()
    assert body == BODY | {
        "id": Grant.objects.get().pk,
        "amount": "250000.00",
        "aims": [{"aim": "Staff", "pledged": "200000.00", "spent": "0.00"}],
    }
    assert api(lead).get(url).json()["results"] == [body]
    one = f"{url}{body['id']}/"
    assert api(lead).patch(one, {"amount": 1000, "currency": "JPY", "aims": []}).json() == body | {
        "amount": "1000",
        "currency": "JPY",
        "aims": [],
    }
    assert api(lead).patch(one, {"ends": "2025-01-01"}).status_code == 400
    assert api(lead).delete(one).status_code == 204
    assert api(lead).get(one).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "NaN"),
        ("amount", "1e400"),
        ("amount", "much"),
        ("amount", True),
        ("starts", "soon"),
        ("currency", "£"),
        ("aims", "Staff"),
        ("aims", [{"aim": "Staff"}]),
        ("aims", [{"aim": "Staff", "pledged": 250001}]),
        ("number", "9"),
    ],
)
def test_a_wrong_body_is_refused_by_field(api, lead, project, field, value):
    answer = api(lead).post(f"/api/v1/projects/{project.slug}/grants/", BODY | {field: value})
    assert answer.status_code == 400
    assert {one["field"].partition(".")[0] for one in answer.json()["errors"]} == {field}
    assert not Grant.objects.exists()


@pytest.mark.parametrize("many", [1, 10, 100])
def test_the_list_takes_the_same_queries_at_any_length(
    api, lead, project, many, django_assert_num_queries
):
    GrantFactory.create_batch(many, project=project)
    client = api(lead)
    with django_assert_num_queries(6):
        client.get(f"/api/v1/projects/{project.slug}/grants/?limit=200")
