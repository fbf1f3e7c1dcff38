"""Start a project and change it."""

import pytest

from members.models import AuditEvent
from portal.common.exceptions import Invalid, NotAllowed
from projects.models import Membership, Project
from projects.projects import actions as projects
from tests.factories import MembershipFactory, ProjectFactory

pytestmark = pytest.mark.django_db
LEAST = {"title": "Hearts of four hospitals", "question": "Does it help?"}


def test_who_starts_a_project_leads_it(user):
    project = projects.create(by=user, **LEAST)
    assert project.slug == "hearts-of-four-hospitals"
    assert Membership.objects.active().get(project=project).role == "lead"
    event = AuditEvent.objects.get(action="project.created")
    assert [(one.kind, one.number) for one in event.scopes.all()] == [("project", project.pk)]
    assert event.after["title"] == LEAST["title"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Étude du cœur", "etude-du-coeur"),
        ("Straße & Łódź", "strasse-lodz"),
        ("心臓の研究", "project"),
        ("القلب", "project"),
        ("!!!", "project"),
        ("new", "new-2"),
        ("A" * 160, "a" * 64),
        ("  Two\n words ", "two-words"),
    ],
)
def test_the_address_comes_from_the_title(user, title, slug):
    project = projects.create(by=user, **{**LEAST, "title": title})
    assert project.slug == slug
    assert project.title == " ".join(title.split())


def test_equal_titles_are_numbered(user):
    slugs = [projects.create(by=user, **LEAST).slug for _ in range(3)]
    assert slugs == [
        "hearts-of-four-hospitals",
        "hearts-of-four-hospitals-2",
        "hearts-of-four-hospitals-3",
    ]


def test_a_taken_address_does_not_tell_that_a_private_project_exists(user):
    hidden = projects.create(by=user, visibility="private", **LEAST)
    assert hidden.slug != "hearts-of-four-hospitals"
    assert projects.create(by=user, **LEAST).slug == "hearts-of-four-hospitals"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", "x" * 161),
        ("question", ""),
        ("stage", "done"),
        ("visibility", "secret"),
        ("join_policy", "open"),
        ("disciplines", ["alchemy"]),
        ("regions", ["Atlantis"]),
        ("conditions", ["x" * 81]),
        ("join_questions", ["?"] * 3 + ["a", "b", "c", "d", "e"]),
        ("slug", "mine"),
        ("created_by", None),
    ],
)
def test_what_does_not_fit_is_refused_by_field(user, field, value):
    with pytest.raises(Invalid) as error:
        projects.create(by=user, **{**LEAST, field: value})
    assert list(error.value.errors) == [field]
    assert not Project.objects.exists()


def test_a_change_keeps_what_was_before(user):
    project = projects.create(by=user, **LEAST)
    projects.change(project=project, by=user, stage="recruiting", title=LEAST["title"])
    event = AuditEvent.objects.get(action="project.changed")
    assert (event.before, event.after) == ({"stage": "planning"}, {"stage": "recruiting"})
    projects.change(project=project, by=user, stage="recruiting")
    assert AuditEvent.objects.filter(action="project.changed").count() == 1


def test_a_new_title_keeps_the_address(user):
    project = projects.create(by=user, **LEAST)
    projects.change(project=project, by=user, title="Other")
    assert Project.objects.get().slug == "hearts-of-four-hospitals"


@pytest.mark.parametrize("role", [None, "reader", "contributor", "steward"])
def test_only_leads_change_a_project(user, role):
    project = ProjectFactory(visibility="public")
    if role:
        MembershipFactory(project=project, user=user, role=role)
    with pytest.raises(NotAllowed):
        projects.change(project=project, by=user, stage="recruiting")


def test_lists_lose_blanks_and_repeats(user):
    project = projects.create(by=user, **LEAST, conditions=[" asthma ", "asthma", "", "a  b"])
    assert project.conditions == ["asthma", "a b"]
