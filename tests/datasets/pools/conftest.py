"""Two hospitals, one of which says patient and the other person."""

import pytest

from tests.factories import (
    DatasetFactory,
    MappingFactory,
    MembershipFactory,
    ProjectFactory,
    SharedVariableFactory,
    StudySiteFactory,
    UserFactory,
    table_version,
)


@pytest.fixture
def member():
    return UserFactory()


@pytest.fixture
def project(lead, member):
    project = ProjectFactory(lead=lead, slug="heart")
    MembershipFactory(project=project, user=member, role="contributor")
    return project


@pytest.fixture
def versions(project, lead):
    """Oslo's ages are in months; both bring a column of their own besides."""
    age = SharedVariableFactory(project=project, name="age", type="number", unit="a")
    found = []
    for name, country, column, values, rule in (
        ("Oslo", "NOR", "months", [480, 486, None], {"kind": "expression", "sql": "months / 12.0"}),
        ("Lima", "PER", "age", [50, 51], {"kind": "copy", "column": "age"}),
    ):
        version = table_version(
            {
                column: ("number", [v and float(v) for v in values]),
                "ward": ("text", ["a"] * len(values)),
            },
            dataset=DatasetFactory(
                project=project,
                site=StudySiteFactory(project=project, name=name, country=country),
                created_by=lead,
            ),
        )
        MappingFactory(
            variable=age, dataset=version.dataset, version=version, rule=rule, changed_by=lead
        )
        found.append(version)
    return found


@pytest.fixture
def named(versions):
    """The versions as the API names them."""
    return [{"dataset": one.dataset_id, "version": one.number} for one in versions]
