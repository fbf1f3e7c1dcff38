"""Builds the demo through the actions and workers that people use; goes on where it stopped."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from datasets.analyses import actions as analyses
from datasets.choices import (
    GUARDED_ACCESS,
    AnalysisState,
    JobKind,
    MappingStatus,
    ReleaseDecision,
    ReleaseOutcome,
    VersionState,
)
from datasets.columns import actions as columns
from datasets.domains import actions as domains
from datasets.domains.proposals import newest_columns
from datasets.harmonisation import actions as shared_variables
from datasets.mappings import actions as mappings
from datasets.models import Analysis, Dataset, SharedVariable, Version
from datasets.releases import actions as releases
from datasets.uploads import actions as versions
from members.accounts import actions as users
from members.audit_events import actions as audit_events
from members.models import AuditEvent, User
from members.profiles import actions as profiles
from portal.demo import triage
from portal.demo.plan import (
    EMAIL,
    HEART,
    HOSPITAL_FILES,
    PASSWORD,
    PEOPLE,
    PROJECTS,
    TRIAGE,
    Hospital,
    Opening,
    Person,
    ProjectPlan,
    Question,
)
from portal.jobs.models import Job
from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.models import JoinRequest, Membership, Project, StudySite
from projects.openings import actions as openings
from projects.projects import actions as projects
from projects.study_sites import actions as study_sites

PATIENCE_SECONDS = 300

MADE = "user.made_for_demo"
"""Stands in the audit trail, which nobody rewrites, for each account that is the demo's."""


class DemoError(Exception):
    """The demo could not be finished; what is there stays and is gone on with next time."""


def build(say: Callable[[str], None]) -> None:
    """People, projects, and the four hospitals from upload to answer."""
    if is_complete():
        say("The demo is there.")
        return
    people = {person.key: account(person) for person in PEOPLE}
    for plan in PROJECTS:
        other_project(plan, people)
    say("People and projects are there.")
    project = heart_project(people)
    for site in HEART.sites:
        heart_dataset(project, site, people[site.keeper])
    triage.build(people)
    wait_for_versions(Dataset.objects.all())
    say("Datasets are read.")
    for dataset in project.datasets.filter(access__in=GUARDED_ACCESS, domains=None):
        declare(dataset)
    harmonise(project, people[HEART.lead], people["dana.whitlock"])
    for question in HEART.analyses:
        analysis = analyse(project, question, people[HEART.asks])
        if not question.waits:
            release(analysis)
        if question is HEART.analyses[-1]:
            analyses.put_first(analysis=analysis, by=people[HEART.lead])
    say("Analyses have their results.")


def is_complete() -> bool:
    """Whether the last part was made once: from then on all of it is the people's to change."""
    made = asked(HEART.analyses[-1]).filter(project__is_sample=True)
    done = made.filter(state=AnalysisState.SUCCEEDED)
    return done.exclude(releases__outcome=ReleaseOutcome.HELD).exists()


@transaction.atomic
def account(person: Person) -> User:
    """The person's account with a profile; the audit trail says which one the demo made, whatever
    its address and password are by now.

    Somebody else's account is left alone: it would lead the demo's projects without knowing.
    """
    made = AuditEvent.objects.filter(action=MADE, after__person=person.key)
    found = User.objects.filter(pk__in=list(made.values_list("object_id", flat=True))).first()
    if found:
        return found
    taken = User.objects.filter(email__iexact=EMAIL[person.key]).first()
    if taken:
        raise DemoError(
            f"An account that is not the demo's has the address {taken.email}. "
            "Give it another address, then load the demo again."
        )
    user = users.create(email=EMAIL[person.key], password=PASSWORD, name=person.name, by=None)
    profiles.update(
        name=person.name,
        orcid="",
        institution=person.institution,
        country=person.country,
        disciplines=person.disciplines,
        about=person.about,
        by=user,
    )
    audit_events.record(MADE, user, by=None, after={"person": person.key})
    return user


def other_project(plan: ProjectPlan, people: dict[str, User]) -> None:
    """An invented project with its sites, members and needs."""
    lead = people[plan.lead]
    mine = Project.objects.filter(title=plan.title, created_by=lead)
    project = mine.first() or projects.create(
        title=plan.title,
        question=plan.question,
        summary=plan.summary,
        disciplines=plan.disciplines,
        conditions=plan.conditions,
        stage=plan.stage,
        visibility=plan.visibility,
        join_policy=plan.join_policy,
        by=lead,
    )
    for site in plan.sites:
        add_site(project, site.name, site.institution or site.name, site.country, lead)
    for member in plan.members:
        user = people[member.person]
        if not Membership.objects.filter(project=project, user=user).exists():
            memberships.add(project=project, user=user, role=member.role, by=lead)
    add_openings(project, plan.openings, lead)
    # Made in one go, the projects would all have been active a moment ago.
    Project.objects.filter(pk=project.pk).update(
        active_at=timezone.now() - timedelta(days=plan.days_ago)
    )


def heart_project(people: dict[str, User]) -> Project:
    """The four-hospital project: three join by request, one more waits for an answer."""
    lead = people[HEART.lead]
    project = Project.objects.filter(is_sample=True).first() or sample_project(lead)
    for plan in HEART.sites:
        site = add_site(project, plan.name, plan.institution, plan.country, lead)
        person = people[plan.keeper]
        if not Membership.objects.filter(project=project, user=person).exists():
            asked = ask(project, person, f"We bring the {plan.name} patients.")
            join_requests.approve(join_request=asked, role=plan.role, by=lead)
        membership = Membership.objects.get(project=project, user=person)
        if membership.site_id != site.pk:
            memberships.place(membership=membership, site=site, by=lead)
    add_openings(project, HEART.openings, lead)
    waiting = people[HEART.waiting]
    if not JoinRequest.objects.filter(project=project, user=waiting).exists():
        ask(project, waiting, "Finnish registers could add 4,000 angiographies and costs.")
    return project


@transaction.atomic
def sample_project(lead: User) -> Project:
    """A new project, marked as the one that the front page shows: its name is anybody's to take."""
    project = projects.create(**HEART.project, by=lead)
    Project.objects.filter(pk=project.pk).update(is_sample=True)
    return project


def ask(project: Project, person: User, message: str) -> JoinRequest:
    answers = ["Everyone who had angiography."] * len(project.join_questions)
    found = JoinRequest.objects.open().filter(project=project, user=person).first()
    return found or join_requests.ask(project=project, message=message, answers=answers, by=person)


def add_site(project: Project, name: str, institution: str, country: str, lead: User) -> StudySite:
    found = StudySite.objects.filter(project=project, name=name).first()
    return found or study_sites.add(
        project=project, name=name, institution=institution, country=country, by=lead
    )


def add_openings(project: Project, wanted: list[Opening], lead: User) -> None:
    for one in wanted:
        if not project.openings.filter(kind=one.kind, detail=one.detail).exists():
            openings.add(
                project=project,
                kind=one.kind,
                detail=one.detail,
                discipline=one.discipline,
                by=lead,
            )


def heart_dataset(project: Project, plan: Hospital, keeper: User) -> None:
    """The hospital's file as a dataset; one keeps its rows, one shows them to few."""
    site = StudySite.objects.get(project=project, name=plan.name)
    if Dataset.objects.filter(project=project, site=site).exists():
        return
    path = HOSPITAL_FILES / plan.file
    with path.open("rb") as stream:
        versions.bring(
            project=project,
            site=site,
            title=f"{plan.name} angiography patients",
            description=f"Patients of {plan.institution} before coronary angiography, as "
            "published: UCI Machine Learning Repository, Heart Disease, CC BY 4.0.",
            access=plan.access,
            release_policy=plan.release_policy,
            file=File(stream, name=plan.file),
            by=keeper,
        )


def wait_for_versions(wanted: QuerySet[Dataset]) -> None:
    """Until the workers have read every dataset's newest version."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for dataset in wanted:
        version = dataset.versions.latest("number")
        while not version.is_ready:
            if version.state == VersionState.FAILED:
                raise DemoError(f"{dataset} could not be read: {version.problems}")
            pause_until(deadline, f"{dataset} is not read yet.")
            version.refresh_from_db()
        describe(version)


def describe(version: Version) -> None:
    """Say in the dictionary what the columns mean, where nothing is said yet."""
    meanings = {**HEART.labels, **TRIAGE.labels}
    changes = [
        {"name": name, "label": meanings[name].label, "unit": meanings[name].unit}
        for name in version.columns.filter(label="").values_list("name", flat=True)
        if name in meanings
    ]
    if changes:
        columns.describe(version=version, changes=changes, by=version.created_by)


def declare(dataset: Dataset) -> None:
    """Its keeper fixes what its columns may hold."""
    there = {column.name for column in newest_columns(dataset)}
    domains.declare(
        dataset=dataset,
        domains=[
            {
                "column": one.column,
                "low": one.low,
                "high": one.high,
                "levels": list(one.codes.items()),
                "edges": one.edges,
            }
            for one in HEART.domains
            if one.column in there
        ],
        by=dataset.created_by,
    )


def harmonise(project: Project, lead: User, steward: User) -> None:
    """The shared variables and, for every hospital, how its columns become them."""
    for plan in HEART.variables:
        variable = SharedVariable.objects.filter(project=project, name=plan.name).first()
        if variable is None:
            variable = shared_variables.create(
                project=project,
                name=plan.name,
                label=plan.label,
                type=plan.type,
                unit=plan.unit,
                codes=plan.codes,
                topic=plan.topic,
                by=lead,
            )
        for dataset in project.datasets.select_related("site").order_by("id"):
            if variable.mappings.filter(dataset=dataset).exists():
                continue
            missing = HEART.not_measured.get((plan.name, dataset.site.name), "")
            mappings.save(
                variable=variable,
                dataset=dataset,
                version=dataset.versions.ready().latest("number"),
                status=MappingStatus.IMPOSSIBLE if missing else None,
                rule=None if missing else plan.rule,
                note=missing,
                by=steward,
            )


def analyse(project: Project, question: Question, person: User) -> Analysis:
    """One analysis over all hospitals, in the order of the sites."""
    analysis = asked(question).filter(project=project).first()
    if analysis is None:
        inputs = [
            {"dataset": dataset.pk, "version": dataset.versions.ready().latest("number").number}
            for dataset in project.datasets.order_by("site_id")
        ]
        analysis = analyses.start(
            project=project,
            method=question.method,
            inputs=inputs,
            parameters=question.parameters,
            purpose=question.purpose,
            by=person,
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while analysis.state != AnalysisState.SUCCEEDED or is_being_prepared(analysis):
        if analysis.state in (AnalysisState.FAILED, AnalysisState.CANCELLED):
            raise DemoError(f"“{analysis}” ended as {analysis.state}.")
        pause_until(deadline, f"“{analysis}” has no result yet.")
        analysis.refresh_from_db()
    return analysis


def asked(question: Question) -> QuerySet[Analysis]:
    """The analyses that ask it: what they were asked without is filled in."""
    return Analysis.objects.filter(method=question.method, parameters__contains=question.parameters)


def is_being_prepared(analysis: Analysis) -> bool:
    """Whether what people are told who read no rows is still being made."""
    return Job.objects.active().filter(kind=JobKind.GUARD, target_id=analysis.pk).exists()


def release(analysis: Analysis) -> None:
    """Every keeper who has to lets the answer go."""
    for one in analysis.releases.filter(outcome=ReleaseOutcome.HELD).select_related("dataset"):
        releases.decide(
            release=one,
            decision=ReleaseDecision.RELEASE,
            reason="Sums over whole hospitals; no group in it is small.",
            by=one.dataset.created_by,
        )


def pause_until(deadline: float, otherwise: str) -> None:
    if time.monotonic() > deadline:
        raise DemoError(f"{otherwise} Are the workers running?")
    time.sleep(0.2)
