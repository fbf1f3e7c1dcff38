"""Versions whose files were really received, read and kept."""

import json
from copy import deepcopy
from functools import cache

from django.core.files.base import ContentFile

from datasets.engine.reading.ingest import IngestResult, ingest
from datasets.engine.reading.readers import ReadOptions
from datasets.models import Dataset, Version
from datasets.uploads import actions as versions
from datasets.uploads import work as ingestion
from datasets.versions import storage
from members.models import User
from portal.jobs.models import Job
from portal.jobs.running import claim, succeed

PATIENTS = b"age,sex,chol,num\n" + b"".join(
    b"%d,%s,%s,%d\n" % (40 + n % 30, b"mf"[n % 2 :][:1], b"?" if n % 9 == 0 else b"%d" % n, n % 2)
    for n in range(180, 300)
)


def uploaded(
    dataset: Dataset,
    content: bytes = PATIENTS,
    *,
    by: User | None = None,
    filename: str = "patients.csv",
) -> Version:
    """A version that was just received."""
    file = ContentFile(content, name=filename)
    return versions.upload(dataset=dataset, file=file, by=by or dataset.created_by)


def read(version: Version) -> Version:
    """The version after its file was read: here and now, in no child, in the test's transaction."""
    job = claim(Job.objects.get(kind="ingest", target_id=version.pk).pk)
    assert job is not None
    with storage.local(version.original_key) as source, storage.scratch() as folder:
        result, table = ingested(source.read_bytes(), json.dumps(version.options), version.filename)
        (folder / "table").write_bytes(table)
        key = storage.new_key(storage.TABLES)
        storage.keep(key, folder / "table")
    assert succeed(job, lambda: ingestion.publish(version, deepcopy(result), key))
    version.refresh_from_db()
    return version


@cache
def ingested(content: bytes, options: str, filename: str) -> tuple[IngestResult, bytes]:
    """What comes of a file, and its table: most tests bring the same few files."""
    with storage.scratch() as folder:
        source, table = folder / "source", folder / "table"
        source.write_bytes(content)
        read = ReadOptions.from_dict(json.loads(options))
        result = ingest(source, table, read, filename, lambda *told: None)
        return result, table.read_bytes()


def ready_version(dataset: Dataset, content: bytes = PATIENTS, **kwargs) -> Version:
    """A version with its table and its columns."""
    return read(uploaded(dataset, content, **kwargs))
