"""What tests of projects ask for."""

import pytest

from members.models import User
from projects.models import Project
from tests.factories import ProjectFactory


@pytest.fixture
def project(lead: User) -> Project:
    """A project that `lead` leads, at /projects/hearts/."""
    return ProjectFactory(lead=lead, slug="hearts", title="Hearts")
