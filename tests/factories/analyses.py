"""Shared variables, mappings and analyses, and datasets with real tables to run them on."""

import hashlib
from collections.abc import Sequence

import factory
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import timezone

from datasets.choices import AnalysisState, JobKind, MappingStatus, VersionState
from datasets.models import (
    Analysis,
    AnalysisInput,
    Column,
    GuardedAnswer,
    Mapping,
    MappingRevision,
    Release,
    SharedVariable,
    Version,
)
from datasets.versions import storage
from portal.common.canonical import sha256_of
from portal.jobs.models import Job
from portal.jobs.running import claim_and_run
from tests.factories.datasets import DatasetFactory, VersionFactory
from tests.factories.members import UserFactory
from tests.factories.projects import ProjectFactory, StudySiteFactory

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
        skip_postgeneration_save = True

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
            guarded=factory.RelatedFactory(
                "tests.factories.analyses.GuardedAnswerFactory", factory_related_name="analysis"
            ),
        )

    project = factory.SubFactory(ProjectFactory)
    title = factory.Sequence(lambda n: f"Question {n}")
    method = "describe"
    parameters = {"variables": ["age"], "by": None}
    variables = [
        {
            "name": "age",
            "type": "integer",
            "label": "",
            "levels": None,
            "unit": "",
            "meanings": [],
        }
    ]
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


class GuardedAnswerFactory(factory.django.DjangoModelFactory):
    """The same answer for whoever reads no rows."""

    class Meta:
        model = GuardedAnswer

    analysis = factory.SubFactory(AnalysisFactory)
    result = factory.SelfAttribute("analysis.result")
    provenance = factory.SelfAttribute("analysis.provenance")


class ReleaseFactory(factory.django.DjangoModelFactory):
    """An output that waits for its dataset's keeper."""

    class Meta:
        model = Release
        skip_postgeneration_save = True

    analysis = factory.SubFactory(AnalysisFactory, succeeded=True)
    dataset = factory.SubFactory(DatasetFactory, access="summaries")
    policy = "person"

    @factory.post_generation
    def asked(self, create: bool, text: str | None, **values) -> None:
        """With what somebody of the data wants to know first."""
        if text:
            self.messages.create(text=text, **values)


ARROW = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


def table_version(columns: dict[str, tuple[str, Sequence]], **values) -> Version:
    """A ready version with a real table: `columns` maps names to (type, values)."""
    made = pa.table(
        {
            name: pa.array(given, type=ARROW.get(kind, pa.string()))
            for name, (kind, given) in columns.items()
        }
    )
    with storage.scratch() as folder:
        path = folder / "table.parquet"
        pq.write_table(made, path)
        digest, size = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size
        key = storage.new_key(storage.TABLES)
        storage.keep(key, path)
    version = VersionFactory(
        state=VersionState.READY,
        rows=made.num_rows,
        column_count=made.num_columns,
        table_key=key,
        table_sha256=digest,
        table_bytes=size,
        published_at=timezone.now(),
        **values,
    )
    Column.objects.bulk_create(
        Column(version=version, position=place, name=name, type=kind, profile={})
        for place, (name, (kind, _)) in enumerate(columns.items())
    )
    return version


def mapped_sites(project, variables, columns) -> list[Version]:
    """Versions of two sites that bring the same columns, each copied into the variable of its
    name."""
    made = []
    for name in ("Oslo", "Hue"):
        site = StudySiteFactory(project=project, name=name)
        version = table_version(columns, dataset=DatasetFactory(project=project, site=site))
        for variable in variables:
            rule = {"kind": "copy", "column": variable.name}
            MappingFactory(variable=variable, dataset=version.dataset, version=version, rule=rule)
        made.append(version)
    return made


def job_of(analysis):
    """The analysis' newest job, whoever sees it."""
    return Job.objects.latest_of(JobKind.ANALYSE, analysis.pk)


def run_analysis(analysis):
    """Run the analysis, and prepare its answer for whoever reads no rows of what is open."""
    assert claim_and_run(job_of(analysis).pk)
    prepared = Job.objects.latest_of(JobKind.GUARD, analysis.pk)
    assert prepared is None or claim_and_run(prepared.pk)
