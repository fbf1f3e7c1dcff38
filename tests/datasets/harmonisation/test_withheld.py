"""The harmonisation pages for whoever reads no rows."""

import pytest

from datasets.mappings import actions as mappings
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    SharedVariableFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("missing", [1, 0])
def test_the_pages_of_a_column_that_few_people_lack(page, lead, project, missing):
    version = table_version(
        {"Chol": ("integer", [*range(150, 250), *[None] * missing])},
        dataset=DatasetFactory(project=project, access="controlled", threshold=5),
    )
    variable = SharedVariableFactory(project=project, name="chol", type="number")
    rule = {"kind": "copy", "column": "Chol"}
    mappings.save(variable=variable, dataset=version.dataset, version=version, rule=rule, by=lead)
    reader = MembershipFactory(project=project, role="reader").user
    url = f"/projects/{project.slug}/variables/chol/"
    for address in (url, f"{url}mappings/{version.dataset_id}/"):
        shown = page(reader).get(address)
        assert shown.status_code == 200
        assert ("how many is withheld" in text_of(shown)) == bool(missing)
