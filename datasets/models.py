"""Every model of the app."""

from datasets.analyses.models import (
    Analysis,
    AnalysisInput,
    AnalysisPart,
    Draft,
    GuardedAnswer,
    Look,
)
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.domains.models import Domain
from datasets.ledger.models import Allowance, RowSet
from datasets.mappings.models import Mapping, MappingRevision
from datasets.pools.models import PooledInput, PooledTable
from datasets.releases.models import Release, ReleaseMessage
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version

__all__ = [
    "Allowance",
    "Analysis",
    "AnalysisInput",
    "AnalysisPart",
    "Column",
    "Dataset",
    "Domain",
    "Draft",
    "GuardedAnswer",
    "Look",
    "Mapping",
    "MappingRevision",
    "PooledInput",
    "PooledTable",
    "Release",
    "ReleaseMessage",
    "RowSet",
    "SharedVariable",
    "Version",
]
