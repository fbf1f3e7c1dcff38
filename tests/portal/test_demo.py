"""The demo is loaded once and then left alone."""

import pytest
from django.core.management import CommandError, call_command

from datasets.choices import VersionState
from members.models import User
from portal.demo import build
from portal.demo.plan import EMAIL, HEART, HOSPITAL_FILES, PASSWORD, PEOPLE, PROJECTS, TRIAGE
from projects.models import JoinRequest, Membership, Opening, Project, StudySite
from tests.factories import (
    AnalysisFactory,
    DatasetFactory,
    ProjectFactory,
    UserFactory,
    VersionFactory,
)

pytestmark = pytest.mark.django_db


def test_a_file_that_cannot_be_read_does_not_keep_the_portal_from_starting():
    project = ProjectFactory(slug=HEART.slug, is_sample=True)
    asked = HEART.analyses[-1]
    AnalysisFactory(
        project=project, method=asked.method, parameters=asked.parameters, succeeded=True
    )
    VersionFactory(dataset=DatasetFactory(project=project), state=VersionState.FAILED)
    DatasetFactory(project=project)
    people = User.objects.count()
    said = []
    build.build(said.append)
    assert said == ["The demo is there."]
    assert User.objects.count() == people


def test_people_and_projects_are_found_again():
    def load():
        people = {person.key: build.account(person) for person in PEOPLE}
        for plan in PROJECTS:
            build.other_project(plan, people)
        build.heart_project(people)
        tables = (User, Project, StudySite, Membership, Opening, JoinRequest)
        return [table.objects.count() for table in tables]

    first = load()
    assert first == load()
    assert first[:2] == [len(PEOPLE), len(PROJECTS) + 1]
    assert Project.objects.get(is_sample=True).slug == HEART.slug


def test_people_of_the_demo_may_change_how_they_sign_in_before_all_of_it_is_there():
    made = build.account(PEOPLE[0])
    made.set_password("seven quiet otters")
    made.email = "mine@hospital.example"
    made.save()
    made.emailaddress_set.update(email=made.email)
    assert build.account(PEOPLE[0]) == made
    UserFactory(email=EMAIL[PEOPLE[0].key])
    assert build.account(PEOPLE[0]) == made
    assert build.account(PEOPLE[1]) != made


@pytest.mark.parametrize("password", ["not the demo's at all", PASSWORD])
def test_an_account_of_somebody_else_is_not_taken_for_the_demos_own(password):
    theirs = UserFactory(email=EMAIL[PEOPLE[-1].key].upper(), password=password)
    with pytest.raises(CommandError, match="not the demo's has the address"):
        call_command("seed_demo")
    assert not Membership.objects.filter(user=theirs).exists()
    assert not Project.objects.exists()


def test_a_project_of_the_same_name_is_not_taken_for_the_demos_own():
    theirs = ProjectFactory(slug=HEART.slug, title=HEART.project["title"])
    people = {person.key: build.account(person) for person in PEOPLE}
    project = build.heart_project(people)
    assert project != theirs
    assert build.heart_project(people) == project
    assert not build.is_complete()


def test_every_name_in_the_plan_is_somebodys():
    keys = {person.key for person in PEOPLE}
    named = {HEART.lead, HEART.waiting, *(site.keeper for site in HEART.sites + TRIAGE.sites)}
    for plan in PROJECTS:
        named |= {plan.lead, *(member.person for member in plan.members)}
    assert named <= keys
    assert all((HOSPITAL_FILES / site.file).is_file() for site in HEART.sites)
    assert TRIAGE.title in {plan.title for plan in PROJECTS}


def test_no_variable_is_named_after_one_of_its_codes():
    """A question was “adjusted for male sex”, and “male sex = female” settled an outcome."""
    for variable in HEART.variables:
        meanings = {meaning.lower() for meaning in (variable.codes or {}).values()}
        assert not set(variable.label.lower().split()) & meanings
