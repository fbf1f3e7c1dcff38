"""Shared variables, mappings and analyses, and datasets with real tables to run them on."""

import hashlib
import uuid
from pathlib import Path

import duckdb
import factory
from django.utils import timezone

from datasets import storage
from datasets.engine.provenance import sha256_of
from datasets.models import (
    Analysis,
    AnalysisInput,
    AnalysisState,
    Column,
    Mapping,
    MappingRevision,
    MappingStatus,
    SharedVariable,
    Version,
    VersionState,
)
from tests.factories.datasets import VersionFactory
from tests.factories.members import UserFactory
from tests.factories.projects import ProjectFactory

COPY = {"kind": "copy", "column": "age"}


class SharedVariableFactory(factory.django.DjangoModelFactory):
    """Age in years."""

    class Meta:
        model = SharedVariable

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"variable_{n}")
    type = "number"
    created_by = factory.SubFactory(UserFactory)


class MappingFactory(factory.django.DjangoModelFactory):
    """A mapping that copies a column, with its first revision."""

    class Meta:
        model = Mapping
        skip_postgeneration_save = True

    version = factory.SubFactory(VersionFactory, ready=True)
    dataset = factory.SelfAttribute("version.dataset")
    variable = factory.SubFactory(
        SharedVariableFactory, project=factory.SelfAttribute("..dataset.project")
    )
    status = MappingStatus.COMPLETE
    rule = COPY
    changed_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def first_revision(self, create, extracted, **kwargs):
        MappingRevision.objects.create(
            mapping=self,
            number=self.revision,
            version=self.version,
            status=self.status,
            rule=self.rule,
            changed_at=timezone.now(),
            changed_by=self.changed_by,
        )


class AnalysisFactory(factory.django.DjangoModelFactory):
    """A question that waits."""

    class Meta:
        model = Analysis

    class Params:
        succeeded = factory.Trait(
            state=AnalysisState.SUCCEEDED,
            result={"by": None, "rows": 20, "groups": [], "variables": []},
            provenance=factory.LazyAttribute(
                lambda o: {
                    "steps": [],
                    "inputs": [],
                    "variables": [],
                    "method": {},
                    "environment": {},
                    "disclosure": {"threshold": 5, "applies_to": "others"},
                    "result_sha256": sha256_of(o.result),
                }
            ),
            result_sha256=factory.LazyAttribute(lambda o: sha256_of(o.result)),
            finished_at=factory.LazyFunction(timezone.now),
        )

    project = factory.SubFactory(ProjectFactory)
    title = factory.Sequence(lambda n: f"Question {n}")
    method = "describe"
    parameters = {"variables": ["age"], "by": None}
    variables = [{"name": "age", "type": "integer", "label": "", "levels": None}]
    spec = {"round": 1}
    created_by = factory.SubFactory(UserFactory)


class AnalysisInputFactory(factory.django.DjangoModelFactory):
    """One version, read as it is."""

    class Meta:
        model = AnalysisInput

    analysis = factory.SubFactory(AnalysisFactory)
    index = factory.Sequence(lambda n: n)
    version = factory.SubFactory(VersionFactory, ready=True)
    site = factory.SelfAttribute("version.dataset.site.name")
    country = factory.SelfAttribute("version.dataset.site.country")
    region = factory.SelfAttribute("version.dataset.site.region")
    rules = factory.LazyFunction(dict)


def table_version(columns: dict[str, tuple[str, list]], **values) -> Version:
    """A ready version with a real table: `columns` maps names to (type, values)."""
    names = list(columns)
    rows = list(zip(*(given for _, given in columns.values()), strict=True))
    sql_types = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
    with storage.scratch() as folder:
        path = Path(folder) / "table.parquet"
        with duckdb.connect() as connection:
            described = ", ".join(
                f'"{name}" {sql_types.get(kind, "VARCHAR")}' for name, (kind, _) in columns.items()
            )
            connection.execute(f"CREATE TABLE made ({described})")
            connection.executemany(f"INSERT INTO made VALUES ({', '.join('?' * len(names))})", rows)
            connection.execute(f"COPY made TO '{path}' (FORMAT parquet)")
        content = path.read_bytes()
        key = f"tables/{uuid.uuid4().hex}"
        storage.keep(key, path)
    version = VersionFactory(
        state=VersionState.READY,
        rows=len(rows),
        column_count=len(names),
        table_key=key,
        table_sha256=hashlib.sha256(content).hexdigest(),
        table_bytes=len(content),
        published_at=timezone.now(),
        **values,
    )
    Column.objects.bulk_create(
        Column(version=version, position=place, name=name, type=columns[name][0], profile={})
        for place, name in enumerate(names)
    )
    return version
