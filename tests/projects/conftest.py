"""What tests of projects ask for."""

import pytest

from members.models import User
from projects.models import Project
from tests.factories import ProjectFactory


@pytest.fixture
def join_questions() -> list[str]:
    """What `project` asks of whoever wants to join."""
    return []


@pytest.fixture
def project(lead: User, join_questions: list[str]) -> Project:
    """A project that `lead` leads, at /projects/hearts/."""
    return ProjectFactory(lead=lead, slug="hearts", title="Hearts", join_questions=join_questions)
