"""Objects for tests, with the least that makes them real."""

from tests.factories.members import InstitutionFactory, ProfileFactory, UserFactory
from tests.factories.projects import (
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    StudySiteFactory,
)

__all__ = [
    "InstitutionFactory",
    "JoinRequestFactory",
    "MembershipFactory",
    "OpeningFactory",
    "ProfileFactory",
    "ProjectFactory",
    "StudySiteFactory",
    "UserFactory",
]
