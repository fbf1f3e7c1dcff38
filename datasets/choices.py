"""Closed lists of data: access levels, types, states and what may follow them."""

from enum import StrEnum

from django.db import models

from portal.common.transitions import Table


class Method(models.TextChoices):
    """The methods on offer."""

    DESCRIBE = "describe", "Describe variables"
    CORRELATION = "correlation", "Correlation"
    REGRESSION = "regression", "Regression"


class AnalysisState(models.TextChoices):
    """Where an analysis stands."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ANALYSIS_TRANSITIONS: Table = {
    AnalysisState.QUEUED: frozenset(
        {AnalysisState.RUNNING, AnalysisState.FAILED, AnalysisState.CANCELLED}
    ),
    AnalysisState.RUNNING: frozenset(
        {
            AnalysisState.RUNNING,
            AnalysisState.SUCCEEDED,
            AnalysisState.FAILED,
            AnalysisState.CANCELLED,
        }
    ),
    AnalysisState.FAILED: frozenset({AnalysisState.QUEUED}),
    AnalysisState.CANCELLED: frozenset({AnalysisState.QUEUED}),
}


class ColumnType(models.TextChoices):
    """What a column holds."""

    INTEGER = "integer", "whole number"
    NUMBER = "number", "number"
    BOOLEAN = "boolean", "yes or no"
    DATE = "date", "date"
    DATETIME = "datetime", "date and time"
    CATEGORY = "category", "category"
    TEXT = "text", "text"
    IDENTIFIER = "identifier", "identifier"


class Access(models.TextChoices):
    """Who may read the rows; the same on page, API, download and search."""

    OPEN = "open", "Open: everyone"
    REGISTERED = "registered", "Registered: everyone with an account"
    PROJECT = "project", "Project: its contributors"
    CONTROLLED = "controlled", "Controlled: stewards, leads and whom they grant it"
    SUMMARIES = "summaries", "Summaries only: rows stay with their keeper"


class MappingStatus(models.TextChoices):
    """How well the dataset can provide the variable."""

    COMPLETE = "complete", "Complete"
    PARTIAL = "partial", "Partial"
    IMPOSSIBLE = "impossible", "Impossible"
    UNDETERMINED = "undetermined", "Undetermined"


class VersionState(models.TextChoices):
    """How far the file has come."""

    RECEIVED = "received", "Received"
    SCANNING = "scanning", "Checking the file"
    PARSING = "parsing", "Reading the rows"
    PROFILING = "profiling", "Describing the columns"
    READY = "ready", "Ready"
    READY_WITH_WARNINGS = "ready_with_warnings", "Ready, with warnings"
    FAILED = "failed", "Could not be read"


UNFINISHED = frozenset(
    {
        VersionState.RECEIVED,
        VersionState.SCANNING,
        VersionState.PARSING,
        VersionState.PROFILING,
    }
)


READY_STATES = frozenset({VersionState.READY, VersionState.READY_WITH_WARNINGS})


# A worker that takes over after a crash starts at the first stage again.
VERSION_TRANSITIONS: Table = {
    **{state: UNFINISHED | READY_STATES | {VersionState.FAILED} for state in UNFINISHED},
    VersionState.FAILED: frozenset({VersionState.RECEIVED}),
}


class JobKind(StrEnum):
    """What workers do for this app, and in which table the job's target is looked up."""

    INGEST = "ingest"  # Version
    ANALYSE = "analyse"  # Analysis
    SUMMARISE = "summarise"  # AnalysisPart
