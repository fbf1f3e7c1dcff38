"""Whoever changes a dataset and its versions locks them in one order, and for no longer than need
be: two who meet wait for each other, and none for ever."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.datasets import actions as datasets
from datasets.domains import actions as domains
from datasets.models import Dataset, Version
from datasets.uploads import actions as versions
from tests.factories.files import PATIENTS, read, ready_version, uploaded

pytestmark = pytest.mark.django_db

LOCK = re.compile(r'FROM "(\w+)".* (FOR (?:NO KEY )?UPDATE)', re.DOTALL)
OF_DATASET, OF_VERSION = Dataset._meta.db_table, Version._meta.db_table


def locks_of(step):
    """Which tables were locked, in order, and how."""
    with CaptureQueriesContext(connection) as asked:
        step()
    found = [match.groups() for one in asked if (match := LOCK.search(one["sql"]))]
    return [pair for pair in found if pair[0] in (OF_DATASET, OF_VERSION)]


def steps(dataset):
    version = uploaded(dataset)
    return [
        lambda: read(version),
        lambda: versions.read_again(version=version, options={}, by=dataset.created_by),
    ]


def test_a_dataset_is_locked_before_its_versions(dataset):
    for step in steps(dataset):
        first, second, *_ = [table for table, _ in locks_of(step)]
        assert (first, second) == (OF_DATASET, OF_VERSION)


def test_who_names_a_locked_dataset_does_not_wait(dataset):
    """Rows that only refer to it are written meanwhile."""
    by = dataset.created_by
    declared = [{"column": "age", "low": 0}]
    for step in [
        *steps(dataset),
        lambda: uploaded(dataset, PATIENTS + b"63,m,250,1\n"),
        lambda: datasets.change(dataset=dataset, title="Other", by=by),
        lambda: domains.declare(dataset=dataset, domains=declared, by=by),
    ]:
        how = {how for table, how in locks_of(step) if table == OF_DATASET}
        assert how == {"FOR NO KEY UPDATE"}


def test_a_version_that_is_ready_is_read_again_beside_it(dataset):
    version = ready_version(dataset)
    again = versions.read_again(version=version, options={}, by=dataset.created_by)
    assert again.number == version.number + 1
