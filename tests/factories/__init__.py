"""Objects for tests, with the least that makes them real."""

from tests.factories.analyses import (
    AnalysisFactory,
    AnalysisInputFactory,
    MappingFactory,
    ReleaseFactory,
    SharedVariableFactory,
    table_version,
)
from tests.factories.datasets import ColumnFactory, DatasetFactory, JobFactory, VersionFactory
from tests.factories.members import (
    InstitutionFactory,
    ProfileFactory,
    UserFactory,
    sign_in,
    token_of,
)
from tests.factories.projects import (
    GrantFactory,
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    StudySiteFactory,
)

__all__ = [
    "AnalysisFactory",
    "AnalysisInputFactory",
    "ColumnFactory",
    "DatasetFactory",
    "GrantFactory",
    "InstitutionFactory",
    "JobFactory",
    "JoinRequestFactory",
    "MappingFactory",
    "MembershipFactory",
    "OpeningFactory",
    "ProfileFactory",
    "ProjectFactory",
    "ReleaseFactory",
    "SharedVariableFactory",
    "StudySiteFactory",
    "UserFactory",
    "VersionFactory",
    "sign_in",
    "table_version",
    "token_of",
]
