"""Read an uploaded file: a typed table, a profile of every column, or what is wrong with it."""

from typing import Any

import structlog
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy, gettext_noop, ngettext_lazy

from datasets.choices import VERSION_TRANSITIONS, VersionState
from datasets.columns.models import Column
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import steers
from datasets.datasets.visibility import rows_read
from datasets.engine.reading.child import Limits
from datasets.engine.reading.ingest import IngestResult
from datasets.engine.reading.problems import ChildKilled, IngestError, Problem
from datasets.engine.reading.readers import ReadOptions
from datasets.engine.reading.sandbox import ingest_in_child
from datasets.ledger.work import judge_again, judge_profile
from datasets.versions import storage
from datasets.versions.models import Version
from datasets.versions.shown import keyed, withheld
from datasets.versions.words import problem_told
from members.audit_events import actions as audit_events
from members.notifications import actions as notifications
from portal.common.exceptions import NoRoom
from portal.common.pages import Crumb
from portal.common.text import counted, filled
from portal.common.transitions import move
from portal.jobs.choices import JobState
from portal.jobs.handlers import Effects, Handler
from portal.jobs.models import Job
from portal.jobs.running import Context, JobFailed, Stopped
from projects.projects.words import project_crumbs

STRAY_SECONDS = 24 * 3600.0
MADE_AGAIN_SECONDS = 7 * 24 * 3600.0
"""So long after it was last read a harmonised table is kept; then its room is worth more."""

log = structlog.get_logger(__name__)


def work(job: Job, context: Context) -> Effects:
    """Read the version's file in a child process and keep the table made of it."""
    version = Version.objects.select_related("dataset__project", "created_by").get(pk=job.target_id)

    def progress(stage: str, fraction: float, message: str) -> None:
        if stage != version.state:
            with context.fenced():
                move(version, stage, table=VERSION_TRANSITIONS)
        context.report(fraction, message)

    with storage.local(version.original_key) as source, storage.scratch() as folder:
        target = folder / "table.parquet"
        try:
            result = ingest_in_child(
                source,
                target,
                ReadOptions.from_dict(version.options),
                version.filename,
                progress,
                context.should_stop,
                limits(),
            )
            if result.sha256 != version.sha256:
                raise IngestError([DAMAGED])
            context.stop_if_asked()
            key = storage.new_key(storage.TABLES)
            storage.keep(key, target)
            judged = judge_profile(version, key, result.rows)
            version.profile_of, version.profile_moved = judged.instead, judged.moved
        except IngestError as error:
            if isinstance(error, ChildKilled) and error.code == "cancelled":
                raise Stopped from error
            if isinstance(error, ChildKilled) and error.code == "stalled" and may_try_again(job):
                raise  # an accident on our side, so the job is given back
            raise refused(version, error.problems) from error
        except NoRoom as error:
            raise refused(version, [Problem(error.code, error.detail)]) from error
    return lambda: publish(version, result, key)


def follow(job: Job, state: str) -> None:
    """A version whose job failed, was cancelled or is repeated."""
    version = Version.objects.select_related("dataset__project", "created_by").get(pk=job.target_id)
    if state == JobState.QUEUED:
        forget_failure(version)
        move(version, VersionState.RECEIVED, table=VERSION_TRANSITIONS, problems=[])
    elif state == JobState.CANCELLED:
        fail(version, [CANCELLED], tell=False)
    else:
        error = {"code": "failed", "detail": ""} | (job.error or {})
        told = {name: error[name] for name in ("code", "detail", "said") if name in error}
        fail(version, [Problem.from_dict(told)])


def publish(version: Version, result: IngestResult, key: str) -> None:
    """The version is ready: its columns, its table and its state appear together."""
    # The dataset's lock comes before its versions', here as in every action.
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=version.dataset_id)
    state = VersionState.READY_WITH_WARNINGS if result.problems else VersionState.READY
    move(
        version,
        state,
        table=VERSION_TRANSITIONS,
        rows=result.rows,
        column_count=len(result.columns),
        table_key=key,
        table_sha256=result.parquet_sha256,
        table_bytes=result.parquet_bytes,
        read_options=result.options.to_dict(),
        profile_of=version.profile_of,
        profile_moved=version.profile_moved,
        problems=[problem.to_dict() for problem in result.problems],
        published_at=Now(),
    )
    # The threshold may have been raised since the profiles were compared.
    judge_again(dataset)
    dictionary = earlier_dictionary(version)
    Column.objects.bulk_create(
        [
            Column(
                version=version,
                position=position,
                name=profile["name"],
                type=profile["type"],
                profile=profile,
                **dictionary.get(profile["name"], {}),
            )
            for position, profile in enumerate(result.columns)
        ],
        batch_size=1000,
    )
    _tell_ready(version, result)
    audit_events.record(
        "version.ready",
        version,
        by=None,
        scopes={"project": dataset.project_id, "dataset": dataset.pk},
        after={
            # Read by who may not read the rows, now or once they are kept.
            "rows": version.rows_for(reads=False).n,
            "columns": len(result.columns),
            "table_sha256": keyed(result.parquet_sha256, dataset.pk),
            "warnings": sorted({problem.code for problem in result.problems}),
        },
    )


def _tell_ready(version: Version, result: IngestResult) -> None:
    dataset = version.dataset
    # Read by tokens without the right to rows, and by who once had it.
    rows = version.rows_for(reads=False)
    notifications.notify(
        [version.created_by],
        event=f"version.{version.pk}.ready",
        kind="version_ready",
        text=filled(
            gettext_lazy("%(dataset)s, version %(number)s, is ready: %(rows)s, %(columns)s."),
            dataset=dataset.title,
            number=version.number,
            rows=filled(
                ngettext_lazy("%(count)s row", "%(count)s rows", rows.quantity), count=rows
            ),
            columns=filled(
                ngettext_lazy("%(count)s column", "%(count)s columns", len(result.columns)),
                count=counted(len(result.columns)),
            ),
        ),
        because=gettext_lazy("You uploaded it."),
        group=dataset.project.title,
        project_id=dataset.project_id,
        url=dataset.get_absolute_url(),
    )


def fail(version: Version, problems: list[Problem], *, tell: bool = True) -> None:
    """The file stays as it came; why it could not be read is kept beside it."""
    move(
        version,
        VersionState.FAILED,
        table=VERSION_TRANSITIONS,
        problems=[problem.to_dict() for problem in problems],
    )
    dataset = version.dataset
    if tell:
        notifications.notify(
            [version.created_by],
            event=failure_event(version),
            kind="version_failed",
            text=filled(
                # Never what was wrong: that can quote a cell, and this is kept and mailed.
                gettext_lazy(
                    "%(dataset)s, version %(number)s: your file is safe, we could not read it."
                ),
                dataset=dataset.title,
                number=version.number,
            ),
            because=gettext_lazy("You uploaded it."),
            group=dataset.project.title,
            project_id=dataset.project_id,
            url=version.get_absolute_url(),
            action_label=gettext_lazy("See what to do"),
        )
    audit_events.record(
        "version.failed",
        version,
        by=None,
        scopes={"project": dataset.project_id, "dataset": dataset.pk},
        after={"problems": sorted({problem.code for problem in problems})},
    )


def forget_failure(version: Version) -> None:
    """Somebody deals with it: take the failure off the inbox."""
    notifications.settle(event=failure_event(version))


def failure_event(version: Version) -> str:
    """Names this failure; when a later reading fails too, that is told again."""
    job = version.latest_job()
    return f"version.{version.pk}.failed.{job.pk if job else 0}.{job.attempt if job else 0}"


def refused(version: Version, problems: list[Problem]) -> JobFailed:
    """The job's failure with the first problem, the version's with all of them."""
    first = problems[0]
    kept = first.to_dict()
    place = {name: kept[name] for name in ("row", "column", "said") if name in kept}
    failure = JobFailed(first.code, first.detail, **place)
    failure.effects = lambda: fail(version, problems)
    return failure


def may_try_again(job: Job) -> bool:
    """Whether the job has an attempt left after this one."""
    return job.attempt < job.last_attempt


def earlier_dictionary(version: Version) -> dict[str, dict[str, str]]:
    """Labels and units that people wrote for an earlier version, by column."""
    earlier = (
        Version.objects.ready()
        .filter(dataset=version.dataset, number__lt=version.number)
        .order_by("-number")
        .first()
    )
    if earlier is None:
        return {}
    return {
        name: {"label": label, "unit": unit}
        for name, label, unit in earlier.columns.values_list("name", "label", "unit")
    }


def limits() -> Limits:
    """What one reading may use, from the settings."""
    return Limits(
        memory_mb=settings.INGEST_MEMORY_BYTES // 1024**2,
        cpu_seconds=settings.INGEST_CPU_SECONDS,
        quiet_seconds=settings.INGEST_QUIET_SECONDS,
    )


CANCELLED = Problem(
    "cancelled",
    gettext_noop("The reading was cancelled."),
    cure=gettext_noop("Start the reading again when you are ready."),
)


DAMAGED = Problem(
    "checksum_mismatch",
    gettext_noop("The stored file is not the one that was uploaded."),
    cure=gettext_noop("Upload the file again, and tell the portal’s operators."),
)


def remove_strays() -> None:
    """Remove files that no version names, and those that can be made again."""
    for folder, column in ((storage.ORIGINALS, "original_key"), (storage.TABLES, "table_key")):
        for key in storage.old_keys(folder, STRAY_SECONDS):
            if not Version.objects.filter(Q(**{column: key})).exists():
                storage.delete(key)
                log.info("stray_file_removed", key=key)
    for key in storage.old_keys(storage.HARMONISED, MADE_AGAIN_SECONDS):
        storage.delete(key)
    storage.clear_leftovers(STRAY_SECONDS)


def error_for(user: Any, job: Job, *, exact: bool = True) -> dict[str, Any] | None:
    """Why a file could not be read; without what it said for whoever may not read its rows."""
    if job.error is None:
        return None
    readable = Version.objects.filter(pk=job.target_id).filter(rows_read(user, "dataset__"))
    return problem_told(job.error) if exact and readable.exists() else withheld(job.error)


def crumbs(job: Job) -> list[Crumb]:
    """The project and the version the job reads."""
    version = Version.objects.select_related("dataset__project").get(pk=job.target_id)
    return [
        *project_crumbs(version.dataset.project),
        Crumb(version.title, version.get_absolute_url()),
    ]


HANDLER = Handler(
    title=gettext_lazy("Read an uploaded file"),
    work=work,
    follow=follow,
    steered_by=steers,
    error_for=error_for,
    crumbs=crumbs,
)
