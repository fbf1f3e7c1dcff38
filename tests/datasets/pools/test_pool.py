"""What several versions offer together, and why something is not on offer."""

import pytest

from datasets.pools.pool import pool
from tests.factories import DatasetFactory, MappingFactory, SharedVariableFactory, table_version

pytestmark = pytest.mark.django_db


def test_files_that_nobody_mapped_offer_their_own_columns_and_it_is_said(page, api, lead, project):
    version = table_version(
        {"alter": ("number", [40.0, 50.0]), "sex": ("text", ["m", "w"])},
        dataset=DatasetFactory(project=project, created_by=lead),
    )
    for name, kind in (("age", "number"), ("sex", "text")):
        SharedVariableFactory(project=project, name=name, type=kind)
    found = pool(project, [version])
    assert list(found.variables) == ["alter", "sex"]
    why = "None of these datasets is mapped to age yet: the files’ own columns are on offer."
    assert found.left_out == {"age": why}
    assert why in page(lead).get("/projects/heart/analyses/new/").text
    question = {
        "title": "How old?",
        "method": "describe",
        "inputs": [{"dataset": version.dataset_id, "version": version.number}],
        "parameters": {"variables": ["age"], "by": None},
    }
    refused = api(lead).post("/api/v1/projects/heart/analyses/", question)
    assert (refused.status_code, refused.data["errors"][0]["detail"]) == (400, why)
    rule = {"kind": "copy", "column": "alter"}
    MappingFactory(variable=project.variables.get(name="age"), version=version, rule=rule)
    mapped = pool(project, [version])
    assert (list(mapped.variables), mapped.left_out) == (["age"], {})


def test_why_a_variable_is_not_on_offer_names_every_dataset(project, lead):
    """Only the last of them was named."""
    age = SharedVariableFactory(project=project, name="age", type="number", label="Age")
    versions = []
    for title, column in (("A", "gone"), ("B", "gone"), ("C", "lost")):
        dataset = DatasetFactory(project=project, created_by=lead, title=title)
        versions.append(table_version({"age": ("number", [40.0, 50.0])}, dataset=dataset))
        rule = {"kind": "copy", "column": column}
        MappingFactory(variable=age, version=versions[-1], dataset=dataset, rule=rule)
    found = pool(project, versions)
    first, second, third = (one.title for one in versions)
    why = found.left_out["age"]
    assert why.startswith(f"The rules of Age (age) do not fit {first} and {second}: There is no")
    assert f"The rule of Age (age) does not fit {third}: There is no column called “lost”." in why
    assert found.blocked == {"age": versions}
