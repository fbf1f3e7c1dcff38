"""Receive files as versions of a dataset, and read them again with other options."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext

from datasets.choices import VERSION_TRANSITIONS, JobKind, VersionState
from datasets.datasets import actions as datasets
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, lacks_scope, require
from datasets.datasets.rules import rules_for
from datasets.engine.reading.readers import OptionError, ReadOptions, check_upload
from datasets.uploads import work as ingestion
from datasets.versions import storage
from datasets.versions.models import Version
from datasets.versions.shown import keyed
from datasets.versions.words import problem_told
from members.audit_events import actions as audit_events
from members.models import User
from portal.common.exceptions import Conflict, Invalid
from portal.common.text import told
from portal.common.transitions import move
from portal.jobs.queue import enqueue
from projects.models import Project, StudySite
from projects.projects.actions import mark_active
from projects.projects.permissions import require as require_in_project
from projects.roles import Permission


def upload(
    *,
    dataset: Dataset,
    file: File,
    by: User,
    sha256: str = "",
    options: dict[str, Any] | None = None,
) -> Version:
    """Keep the file and queue its reading. What its first bytes show to be wrong is refused.

    `sha256`, if given, is what the sender computed; `options` fix how it is read, what they leave
    out is proposed from the file.
    """
    require(by, DatasetPermission.BRING, dataset)
    fixed = read_options(options)
    with _kept(file, sha256) as (received, key), transaction.atomic():
        return _receive(dataset, received, key, fixed, by)


def bring(
    *,
    project: Project,
    site: StudySite,
    file: File,
    by: User,
    sha256: str = "",
    options: dict[str, Any] | None = None,
    **description: Any,
) -> Dataset:
    """A new dataset with its first version, in one step: both are there, or neither."""
    require_in_project(by, Permission.ADD_DATA, project)
    fixed = read_options(options)
    with _kept(file, sha256) as (received, key), transaction.atomic():
        dataset = datasets.create(project=project, site=site, by=by, **description)
        _receive(dataset, received, key, fixed, by)
    return dataset


def require_reading_again(user: User, version: Version, *, reads_data: bool = True) -> None:
    """Raise `NotAllowed` unless the person may; of guarded data only if they, and the token, read
    the rows.

    A guessed missing code tells by the profile whether anybody has that value.
    """
    dataset = version.dataset
    require(user, DatasetPermission.CHANGE, dataset)
    if rules_for(dataset).is_open:
        return
    require(user, DatasetPermission.READ_ROWS, dataset)
    if not reads_data:
        raise lacks_scope()


@transaction.atomic
def read_again(*, version: Version, options: dict[str, Any], by: User) -> Version:
    """Read the same original with other options.

    A version that failed is read in its place; from a ready one, which stays as it is, a new
    version is made.
    """
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=version.dataset_id)
    require_reading_again(by, version)
    fixed = read_options(options)
    version = Version.objects.select_for_update().get(pk=version.pk)
    if version.is_unfinished:
        raise Conflict(gettext("This file is being read already."), code="job_active")
    if version.state == VersionState.FAILED:
        ingestion.forget_failure(version)
        move(
            version,
            VersionState.RECEIVED,
            table=VERSION_TRANSITIONS,
            options=fixed,
            problems=[],
        )
        _queue(version, "version.read_again", by)
        return version
    again = Version.objects.create(
        dataset=dataset,
        number=next_number(dataset),
        filename=version.filename,
        original_key=version.original_key,
        bytes=version.bytes,
        sha256=version.sha256,
        options=fixed,
        created_by=by,
    )
    _queue(again, "version.read_again", by)
    return again


def read_options(options: dict[str, Any] | None) -> dict[str, Any]:
    """What was fixed, in the engine's form; raises `Invalid` for what does not fit."""
    try:
        return ReadOptions.from_dict(options or {}).to_dict() if options else {}
    except OptionError as error:
        raise Invalid(errors={"options": told(error.detail.kept)}, code="bad_option") from error
    except (TypeError, AttributeError) as error:
        text = gettext("Missing codes are a list of texts, types an object of column to type.")
        raise Invalid(errors={"options": text}, code="bad_option") from error


def refuse_unreadable(received: storage.Quarantined, sha256: str) -> None:
    """Refuse at once what a look at the bytes shows, before anything is stored."""
    expected = sha256.strip().lower()
    if expected and not re.fullmatch(r"[0-9a-f]{64}", expected):
        raise Invalid(errors={"sha256": gettext("A SHA-256 has 64 hexadecimal digits.")})
    if expected and expected != received.sha256:
        raise Invalid(
            errors={
                "sha256": gettext(
                    "The bytes that arrived have the SHA-256 %(sha256)s. Something changed on the "
                    "way; send the file again."
                )
                % {"sha256": received.sha256}
            },
            code="checksum_mismatch",
        )
    for problem in check_upload(received.path, received.name or ""):
        said = problem_told(problem.to_dict())
        raise Invalid(
            errors={"file": f"{said['detail']} {said['cure']}".strip()}, code=problem.code
        )


def next_number(dataset: Dataset) -> int:
    """The number of the dataset's next version; the caller holds the dataset's row."""
    newest = dataset.versions.order_by("-number").values_list("number", flat=True).first()
    return (newest or 0) + 1


@contextmanager
def _kept(file: File, sha256: str) -> Iterator[tuple[storage.Quarantined, str]]:
    """The file and the key it is kept under, if what is made of it inside comes about.

    Kept before any transaction begins: a large file takes minutes, and whoever writes to the audit
    trail would wait for them.
    """
    received = storage.quarantine(file)
    try:
        refuse_unreadable(received, sha256)
        key = storage.keep_original(received)
    finally:
        received.close()
    try:
        yield received, key
    except BaseException:
        storage.delete(key)
        raise


def _receive(
    dataset: Dataset, received: storage.Quarantined, key: str, fixed: dict[str, Any], by: User
) -> Version:
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    newest = dataset.versions.order_by("-number").first()
    if newest is not None and newest.sha256 == received.sha256:
        raise Conflict(
            gettext(
                "Version %(number)s of this dataset has exactly these bytes. To read them "
                "differently, change its reading options."
            )
            % {"number": newest.number},
            code="duplicate_file",
        )
    version = Version.objects.create(
        dataset=dataset,
        number=next_number(dataset),
        filename=received.name or "",
        original_key=key,
        bytes=received.length,
        sha256=received.sha256,
        options=fixed,
        created_by=by,
    )
    _queue(version, "version.uploaded", by)
    return version


def _queue(version: Version, action: str, by: User) -> None:
    """Queue the reading, show the project as alive, and write it down."""
    dataset = version.dataset
    enqueue(kind=JobKind.INGEST, target_id=version.pk, project_id=dataset.project_id, by=by)
    mark_active(dataset.project)
    audit_events.record(
        action,
        version,
        by=by,
        scopes={"project": dataset.project_id, "dataset": dataset.pk},
        after={
            "number": version.number,
            "filename": version.filename,
            # Not everybody who reads the trail may read the rows.
            "sha256": keyed(version.sha256, dataset.pk),
            "options": version.options,
        },
    )
