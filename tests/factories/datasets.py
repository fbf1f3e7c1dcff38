"""Datasets, versions and jobs."""

import hashlib
import uuid

import factory
from django.utils import timezone

from datasets.choices import Access, JobKind, VersionState
from datasets.models import Column, Dataset, Version
from portal.jobs.models import Job
from tests.factories.projects import ProjectFactory, StudySiteFactory


class DatasetFactory(factory.django.DjangoModelFactory):
    """A dataset whose rows the project's contributors read."""

    class Meta:
        model = Dataset

    project = factory.SubFactory(ProjectFactory)
    site = factory.SubFactory(StudySiteFactory, project=factory.SelfAttribute("..project"))
    title = factory.Sequence(lambda n: f"Dataset {n}")
    access = Access.PROJECT
    created_by = factory.SelfAttribute("project.created_by")


class VersionFactory(factory.django.DjangoModelFactory):
    """A version that was just received; `ready=True` for one with a table (of no real bytes)."""

    class Meta:
        model = Version

    class Params:
        ready = factory.Trait(
            state=VersionState.READY,
            rows=3,
            column_count=1,
            table_key=factory.LazyFunction(lambda: f"tables/{uuid.uuid4()}"),
            table_sha256=hashlib.sha256(b"table").hexdigest(),
            table_bytes=5,
            published_at=factory.LazyFunction(timezone.now),
        )

    dataset = factory.SubFactory(DatasetFactory)
    number = factory.Sequence(lambda n: n + 1)
    filename = "patients.csv"
    original_key = factory.LazyFunction(lambda: f"originals/{uuid.uuid4()}")
    bytes = 9
    sha256 = hashlib.sha256(b"original").hexdigest()
    created_by = factory.SelfAttribute("dataset.created_by")


class ColumnFactory(factory.django.DjangoModelFactory):
    """A column of whole numbers."""

    class Meta:
        model = Column

    version = factory.SubFactory(VersionFactory, ready=True)
    position = factory.Sequence(lambda n: n)
    name = factory.Sequence(lambda n: f"column_{n}")
    type = "integer"
    profile = factory.LazyFunction(lambda: {"n": 3, "missing": 0, "distinct": 3})


class JobFactory(factory.django.DjangoModelFactory):
    """A queued job that ingests a version."""

    class Meta:
        model = Job

    class Params:
        project = factory.SubFactory(ProjectFactory)

    kind = JobKind.INGEST
    project_id = factory.SelfAttribute("project.pk")
    target_id = factory.Sequence(lambda n: n + 1_000_000)
    created_by = factory.SelfAttribute("project.created_by")
