"""What tests of jobs ask for."""

import pytest

from portal.jobs.models import Job
from tests.factories import DatasetFactory, MembershipFactory
from tests.factories.files import uploaded
from tests.workers import empty_broker


@pytest.fixture
def fresh_broker() -> None:
    """No hint waits, and the broker does not count as away."""
    empty_broker()


@pytest.fixture
def job() -> Job:
    """A queued job: a member's upload waits to be read."""
    dataset = DatasetFactory()
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    return uploaded(dataset).latest_job()
