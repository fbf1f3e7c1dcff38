"""One dataset's rule is applied to the others: what looking at them costs."""

import pytest

from tests.factories import DatasetFactory, MappingFactory, SharedVariableFactory, table_version

pytestmark = pytest.mark.django_db

CHOL = {"Chol": ("integer", [0, 180, 200])}
RECODE = {"kind": "recode", "column": "Chol", "map": {"0": None}, "otherwise": {"kind": "copy"}}


def test_the_others_are_tried_with_as_many_queries_as_one(
    page, lead, project, django_assert_max_num_queries
):
    variable = SharedVariableFactory(project=project, name="chol", type="number")
    version = table_version(CHOL, dataset=DatasetFactory(project=project))
    MappingFactory(variable=variable, version=version, rule=RECODE)
    url = f"/projects/heart/variables/chol/mappings/{version.dataset_id}/apply/"
    client = page(lead)

    def add(count):
        """Two each: one whose rows the lead reads, one that keeps them."""
        for access in ("project", "summaries") * count:
            table_version(CHOL, dataset=DatasetFactory(project=project, access=access))

    add(1)
    client.get(url)
    with django_assert_max_num_queries(25) as few:
        client.get(url)
    add(5)
    with django_assert_max_num_queries(len(few)):
        shown = client.get(url)
    assert (len(shown.context["fitting"]), len(shown.context["misfits"])) == (6, 6)
