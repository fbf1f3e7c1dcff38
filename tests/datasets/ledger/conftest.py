"""A guarded hospital, and somebody who asks about it."""

import pytest

from tests.factories import DatasetFactory, MembershipFactory, StudySiteFactory


@pytest.fixture
def contributor(project):
    return MembershipFactory(project=project, role="contributor").user


@pytest.fixture
def cleveland(project):
    site = StudySiteFactory(project=project, name="Cleveland", country="USA")
    return DatasetFactory(
        project=project, site=site, access="controlled", threshold=5, release_policy="gate"
    )
