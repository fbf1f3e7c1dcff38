"""Closed lists of data: access levels, types, states and what may follow them."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy

from portal.common.transitions import Table

THRESHOLDS = (3, 5, 10, 11)
"""The smallest counts that a dataset may be told to show."""


class AnalysisState(models.TextChoices):
    """Where an analysis stands."""

    QUEUED = "queued", gettext_lazy("Waiting for a worker")
    RUNNING = "running", gettext_lazy("Running")
    SUCCEEDED = "succeeded", gettext_lazy("Done")
    FAILED = "failed", gettext_lazy("Failed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


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

    INTEGER = "integer", gettext_lazy("whole number")
    NUMBER = "number", gettext_lazy("number")
    BOOLEAN = "boolean", gettext_lazy("yes or no")
    DATE = "date", gettext_lazy("date")
    DATETIME = "datetime", gettext_lazy("date and time")
    CATEGORY = "category", gettext_lazy("category")
    TEXT = "text", gettext_lazy("text")
    IDENTIFIER = "identifier", gettext_lazy("identifier")


class Access(models.TextChoices):
    """Who may read the rows; the same on page, API, download and search."""

    OPEN = "open", gettext_lazy("Open: everyone")
    REGISTERED = "registered", gettext_lazy("Registered: everyone with an account")
    PROJECT = "project", gettext_lazy("Project: its contributors")
    CONTROLLED = "controlled", gettext_lazy("Controlled: stewards, leads and whom they grant it")
    SUMMARIES = "summaries", gettext_lazy("Summaries only: rows stay with their keeper")


GUARDED_ACCESS = (Access.CONTROLLED, Access.SUMMARIES)
"""Whoever may ask a question of these need not read their rows: their own rules stand before all
answers, and somebody releases them."""


class DisclosureRules(models.TextChoices):
    """What leaves a dataset whose rows few may read, from loose to strict.

    The rules themselves are the engine's. Of data that everybody who asks may read there are none.
    """

    STANDARD = "standard", gettext_lazy("Standard: tables, means, bins and models of enough rows")
    STRICT = "strict", gettext_lazy("Strict: the same of at least ten rows, and smaller models")
    SUMS_ONLY = "sums_only", gettext_lazy("Sums only: strict, without quantiles and histograms")


class Overlap(models.TextChoices):
    """Whether people in a dataset are also in another one of its project."""

    NOT_STATED = "not_stated", gettext_lazy("Not stated")
    NONE = "none", gettext_lazy("Nobody is in another dataset")
    POSSIBLE = "possible", gettext_lazy("Some may be in another dataset")
    KNOWN = "known", gettext_lazy("Some are in another dataset")


class ReleasePolicy(models.TextChoices):
    """Who lets an answer over a guarded dataset go, once its numbers have passed the rules."""

    GATE = "gate", gettext_lazy("The rules alone: what they let through is released")
    PERSON = "person", gettext_lazy("A person: who keeps the rows reads each output first")
    TWO_PERSONS = "two_persons", gettext_lazy("Two persons: a second one confirms each release")


USUAL_RELEASE: dict[str, str] = {
    DisclosureRules.STANDARD: ReleasePolicy.PERSON,
    DisclosureRules.STRICT: ReleasePolicy.TWO_PERSONS,
    DisclosureRules.SUMS_ONLY: ReleasePolicy.PERSON,
}
"""Who releases where the owner does not choose."""


class ReleaseOutcome(models.TextChoices):
    """Where one dataset's share of an output stands."""

    HELD = "held", gettext_lazy("Waits for its keeper")
    RELEASED = "released", gettext_lazy("Released")
    REFUSED = "refused", gettext_lazy("Withheld")


RELEASE_TRANSITIONS: Table = {
    ReleaseOutcome.HELD: frozenset({ReleaseOutcome.RELEASED, ReleaseOutcome.REFUSED}),
    # A release can be taken back: from then on nobody reads it. One of a share that was held waits
    # again where its answer comes by other rules than those it was looked at by.
    ReleaseOutcome.RELEASED: frozenset({ReleaseOutcome.REFUSED, ReleaseOutcome.HELD}),
}


class ReleaseDecision(models.TextChoices):
    """What a person decided on an output; nothing where the rules did."""

    RELEASE = "release", gettext_lazy("Release")
    IN_PART = "in_part", gettext_lazy("Release in part")
    WITHHOLD = "withhold", gettext_lazy("Withhold")


class MappingStatus(models.TextChoices):
    """How well the dataset can provide the variable."""

    COMPLETE = "complete", gettext_lazy("Complete")
    PARTIAL = "partial", gettext_lazy("Partial")
    IMPOSSIBLE = "impossible", gettext_lazy("Impossible")
    UNDETERMINED = "undetermined", gettext_lazy("Undetermined")


WITH_RULE = (MappingStatus.COMPLETE, MappingStatus.PARTIAL)
"""Of these a rule says how."""


class VersionState(models.TextChoices):
    """How far the file has come."""

    RECEIVED = "received", gettext_lazy("Received")
    SCANNING = "scanning", gettext_lazy("Checking the file")
    PARSING = "parsing", gettext_lazy("Reading the rows")
    PROFILING = "profiling", gettext_lazy("Describing the columns")
    READY = "ready", gettext_lazy("Ready")
    READY_WITH_WARNINGS = "ready_with_warnings", gettext_lazy("Ready, with warnings")
    FAILED = "failed", gettext_lazy("Could not be read")


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
    GUARD = "guard"  # Analysis
    POOL = "pool"  # PooledTable
