"""Pages and JSON are packed on the wire, downloads are not."""

import gzip

import pytest

from tests.factories import DatasetFactory, ProjectFactory
from tests.factories.files import PATIENTS, ready_version

pytestmark = pytest.mark.django_db

PACKED = {"Accept-Encoding": "gzip"}


def test_a_page_is_packed_for_those_who_can_unpack_it(client):
    for number in range(30):
        ProjectFactory(title=f"Stroke registry {number}", visibility="public")
    plain = client.get("/projects/")
    packed = client.get("/projects/", headers=PACKED)
    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain["Vary"]
    assert "Accept-Encoding" in packed["Vary"]
    assert "Stroke registry 29" in gzip.decompress(packed.content).decode()
    assert len(packed.content) * 3 < len(plain.content)
    assert int(packed["Content-Length"]) == len(packed.content)


def test_the_length_of_a_page_varies(client):
    lengths = {len(client.get("/", headers=PACKED).content) for _ in range(20)}
    assert len(lengths) > 3


def test_json_is_packed_and_its_tag_still_guards_a_change(user, api):
    project = ProjectFactory(lead=user, summary="Long enough to be packed. " * 20)
    client = api(user)
    address = f"/api/v1/projects/{project.slug}/"
    read = client.get(address, headers=PACKED)
    assert read["Content-Encoding"] == "gzip"
    tag = read["ETag"]
    assert client.get(address, headers={**PACKED, "If-None-Match": tag}).status_code == 304
    change = {"title": "Another title"}
    assert client.patch(address, change, headers={"If-Match": tag}).status_code == 200
    assert client.patch(address, change, headers={"If-Match": tag}).status_code == 412


def test_downloads_and_reports_are_sent_as_they_are(user, client):
    dataset = DatasetFactory(project=ProjectFactory(lead=user), created_by=user)
    version = ready_version(dataset)
    client.force_login(user)
    address = f"/datasets/{dataset.pk}/versions/{version.number}"
    for kind in ("original", "csv", "parquet"):
        answer = client.get(f"{address}/download/{kind}/", headers=PACKED)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
        content = b"".join(answer)
        assert len(content) == int(answer["Content-Length"])
        assert kind != "original" or content == PATIENTS
