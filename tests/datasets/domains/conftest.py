"""A hospital whose keeper declares what its columns may hold."""

import pytest

from datasets.models import Dataset
from tests.factories import DatasetFactory, MembershipFactory, StudySiteFactory, UserFactory
from tests.factories.files import ready_version

WARDS = ["north"] * 60 + ["south"] * 50 + ["asylum"] * 3


def table(wards=WARDS, extreme=80):
    """Patients with a ward, an age, a weight; the last one is the oldest."""
    lines = ["ward,age,weight,visits"]
    for k, ward in enumerate(wards):
        quoted = '"' + ward.replace('"', '""') + '"'
        age = extreme if k == len(wards) - 1 else 30 + 7 * k % 41
        lines.append(f"{quoted},{age},{60 + 11 * k % 37}.5,{k % 3}")
    return "\n".join(lines).encode()


@pytest.fixture
def keeper(project):
    return MembershipFactory(
        project=project, role="contributor", user=UserFactory(name="Carla Keeper")
    ).user


@pytest.fixture
def asker(project):
    """A contributor who reads no rows of it."""
    return MembershipFactory(project=project, role="contributor").user


@pytest.fixture
def ward(project, keeper) -> Dataset:
    """A dataset that only its keeper reads, with one version."""
    site = StudySiteFactory(project=project, name="Cleveland", country="USA")
    dataset = DatasetFactory(
        project=project,
        site=site,
        title="Ward",
        access="summaries",
        release_policy="gate",
        created_by=keeper,
    )
    ready_version(dataset, table())
    return dataset
