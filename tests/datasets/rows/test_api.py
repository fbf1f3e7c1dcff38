"""Rows and bytes over the API: pages, sorting, filters, ranges, and who gets none."""

import hashlib

import pytest

from tests.factories import DatasetFactory, MembershipFactory, UserFactory
from tests.factories.files import PATIENTS, ready_version, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(dataset):
    return ready_version(dataset)


@pytest.fixture
def keeper(api, version):
    return api(version.dataset.created_by)


def url_of(version, path="rows/"):
    return f"/api/v1/datasets/{version.dataset_id}/versions/{version.number}/{path}"


def test_pages_follow_each_other_to_the_end(keeper, version):
    url, seen, first = url_of(version) + "?limit=50", [], None
    while url:
        page = keeper.get(url)
        assert page.status_code == 200
        first = first or page.data["results"][0]
        seen += page.data["row_numbers"]
        assert page.data["matching"] == 120
        url = page.data["next"]
    assert seen == list(range(1, 121))
    assert first == {"age": 40, "sex": "m", "chol": None, "num": 0}


def test_sorting_and_filters(keeper, version):
    def ask(query):
        return keeper.get(url_of(version) + query).data

    ages = [row["age"] for row in ask("?order_by=-age&limit=5")["results"]]
    assert ages == [69] * 4 + [68]
    found = ask("?filter[age]=gte:60&filter[sex]=eq:m&limit=200")
    assert found["matching"] == len(found["results"]) == 20
    assert all(row["age"] >= 60 and row["sex"] == "m" for row in found["results"])
    assert ask("?filter[chol]=isnull:true")["matching"] == 14


def test_a_name_may_begin_with_the_sign_of_a_descending_order(api, dataset):
    version = ready_version(dataset, b"a,-a\n1,9\n3,8\n2,7\n")
    call = api(dataset.created_by)

    def numbers(query):
        return call.get(url_of(version) + query).data["row_numbers"]

    assert numbers("?order_by=-a") == [3, 2, 1]
    assert numbers("?order_by=a&descending=true") == [2, 3, 1]
    assert numbers("?order_by=-a&descending=true") == [1, 2, 3]
    assert numbers("?order_by=-a&descending=false") == [3, 2, 1]


@pytest.mark.parametrize(
    "query",
    [
        *("?order_by=password", "?filter[nothing]=eq:1", "?filter[age]=lt:abc", "?limit=0"),
        *("?limit=x", "?limit=100000", "?cursor=rubbish", "?filter[age]=in:1"),
        *("?order_by=age;drop table x", "?order_by=-age&descending=no"),
    ],
)
def test_what_does_not_fit_is_refused(keeper, version, query):
    answer = keeper.get(url_of(version) + query)
    assert answer.status_code in (200, 400)
    if "filter[age]=in" not in query:
        assert answer.status_code == 400
        assert answer.data["errors"]


def test_rows_need_the_right_and_the_scope(api, version):
    for role in ("reader", "contributor"):
        person = MembershipFactory(project=version.dataset.project, role=role).user
        for path in ("rows/", "download/"):
            answer = api(person).get(url_of(version, path))
            assert (answer.status_code, answer.data["code"]) == (403, "rows_not_readable")
    assert api(UserFactory()).get(url_of(version)).status_code == 403
    for path in ("rows/", "download/"):
        answer = api(version.dataset.created_by, ["read", "write:data"]).get(url_of(version, path))
        assert (answer.status_code, answer.data["code"]) == (403, "insufficient_scope")


def test_unread_versions_have_no_rows(api):
    dataset = DatasetFactory()
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    version = uploaded(dataset)
    answer = api(dataset.created_by).get(url_of(version))
    assert (answer.status_code, answer.data["code"]) == (409, "version_not_ready")


def get(client, version, query="", **headers):
    answer = client.get(url_of(version, "download/") + query, **headers)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer, body


def test_a_download_is_an_attachment_that_no_browser_renders(keeper, version):
    answer, body = get(keeper, version)
    assert hashlib.sha256(body).hexdigest() == version.sha256
    assert answer["Content-Disposition"] == 'attachment; filename="patients.csv"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["ETag"] == f'"{version.sha256}"'
    assert answer["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("accept", ["*/*", "text/csv", "application/json"])
@pytest.mark.parametrize("format", ["original", "csv", "parquet"])
def test_every_format_comes_whatever_is_accepted(keeper, version, format, accept):
    answer, body = get(keeper, version, f"?format={format}", HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert len(body) == int(answer["Content-Length"])


def test_ranges_put_together_are_the_file(keeper, version):
    pieces, size = [], len(PATIENTS)
    for start in range(0, size, 500):
        answer, body = get(keeper, version, HTTP_RANGE=f"bytes={start}-{start + 499}")
        end = min(start + 500, size) - 1
        assert answer.status_code == 206
        assert answer["Content-Range"] == f"bytes {start}-{end}/{size}"
        pieces.append(body)
    assert b"".join(pieces) == PATIENTS
    assert get(keeper, version, HTTP_RANGE="bytes=-10")[1] == PATIENTS[-10:]
    assert get(keeper, version, HTTP_RANGE=f"bytes={size - 3}-")[1] == PATIENTS[-3:]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"HTTP_RANGE": "bytes=999999-"}, 416),
        ({"HTTP_RANGE": "bytes=9-3"}, 416),
        ({"HTTP_RANGE": "bytes=-0"}, 416),
        ({"HTTP_RANGE": "bytes=-"}, 200),
        ({"HTTP_RANGE": "bytes=0-1,5-6"}, 200),
        ({"HTTP_RANGE": "rows=1-2"}, 200),
        ({"HTTP_RANGE": f"bytes={'9' * 5000}-"}, 200),
        ({"HTTP_RANGE": f"bytes=0-{'9' * 5000}"}, 200),
        ({"HTTP_RANGE": "bytes=0-1", "HTTP_IF_RANGE": '"another"'}, 200),
    ],
)
def test_odd_ranges(keeper, version, headers, status):
    assert get(keeper, version, **headers)[0].status_code == status


def test_rights_are_asked_again_for_every_range(api, version):
    member = MembershipFactory(project=version.dataset.project, role="steward")
    client = api(member.user)
    assert get(client, version, HTTP_RANGE="bytes=0-9")[0].status_code == 206
    member.role = "reader"
    member.save()
    assert get(client, version, HTTP_RANGE="bytes=10-19")[0].status_code == 403


def test_an_unknown_format_is_refused(keeper, version):
    assert get(keeper, version, "?format=exe")[0].status_code == 400
