"""What a person may do with a dataset: the project's roles, and the keeper's own rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets.engine.guard import disclosure
from datasets.engine.methods import METHODS, Caution
from datasets.engine.results.provenance import sha256_of
from datasets.models import Analysis, Column, Dataset, Job, JobKind, Mapping, Version
from datasets.visibility import rows_read
from portal.common.exceptions import NotAllowed
from projects.permissions import Permission, permissions_of


def can_change(user: Any, dataset: Dataset) -> bool:
    """Stewards and leads may change any dataset, contributors those they keep."""
    granted = permissions_of(user, dataset.project)
    return Permission.MANAGE_DATA in granted or (
        Permission.ADD_DATA in granted and dataset.created_by_id == user.pk
    )


def require_change(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may change the dataset."""
    if not can_change(user, dataset):
        raise NotAllowed("Only the person who keeps this dataset, a steward or a lead may do this.")


def can_read_rows(user: Any, dataset: Dataset) -> bool:
    """Whether the person may read the dataset's rows; asked again at each request."""
    return Dataset.objects.rows_readable_by(user).filter(pk=dataset.pk).exists()


def require_rows(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may read the dataset's rows."""
    if not can_read_rows(user, dataset):
        raise NotAllowed(
            f"You see this dataset’s summaries, not its rows. Its access level is "
            f"“{dataset.get_access_display()}”.",
            code="rows_not_readable",
        )


def can_map(user: Any, dataset: Dataset) -> bool:
    """Stewards and leads may map any dataset, contributors those they keep."""
    granted = permissions_of(user, dataset.project)
    return Permission.HARMONISE in granted or (
        Permission.ADD_DATA in granted and dataset.created_by_id == user.pk
    )


def require_map(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may map the dataset."""
    if not can_map(user, dataset):
        raise NotAllowed("Only the person who keeps this dataset, a steward or a lead may map it.")


def require_rule(user: Any, dataset: Dataset, rule: dict[str, Any] | None) -> None:
    """Raise `NotAllowed` for a rule that can single out one row of rows the person may not read.

    One that multiplies a single person's value by a million writes that value into the mean.
    """
    if isinstance(rule, dict) and rule.get("kind") != "copy" and not can_read_rows(user, dataset):
        raise NotAllowed(
            "Only people who may read this dataset’s rows write recodings and expressions for it. "
            "You may copy a column.",
            code="rows_not_readable",
        )


def can_steer(user: Any, job: Job) -> bool:
    """Whoever began a job may cancel and repeat it while a contributor, stewards and leads any."""
    granted = permissions_of(user, job.project)
    return Permission.MANAGE_DATA in granted or (
        Permission.ADD_DATA in granted and job.created_by_id == user.pk
    )


def require_steering(user: Any, job: Job) -> None:
    """Raise `NotAllowed` unless the person may cancel and repeat the job."""
    if not can_steer(user, job):
        raise NotAllowed("Only the person who began this, a steward or a lead may do this.")


def gated_profiles(
    user: Any, dataset: Dataset, preview: dict[str, Any] | None
) -> tuple[dict[str, Any] | None, list[dict[str, str]]]:
    """A rule's before and after as the person may see them, and what was withheld."""
    if preview is None or can_read_rows(user, dataset):
        return preview, []
    return _gated(preview, dataset.threshold)


def previews_for(
    user: Any, mappings: Sequence[Mapping]
) -> dict[int, tuple[dict[str, Any] | None, list[dict[str, str]]]]:
    """For each mapping by id what `gated_profiles` answers; one query for all of them."""
    readable = set(
        Dataset.objects.rows_readable_by(user)
        .filter(pk__in=[mapping.dataset_id for mapping in mappings])
        .values_list("pk", flat=True)
    )
    return {
        mapping.pk: (mapping.preview, [])
        if mapping.preview is None or mapping.dataset_id in readable
        else _gated(mapping.preview, mapping.dataset.threshold)
        for mapping in mappings
    }


def _gated(preview: dict[str, Any], threshold: int) -> tuple[dict[str, Any], list[dict[str, str]]]:
    rows = preview["rows"]
    counts = [preview["turned_missing"], *(one["n"] for one in preview["outside_levels"])]
    small = any(0 < n < threshold for n in counts)
    shown = preview | {
        "before": [disclosure.gate_column(one, rows, threshold) for one in preview["before"]],
        "after": disclosure.gate_column(preview["after"], rows, threshold),
        "turned_missing": None if small else preview["turned_missing"],
        "outside_levels": [],
    }
    reason = f"exact extremes, rare values, and counts under {threshold}"
    return shown, [{"where": "the distributions", "reason": reason}]


def threshold_for(user: Any, analysis: Analysis) -> int | None:
    """The strictest threshold of the inputs, or None for whoever may read all their rows."""
    inputs = Dataset.objects.filter(versions__analysis_inputs__analysis=analysis)
    readable = Dataset.objects.rows_readable_by(user).values("pk")
    if not inputs.exclude(pk__in=readable).exists():
        return None
    return max(inputs.values_list("threshold", flat=True))


@dataclass(frozen=True)
class Answer:
    """An analysis' result as one person may see it, its hash, and where it came from."""

    result: dict[str, Any]
    warnings: list[dict[str, str]]
    suppressed: list[dict[str, str]]
    sha256: str
    provenance: dict[str, Any]


def answer_for(user: Any, analysis: Analysis) -> Answer | None:
    """The result as the person may see it; None while there is none."""
    if analysis.result is None or analysis.provenance is None:
        return None
    whole = Answer(
        analysis.result,
        analysis.warnings,
        analysis.suppressed,
        analysis.result_sha256,
        analysis.provenance,
    )
    threshold = threshold_for(user, analysis)
    if threshold is None:
        return whole
    method = METHODS[analysis.method]
    guarded = method.show(
        method.result.from_json(analysis.result),
        [Caution.from_json(one) for one in analysis.warnings],
        method.parameters.from_json(analysis.parameters),
        threshold,
    )
    shown = guarded.result.to_json()
    suppressed = [one.to_json() for one in guarded.suppressed]
    # The whole result's hash would let people try out what was withheld, one value at a time.
    sha256 = sha256_of(shown)
    steps = analysis.provenance["steps"]
    return Answer(
        shown,
        [one.to_json() for one in guarded.warnings],
        [*analysis.suppressed, *suppressed],
        sha256,
        analysis.provenance
        | {"steps": steps[:1] if suppressed else steps, "result_sha256": sha256},
    )


def can_read_audit(user: Any, dataset: Dataset) -> bool:
    """Whoever may change the dataset sees who did what to it."""
    return can_change(user, dataset)


def require_audit(user: Any, dataset: Dataset) -> None:
    """Raise `NotAllowed` unless the person may see who did what to the dataset."""
    if not can_read_audit(user, dataset):
        raise NotAllowed("Only the person who keeps this dataset, a steward or a lead may do this.")


def profile_for(
    user: Any, version: Version, *, exact: bool = True, columns: Sequence[Column] | None = None
) -> dict[str, Any]:
    """What the version's columns hold: exact for whoever may read its rows, else guarded.

    With `exact=False` it is guarded for everybody. `columns` saves asking for them twice.
    """
    profile = {
        "rows": version.rows,
        "columns": [
            {**column.profile, "label": column.label, "unit": column.unit}
            for column in (version.columns.all() if columns is None else columns)
        ],
    }
    if exact and can_read_rows(user, version.dataset):
        return {**profile, "exact": True}
    return {**disclosure.gate_profile(profile, version.dataset.threshold), "exact": False}


def problems_for(user: Any, version: Version, *, exact: bool = True) -> list[dict[str, Any]]:
    """What was wrong with the file; only its kind for whoever may not read the rows."""
    if not version.problems or (exact and can_read_rows(user, version.dataset)):
        return version.problems
    return [
        {**withheld(problem), "cure": problem["cure"]}
        for problem in {problem["code"]: problem for problem in version.problems}.values()
    ]


def job_error_for(user: Any, job: Job) -> dict[str, Any] | None:
    """Why a job failed; without what a file said for whoever may not read its rows."""
    if job.error is None or job.kind != JobKind.INGEST:
        return job.error
    readable = Version.objects.filter(pk=job.target_id).filter(rows_read(user, "dataset__"))
    return job.error if readable.exists() else withheld(job.error)


def withheld(error: dict[str, Any]) -> dict[str, Any]:
    """An error by its code alone: its text and place may give a value away."""
    detail = "You may not read this dataset’s rows, so details are withheld."
    return {"code": error["code"], "detail": detail, "row": None, "column": None, "value": None}
