"""Objects for tests, with the least that makes them real."""

from tests.factories.datasets import ColumnFactory, DatasetFactory, JobFactory, VersionFactory
from tests.factories.members import InstitutionFactory, ProfileFactory, UserFactory
from tests.factories.projects import (
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    StudySiteFactory,
)

__all__ = [
    "ColumnFactory",
    "DatasetFactory",
    "InstitutionFactory",
    "JobFactory",
    "JoinRequestFactory",
    "MembershipFactory",
    "OpeningFactory",
    "ProfileFactory",
    "ProjectFactory",
    "StudySiteFactory",
    "UserFactory",
    "VersionFactory",
]
