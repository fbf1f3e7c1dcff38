"""Every model of the app."""

from datasets.analyses.models import Analysis, AnalysisInput, AnalysisPart
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.mappings.models import Mapping, MappingRevision
from datasets.pools.models import PooledInput, PooledTable
from datasets.releases.models import Release
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version

__all__ = [
    "Analysis",
    "AnalysisInput",
    "AnalysisPart",
    "Column",
    "Dataset",
    "Mapping",
    "MappingRevision",
    "PooledInput",
    "PooledTable",
    "Release",
    "SharedVariable",
    "Version",
]
