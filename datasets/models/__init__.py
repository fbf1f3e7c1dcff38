"""Data, what is made of it, and the work in between."""

from datasets.models.analysis import (
    ANALYSIS_TRANSITIONS,
    Analysis,
    AnalysisInput,
    AnalysisPart,
    AnalysisState,
    Method,
)
from datasets.models.column import Column, ColumnType
from datasets.models.dataset import Access, Dataset
from datasets.models.job import Job, JobKind, JobState, WorkerHeartbeat
from datasets.models.mapping import Mapping, MappingRevision, MappingStatus
from datasets.models.shared_variable import SharedVariable
from datasets.models.version import VERSION_TRANSITIONS, Version, VersionState

__all__ = [
    "ANALYSIS_TRANSITIONS",
    "VERSION_TRANSITIONS",
    "Access",
    "Analysis",
    "AnalysisInput",
    "AnalysisPart",
    "AnalysisState",
    "Column",
    "ColumnType",
    "Dataset",
    "Job",
    "JobKind",
    "JobState",
    "Mapping",
    "MappingRevision",
    "MappingStatus",
    "Method",
    "SharedVariable",
    "Version",
    "VersionState",
    "WorkerHeartbeat",
]
