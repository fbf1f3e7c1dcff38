"""Uploads: what is kept, what is refused at once, and reading the same file again."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.choices import VersionState
from datasets.columns import actions as columns
from datasets.models import Version
from datasets.uploads import actions as versions
from datasets.versions import storage
from datasets.versions.shown import keyed
from members.models import AuditEvent, Notification
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from portal.jobs import running
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from tests.factories import MembershipFactory, UserFactory
from tests.factories.files import PATIENTS, read, ready_version, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    """`kept()`: what this test has stored."""
    before = set(storage.old_keys("originals", -60))
    return lambda: set(storage.old_keys("originals", -60)) - before


def test_an_upload_leaves_version_job_and_audit_row(dataset):
    before = dataset.project.active_at
    version = uploaded(dataset)
    assert (version.number, version.state, version.bytes) == (1, "received", len(PATIENTS))
    assert version.sha256 == hashlib.sha256(PATIENTS).hexdigest()
    job = version.latest_job()
    assert (job.kind, job.state, job.project_id, job.created_by) == (
        *("ingest", "queued"),
        *(dataset.project_id, dataset.created_by),
    )
    event = AuditEvent.objects.get(action="version.uploaded")
    assert event.after["sha256"] == keyed(version.sha256, version.dataset_id)
    assert event.scopes.get(kind="dataset").number == dataset.pk
    dataset.project.refresh_from_db()
    assert dataset.project.active_at > before
    with storage.local(version.original_key) as path:
        assert path.read_bytes() == PATIENTS


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "a.csv", "empty_file"),
        (b"\n\n", "a.csv", "empty_file"),
        (PATIENTS, "a.exe", "bad_filename"),
        (PATIENTS, ".csv", "bad_filename"),
        (PATIENTS, "a\u202evsc.csv", "bad_filename"),
        (b"PK\x03\x04 xl/workbook.xml", "a.csv", "content_type_mismatch"),
        (b"PK\x03\x04 something", "a.csv", "archive_not_supported"),
        (b"\x1f\x8b rest", "a.csv", "archive_not_supported"),
        (b"<!DOCTYPE html><html>", "a.csv", "content_type_mismatch"),
        (b"<svg onload='alert(1)'>", "a.csv", "content_type_mismatch"),
        (b'{"a": [1, 2]}', "a.csv", "content_type_mismatch"),
        (b"PAR1 and no end", "a.csv", "bad_footer"),
    ],
)
def test_what_a_look_shows_is_refused_and_not_kept(dataset, content, filename, code, kept):
    with pytest.raises(Invalid) as caught:
        uploaded(dataset, content, filename=filename)
    assert caught.value.code == code
    assert caught.value.errors["file"]
    assert not Version.objects.exists()
    assert not kept()


def test_a_checksum_that_does_not_fit_is_refused(dataset, kept):
    file = ContentFile(PATIENTS, name="a.csv")
    with pytest.raises(Invalid) as caught:
        versions.upload(dataset=dataset, file=file, sha256="0" * 64, by=dataset.created_by)
    assert caught.value.code == "checksum_mismatch"
    with pytest.raises(Invalid, match="64"):
        versions.upload(dataset=dataset, file=file, sha256="abc", by=dataset.created_by)
    assert not kept()


def test_a_checksum_in_capitals_fits(dataset):
    digest = hashlib.sha256(PATIENTS).hexdigest().upper()
    file = ContentFile(PATIENTS, name="a.csv")
    assert versions.upload(dataset=dataset, file=file, sha256=digest, by=dataset.created_by).pk


def test_the_same_bytes_again_are_refused_by_name_of_the_version(dataset, kept):
    uploaded(dataset)
    with pytest.raises(Conflict, match="Version 1") as caught:
        uploaded(dataset)
    assert caught.value.code == "duplicate_file"
    assert len(kept()) == 1


@pytest.mark.parametrize(
    "options",
    [{"delimiter": "x"}, {"encoding": "klingon"}, {"types": {"age": "colour"}}, {"missing": 3}],
)
def test_options_that_do_not_fit_are_refused_before_anything_is_stored(dataset, options, kept):
    file = ContentFile(PATIENTS, name="a.csv")
    with pytest.raises(Invalid) as caught:
        versions.upload(dataset=dataset, file=file, options=options, by=dataset.created_by)
    assert caught.value.code == "bad_option"
    assert not kept()


@pytest.mark.parametrize("role", ["reader", "contributor"])
def test_others_do_not_upload(dataset, role, kept):
    other = MembershipFactory(project=dataset.project, role=role).user
    for by in (other, UserFactory()):
        with pytest.raises(NotAllowed):
            uploaded(dataset, by=by)
    assert not kept()


def test_a_failed_version_is_read_again_in_place(dataset):
    version = uploaded(dataset)
    job = running.claim(version.latest_job().pk)
    running.end(job, JobState.FAILED, {"code": "ragged_row", "detail": "Line 3 is short."})
    version.refresh_from_db()
    assert version.state == VersionState.FAILED
    assert version.problems[0]["code"] == "ragged_row"
    assert Notification.objects.open().get().kind == "version_failed"
    again = versions.read_again(version=version, options={"delimiter": ";"}, by=dataset.created_by)
    assert again == version
    again.refresh_from_db()
    assert (again.state, again.problems, again.options["delimiter"]) == ("received", [], ";")
    assert not Notification.objects.open().exists()
    assert again.latest_job() != job


def test_a_ready_version_is_read_again_as_a_new_one(dataset):
    first = ready_version(dataset)
    again = versions.read_again(
        version=first, options={"types": {"age": "number"}}, by=dataset.created_by
    )
    assert (again.number, again.original_key, again.sha256) == (2, first.original_key, first.sha256)
    read(again)
    assert again.columns.get(name="age").type == "number"
    assert first.columns.get(name="age").type == "integer"


def test_a_file_that_is_being_read_is_left_alone(dataset):
    version = uploaded(dataset)
    with pytest.raises(Conflict):
        versions.read_again(version=version, options={}, by=dataset.created_by)
    assert Job.objects.count() == 1


def test_what_columns_mean_is_taken_over_by_the_next_version(dataset):
    first = ready_version(dataset)
    changes = [{"name": "chol", "label": "Cholesterol", "unit": "mg/dL"}]
    columns.describe(version=first, changes=changes, by=dataset.created_by)
    second = ready_version(dataset, PATIENTS + b"77,f,201,1\n")
    column = second.columns.get(name="chol")
    assert (column.label, column.unit) == ("Cholesterol", "mg/dL")
    (after,) = AuditEvent.objects.get(action="version.described").after["columns"]
    assert (after["name"], after["unit"]) == ("chol", "mg/dL")


def test_many_columns_are_described_by_as_few_queries_as_one(dataset, django_assert_num_queries):
    names, pk = ["age", "sex", "chol", "num"], ready_version(dataset).pk
    changes = [{"name": name, "label": f"What {name} is", "unit": "1"} for name in names]
    version = Version.objects.get(pk=pk)
    with CaptureQueriesContext(connection) as one:
        columns.describe(version=version, changes=changes[:1], by=dataset.created_by)
    version = Version.objects.get(pk=pk)
    with django_assert_num_queries(len(one)):
        columns.describe(version=version, changes=changes, by=dataset.created_by)
    assert {column.label for column in version.columns.all()} == {f"What {n} is" for n in names}


@pytest.mark.parametrize("field", ["label", "unit"])
def test_what_is_too_long_for_a_column_is_refused(dataset, field):
    version = ready_version(dataset)
    changes = [{"name": "age", field: "x" * 201}]
    with pytest.raises(Invalid) as refusal:
        columns.describe(version=version, changes=changes, by=dataset.created_by)
    assert list(refusal.value.errors) == [field]


def test_of_several_columns_all_are_described_or_none(dataset):
    version = ready_version(dataset)
    changes = [{"name": "age", "label": "Age"}, {"name": "no such", "label": "x"}]
    with pytest.raises(Invalid):
        columns.describe(version=version, changes=changes, by=dataset.created_by)
    version.refresh_from_db()
    assert version.columns.get(name="age").label == ""
