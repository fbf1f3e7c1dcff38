"""One dataset's rule is applied to the others: by whom, and what looking at them costs."""

import pytest

from datasets.models import Mapping
from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    SharedVariableFactory,
    table_version,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

CHOL = {"Chol": ("integer", [0, 180, 200])}
COPY = {"kind": "copy", "column": "Chol"}
RECODE = {"kind": "recode", "column": "Chol", "map": {"0": None}, "otherwise": {"kind": "copy"}}


def test_a_dataset_in_another_unit_is_not_ticked_and_says_so(page, api, lead, project):
    variable = SharedVariableFactory(project=project, name="chol", type="number", unit="mmol/L")
    version, other = (
        table_version({"Chol": ("number", [5.0])}, dataset=DatasetFactory(project=project))
        for _ in range(2)
    )
    other.columns.update(unit="mg/dL")
    MappingFactory(variable=variable, version=version, rule=COPY)
    url = f"/projects/heart/variables/chol/mappings/{version.dataset_id}/apply/"
    shown = page(lead).get(url)
    assert "Its dictionary says mg/dL and the variable is in mmol/L" in text_of(shown)
    assert f'value="{other.dataset_id}"' in shown.text
    assert " checked" not in shown.text
    call = f"/api/v1/projects/heart/variables/chol/mappings/{other.dataset_id}/preview/"
    tried = api(lead).post(call, {"version": other.number, "rule": COPY})
    [said] = tried.data["cautions"]
    assert said in text_of(shown)


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


def test_only_whoever_may_map_a_dataset_applies_its_rule_elsewhere(page, project):
    variable = SharedVariableFactory(project=project, name="chol")
    version = table_version(CHOL, dataset=DatasetFactory(project=project))
    MappingFactory(variable=variable, version=version, rule=COPY)
    keeper = MembershipFactory(project=project, role="contributor").user
    own = DatasetFactory(project=project, access="open", created_by=keeper)
    table_version(CHOL, dataset=own)
    client = page(keeper)
    url = f"/projects/heart/variables/chol/mappings/{version.dataset_id}/apply/"
    assert client.get(url).status_code == 403
    assert client.post(url, {"dataset": str(own.pk)}).status_code == 403
    assert not Mapping.objects.filter(dataset=own).exists()
