"""What tests of datasets ask for."""

import pytest

from datasets.models import Dataset
from members.models import User
from portal.jobs import running
from projects.models import Project, StudySite
from tests.factories import DatasetFactory, MembershipFactory, ProjectFactory, StudySiteFactory


@pytest.fixture
def project(lead: User) -> Project:
    """A project that `lead` leads, at /projects/heart/."""
    return ProjectFactory(lead=lead, slug="heart")


@pytest.fixture
def second_person(project: Project) -> None:
    """Of the project's rules each has to be approved by another person."""
    project.second_person = True
    project.save()


@pytest.fixture
def steward(project: Project) -> User:
    """A steward of the project."""
    return MembershipFactory(project=project, role="steward").user


@pytest.fixture
def site() -> StudySite:
    """A site of a project."""
    return StudySiteFactory()


@pytest.fixture
def dataset() -> Dataset:
    """A controlled dataset of a public project; who made it is a member and reads its rows."""
    dataset = DatasetFactory(project=ProjectFactory(visibility="public"), access="controlled")
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    return dataset


@pytest.fixture
def no_lease_is_extended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease's thread has a connection of its own, which sees nothing of an open transaction."""
    monkeypatch.setattr(running, "BEAT_SECONDS", 600)
