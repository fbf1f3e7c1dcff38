"""The dictionary of a version, on its form."""

import pytest

from tests.factories import MembershipFactory
from tests.factories.files import ready_version
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_the_dictionary_is_written_on_a_form(page, dataset):
    version = ready_version(dataset)
    client, url = page(dataset.created_by), f"/datasets/{dataset.pk}/versions/1/columns/"
    fields = {f"{kind}-{n}": "" for kind in ("label", "unit") for n in range(4)}
    client.post(url, {**fields, "label-2": "=Cholesterol", "unit-2": "mg/dL"})
    assert version.columns.get(name="chol").unit == "mg/dL"
    assert "=Cholesterol, mg/dL" in text_of(client.get(f"/datasets/{dataset.pk}/"))
    assert "chol,integer,'=Cholesterol,mg/dL" in client.get(f"{url[:-1]}.csv").text
    client.post(url, {**fields, "unit-2": "mm[Hg]"})
    html = client.get(f"/datasets/{dataset.pk}/").text
    assert 'title="mm[Hg]"' in html
    assert "Whole number, mmHg" in html
    other = page(MembershipFactory(project=dataset.project).user)
    assert other.get(url).status_code == 403
