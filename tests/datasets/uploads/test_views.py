"""Bringing a version on pages: its file, and how that is read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datasets.models import Version
from tests.factories.files import PATIENTS, ready_version
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_upload_of_a_new_version_and_its_refusals(page, dataset):
    client, url = page(dataset.created_by), f"/datasets/{dataset.pk}/upload/"
    answer = client.post(url, {"file": SimpleUploadedFile("p.csv", PATIENTS)})
    assert answer["Location"] == f"/datasets/{dataset.pk}/versions/1/"
    for content, words in ((PATIENTS, "exactly these bytes"), (b"", "no content")):
        refused = client.post(url, {"file": SimpleUploadedFile("p.csv", content)})
        assert refused.status_code == 422
        assert words in text_of(refused)
    assert client.post(url, {}).status_code == 422
    assert Version.objects.count() == 1


def test_uploads_need_the_csrf_token(dataset):
    client = Client(enforce_csrf_checks=True)
    client.force_login(dataset.created_by)
    url = f"/datasets/{dataset.pk}/upload/"
    assert client.post(url, {"file": SimpleUploadedFile("p.csv", PATIENTS)}).status_code == 403
    assert not Version.objects.exists()


def test_reading_options_are_overruled_on_a_form(page, dataset):
    ready_version(dataset)
    client, url = page(dataset.created_by), f"/datasets/{dataset.pk}/versions/1/read-options/"
    assert 'value="?"' in text_of(client.get(url))
    fields = {"delimiter": ",", "missing": "? 9", "type-0": "number"}
    answer = client.post(url, fields)
    assert answer["Location"] == f"/datasets/{dataset.pk}/versions/2/"
    options = Version.objects.get(number=2).options
    assert (options["missing"], options["types"], options["delimiter"]) == (
        ["?", "9"],
        {"age": "number"},
        ",",
    )
