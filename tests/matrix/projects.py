"""The matrix's projects: one of each kind of thing in them, the same way in each."""

import uuid
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from datasets.analyses import actions as analyses
from datasets.choices import Access, JobKind, MappingStatus
from datasets.mappings import actions as mappings
from datasets.models import Analysis, Column, Dataset, Version
from datasets.pools import actions as pools
from members.models import Notification, User
from portal.jobs import running
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.jobs.running import claim, claim_and_run, end
from projects.models import Project
from tests.factories import (
    DatasetFactory,
    GrantFactory,
    InstitutionFactory,
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ReleaseFactory,
    SharedVariableFactory,
    StudySiteFactory,
    UserFactory,
)
from tests.factories.analyses import AnalysisFactory, AnalysisInputFactory, job_of
from tests.factories.files import ready_version, uploaded

CANARY = "quokkazebra"
"""Stands in every text of the private project, and nowhere else."""


def table(mark: str = "", rows: int = 40) -> bytes:
    """A CSV file; `mark` stands in every column's name and in values frequent enough to show."""
    wards = (f"{mark}north", f"{mark}south")
    lines = [f"{mark}age,{mark}sex,{mark}chol,{mark}ward"]
    lines += [f"{40 + n % 30},{n % 2},{180 + n},{wards[n % 2]}" for n in range(rows)]
    return "\n".join(lines).encode()


def furnish(
    project: Project,
    *,
    lead: User,
    keeper: User,
    applicant: User,
    access: str = Access.PROJECT,
    mark: str = "",
) -> SimpleNamespace:
    """The project with one of everything; `mark` goes into every text that people write."""
    site = StudySiteFactory(
        project=project,
        name=f"{mark}Clinic",
        institution=InstitutionFactory(name=f"{mark}Hospital of {project.slug}"),
    )
    bystander = MembershipFactory(
        project=project,
        user=UserFactory(name=f"{mark}Bystander", address=not mark),
        role="reader",
        site=site,
    )
    dataset = brought(project, site, keeper, access, mark)
    version = ready_version(dataset, table(mark), filename=f"{mark}patients.csv")
    Column.objects.filter(version=version).update(label=f"{mark}label", unit="a")
    unread = uploaded(dataset, table(mark, rows=41), filename=f"{mark}again.csv")
    things = SimpleNamespace(
        project=project,
        site=site,
        bystander=bystander,
        grant=GrantFactory(project=project, source=f"{mark}Foundation"),
        opening=OpeningFactory(project=project, detail=f"{mark}Statistician"),
        join_request=JoinRequestFactory(
            project=project, user=applicant, message=f"{mark}We bring patients."
        ),
        dataset=dataset,
        other=dataset,
        version=version,
        job=Job.objects.get(kind="ingest", target_id=unread.pk),
        failed_job=failed(dataset, mark),
        spare=SharedVariableFactory(project=project, name=f"{mark}spare", label=f"{mark}Spare"),
        unmapped=SharedVariableFactory(project=project, name=f"{mark}chol", type="integer"),
        variable=SharedVariableFactory(
            project=project,
            name=f"{mark}years",
            type="integer",
            label=f"{mark}Age",
            topic=f"{mark}People",
        ),
        table="variables",
    )
    for note in (f"{mark}first", f"{mark}second"):
        things.mapping = mapped(things, f"{mark}age", note, by=lead)
    mappings.approve(mapping=things.mapping, revision=2, by=keeper)
    Project.objects.filter(pk=project.pk).update(second_person=True)
    project.refresh_from_db()
    for name in ("awaited", "stepped", f"only_{project.slug}"):
        setattr(things, name, SharedVariableFactory(project=project, name=f"{mark}{name}"))
    things.batch = uuid.uuid4()
    things.step = things
    for variable, batch in ((things.stepped, things.batch), (things.awaited, None)):
        values = {"variable": variable, "batch": batch}
        things.awaited_mapping = mapped(things, f"{mark}chol", f"{mark}chol", by=lead, **values)
    things.draft = analyses.keep(
        project=things.project, draft=None, method="describe", answers={"title": ["Why?"]}, by=lead
    )
    things.analysis = analysed(things, f"{mark}How old are they?", by=lead)
    things.doubted = doubted(things.analysis, f"{mark}How sure is it?")
    things.pooled = pooled(things, by=lead)
    things.release = ReleaseFactory(
        analysis=things.analysis,
        dataset=things.dataset,
        asked=f"{mark}Which ward?",
        asked__by=keeper,
    )
    things.asked = analysed(things, f"{mark}How tall are they?", by=lead)
    things.asked_share = ReleaseFactory(
        analysis=things.asked,
        dataset=brought(project, site, keeper, Access.SUMMARIES, mark),
        asked=f"{mark}Which ward?",
        asked__by=keeper,
    )
    # Of another dataset, so that the question can be asked without it.
    ReleaseFactory(
        analysis=things.analysis,
        dataset=brought(project, site, keeper, Access.SUMMARIES, mark),
        outcome="refused",
        decision="withhold",
        reason=f"{mark}Too few.",
        decided_by=keeper,
        decided_at=timezone.now(),
    )
    things.notification = Notification.objects.create(
        recipient=lead,
        event=f"matrix.{project.pk}",
        kind="matrix",
        text=f"{mark}Something happened",
        group=project.title,
        url=project.get_absolute_url(),
    )
    return things


def brought(project: Project, site: Any, keeper: User, access: str, mark: str = "") -> Dataset:
    """A dataset of the site."""
    return DatasetFactory(
        project=project,
        site=site,
        title=f"{mark}Registry, {access}",
        description=f"{mark}Everybody who came.",
        access=access,
        created_by=keeper,
    )


def failed(dataset: Dataset, mark: str) -> Job:
    """The job of one more version, whose file could not be read."""
    version = uploaded(dataset, table(mark, rows=42), filename=f"{mark}broken.csv")
    job = claim(Job.objects.get(kind="ingest", target_id=version.pk).pk)
    assert job is not None
    error = {"code": "ragged_row", "detail": f"{mark}", "row": 3, "column": None, "value": mark}
    assert end(job, JobState.FAILED, error)
    return job


def mapped(things: SimpleNamespace, column: str, note: str, *, by: User, **values: Any) -> Any:
    """The variable as a copy of the column."""
    asked = {
        "variable": things.variable,
        "dataset": things.dataset,
        "version": things.version,
        "status": MappingStatus.COMPLETE,
        "rule": {"kind": "copy", "column": column},
        "note": note,
    }
    return mappings.save(**asked | values, by=by)


def analysed(things: SimpleNamespace, title: str, *, by: User) -> Any:
    """A question about the variable, answered as a worker would."""
    analysis = analyses.start(
        project=things.project,
        title=title,
        method="describe",
        inputs=[named(things.version)],
        parameters={"variables": [things.variable.name], "by": None},
        by=by,
    )
    done(job_of(analysis))
    if preparing := Job.objects.latest_of(JobKind.GUARD, analysis.pk):
        done(preparing)
    analysis.refresh_from_db()
    assert analysis.state == "succeeded"
    return analysis


def doubted(analysis: Analysis, title: str, of: Sequence[Version] = ()) -> Analysis:
    """An answer whose checks fail; without inputs, it stands on the project's page."""
    kept = ("project", "method", "parameters", "variables", "spec", "provenance", "created_by")
    made = AnalysisFactory(
        title=title,
        succeeded=True,
        stands_first=not of,
        result=analysis.result | {"shown": False},
        **{name: getattr(analysis, name) for name in kept},
    )
    for index, version in enumerate(of):
        AnalysisInputFactory(analysis=made, version=version, index=index)
    return made


def pooled(things: SimpleNamespace, *, by: User) -> Any:
    """The version's rows as a pooled table, made as a worker would."""
    table = pools.build(project=things.project, inputs=[named(things.version)], by=by)
    done(table.latest_job())
    table.refresh_from_db()
    return table


def done(job: Job | None) -> None:
    """What a worker does."""
    # The lease's keeper looks from another connection, which does not see this transaction.
    beat, running.BEAT_SECONDS = running.BEAT_SECONDS, 600
    try:
        assert job is not None
        assert claim_and_run(job.pk)
    finally:
        running.BEAT_SECONDS = beat


def named(version: Version) -> dict[str, int]:
    """A version as the API names it."""
    return {"dataset": version.dataset_id, "version": version.number}


def nothing() -> SimpleNamespace:
    """What is nowhere: addresses that look right."""
    number = 999_999_999
    nobody = SimpleNamespace(
        pk=number,
        dataset_id=number,
        number=77,
        slug="no-such-project",
        name="no_such",
        batch=uuid.UUID(int=number),
    )
    names = (
        "project site bystander grant opening join_request dataset other version job failed_job "
        "spare unmapped awaited step variable mapping analysis doubted pooled release "
        "asked asked_share notification token person own_membership"
    )
    return SimpleNamespace(
        **dict.fromkeys(names.split(), nobody),
        table="variables",
        confirmation="no-such-key",
        reset=("zz", "no-such-key"),
    )
