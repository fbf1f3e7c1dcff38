"""The one door to bytes: whoever wants them, from page or script, comes through here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction
from django.utils.translation import gettext

from datasets.datasets.permissions import DatasetPermission, require
from datasets.engine.rows.export import write_csv
from datasets.versions import storage
from datasets.versions.models import Version
from members.accounts.sessions import Entry
from members.audit_events import actions as audit_events
from portal.common.exceptions import Conflict, Invalid

FORMATS = ("original", "csv", "parquet")


@dataclass(frozen=True)
class Opened:
    """Bytes that this person may have now; `sha256` is empty where they are made to order."""

    file: IO[bytes]
    filename: str
    content_type: str
    sha256: str


def open_file(*, version: Version, format: str, by: Any, part: str = "") -> Opened:
    """The version's bytes, for whoever may read its rows; each request is written down.

    Ask again for every `part` (an HTTP range) of a file: a right may have ended in between.
    """
    require(by, DatasetPermission.READ_ROWS, version.dataset)
    if format not in FORMATS:
        raise Invalid(
            errors={
                "format": gettext("Choose one of: %(values)s.") % {"values": ", ".join(FORMATS)}
            }
        )
    if format != "original":
        require_table(version)
    opened = _open(version, format)
    try:
        if format == "csv":
            # It was made just now, which takes its time.
            require(by, DatasetPermission.READ_ROWS, version.dataset)
        _write_down(version, format, part, by)
    except BaseException:
        opened.file.close()
        raise
    return opened


def may_go_on(*, version: Version, entry: Entry) -> bool:
    """Whether whoever was let in by `entry` may read the version's rows now; for long downloads.

    The database's answer is of this moment, and no connection is kept while the client reads.
    """
    try:
        person = entry.person()
        if person is None:
            return False
        return Version.objects.rows_readable_by(person).filter(pk=version.pk).exists()
    finally:
        if not connection.in_atomic_block:
            connection.close()


@contextmanager
def open_table(*, version: Version, by: Any) -> Iterator[Path]:
    """The version's table, for a look at some of its rows."""
    require(by, DatasetPermission.READ_ROWS, version.dataset)
    require_table(version)
    with storage.local(version.table_key) as path:
        yield path


def require_table(version: Version) -> None:
    """Rows exist once the file has been read."""
    if not version.is_ready:
        raise Conflict(
            gettext("Version %(number)s has no rows; its state is “%(state)s”.")
            % {"number": version.number, "state": version.get_state_display()},
            code="version_not_ready",
        )


def _open(version: Version, format: str) -> Opened:
    stem = f"{Path(version.filename).stem or 'data'}-v{version.number}"
    if format == "original":
        with storage.local(version.original_key) as path:
            kind = "application/octet-stream"
            return Opened(path.open("rb"), version.filename, kind, version.sha256)
    return opened_table(version.table_key, version.table_sha256, stem, format)


def opened_table(key: str, sha256: str, stem: str, format: str) -> Opened:
    """A table as Parquet, as it is kept, or as CSV; asks nobody whether that is allowed."""
    with storage.local(key) as table:
        if format == "parquet":
            kind = "application/vnd.apache.parquet"
            return Opened(table.open("rb"), f"{stem}.parquet", kind, sha256)
        with storage.scratch() as folder:
            write_csv(table, folder / "table.csv")
            # The open file outlives its name.
            file = (folder / "table.csv").open("rb")
            return Opened(file, f"{stem}.csv", "text/csv; charset=utf-8", "")


@transaction.atomic
def _write_down(version: Version, format: str, part: str, by: Any) -> None:
    audit_events.record(
        "version.downloaded",
        version,
        by=by if by.is_authenticated else None,
        scopes={"project": version.dataset.project_id, "dataset": version.dataset_id},
        after={
            "number": version.number,
            "format": format,
            **({"range": part[:80]} if part else {}),
            **({} if by.is_authenticated else {"anonymous": True}),
        },
    )
