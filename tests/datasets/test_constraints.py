"""The database refuses what must not be: every constraint of datasets, versions, columns, jobs."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from datasets.choices import VersionState
from datasets.models import Allowance, Column, Dataset, RowSet, Version
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.jobs.queue import enqueue, enqueue_group
from tests.factories import ColumnFactory, DatasetFactory, JobFactory, VersionFactory

pytestmark = pytest.mark.django_db


def refused(change):
    """The name of the constraint that the change breaks."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        change()
    return caught.value.__cause__.diag.constraint_name


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"access": "secret"}, "dataset_access_valid"),
        ({"threshold": 4}, "dataset_threshold_valid"),
        ({"disclosure_rules": "none"}, "dataset_disclosure_rules_valid"),
    ],
)
def test_datasets(values, constraint):
    dataset = DatasetFactory()
    assert refused(lambda: Dataset.objects.filter(pk=dataset.pk).update(**values)) == constraint


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "lost"}, "version_state_valid"),
        ({"sha256": "ABC"}, "version_sha256_valid"),
        ({"state": VersionState.READY}, "version_table_iff_ready"),
        ({"rows": 3}, "version_table_iff_ready"),
        ({"table_sha256": "0" * 64}, "version_table_iff_ready"),
        ({"published_at": timezone.now()}, "version_table_iff_ready"),
    ],
)
def test_versions(values, constraint):
    version = VersionFactory()
    assert refused(lambda: Version.objects.filter(pk=version.pk).update(**values)) == constraint


def test_a_ready_version_keeps_its_table():
    version = VersionFactory(ready=True)
    for field, value in (("table_key", ""), ("table_sha256", ""), ("rows", None)):
        change = partial(Version.objects.filter(pk=version.pk).update, **{field: value})
        assert refused(change) == "version_table_iff_ready"


def test_a_number_is_given_once():
    version = VersionFactory()
    again = partial(VersionFactory, dataset=version.dataset, number=version.number)
    assert refused(again) == "version_number_once"


def test_columns():
    column = ColumnFactory(name="age", position=0)
    version = column.version
    assert refused(lambda: ColumnFactory(version=version, name="age")) == "column_name_once"
    assert refused(lambda: ColumnFactory(version=version, position=0)) == "column_position_once"
    change = Column.objects.filter(pk=column.pk)
    assert refused(lambda: change.update(type="colour")) == "column_type_valid"


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "asleep", "finished_at": timezone.now()}, "job_state_valid"),
        ({"progress": 1.1}, "job_progress_valid"),
        ({"state": JobState.FAILED}, "job_finished_iff_ended"),
        ({"finished_at": timezone.now()}, "job_finished_iff_ended"),
        ({"state": JobState.RUNNING}, "job_lease_iff_running"),
        ({"lease_until": timezone.now()}, "job_lease_iff_running"),
    ],
)
def test_jobs(values, constraint):
    job = JobFactory()
    assert refused(lambda: Job.objects.filter(pk=job.pk).update(**values)) == constraint


@pytest.mark.parametrize(
    "begin",
    [
        lambda user: enqueue(kind="cook", target_id=1, project_id=None, by=user),
        lambda user: enqueue_group(kind="cook", target_ids=[1, 2], project_id=None, by=user),
    ],
)
def test_a_job_that_nobody_could_run_is_not_queued(begin, user):
    with pytest.raises(LookupError, match="“cook”"):
        begin(user)
    assert not Job.objects.exists()


def test_one_active_job_per_target():
    job = JobFactory()
    again = partial(JobFactory, target_id=job.target_id)
    assert refused(again) == "job_one_active_per_target"
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=timezone.now())
    assert again().is_active


@pytest.mark.parametrize(
    ("model", "values", "constraint"),
    [
        (RowSet, {"question_sha256": "ABC"}, "row_set_question_valid"),
        (RowSet, {"count": 0}, "row_set_has_rows"),
        (Allowance, {"question_sha256": "ABC"}, "allowance_question_valid"),
    ],
)
def test_the_ledger(model, values, constraint):
    version = VersionFactory(ready=True)
    row = {"dataset": version.dataset, "question_sha256": "0" * 64}
    if model is RowSet:
        row |= {"version": version, "analysis": 1, "asked_by": version.created_by}
        row |= {"reads": [], "subtractable": True, "count": 1, "bitmap": b""}
    else:
        row |= {"created_by": version.created_by}
    assert refused(lambda: model.objects.create(**row | values)) == constraint


def test_a_question_is_allowed_once():
    version = VersionFactory(ready=True)
    row = {
        "dataset": version.dataset,
        "question_sha256": "0" * 64,
        "created_by": version.created_by,
    }
    Allowance.objects.create(**row)
    assert refused(lambda: Allowance.objects.create(**row)) == "allowance_once"
