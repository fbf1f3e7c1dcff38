"""Labels and units of columns over the API."""

import pytest

from tests.factories import DatasetFactory, MembershipFactory, table_version

pytestmark = pytest.mark.django_db


def test_units_of_guarded_data_are_set_by_whoever_reads_their_rows(api, project):
    """A mean that is rounded in very many units is an exact one."""
    keeper = MembershipFactory(project=project, role="contributor").user
    dataset = DatasetFactory(project=project, access="summaries", created_by=keeper)
    version = table_version({"chol": ("number", [150.0, 160.0])}, dataset=dataset)
    steward = MembershipFactory(project=project, role="steward").user
    url = f"/api/v1/datasets/{dataset.pk}/versions/{version.number}/columns/"
    for change in ({"unit": "g/L"}, {"label": "Glucose"}):
        refused = api(steward).patch(url, [{"name": "chol"} | change], format="json")
        assert (refused.status_code, refused.data["code"]) == (403, "rows_not_readable")
    call = api(keeper, ["read", "write:data"])
    refused = call.patch(url, [{"name": "chol", "unit": "g/L"}], format="json")
    assert (refused.status_code, refused.data["code"]) == (403, "insufficient_scope")
    assert version.columns.get().unit == ""
    dataset.access = "project"
    dataset.save()
    assert (
        api(steward).patch(url, [{"name": "chol", "unit": "g/L"}], format="json").status_code == 200
    )
