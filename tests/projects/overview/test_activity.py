"""What people did stands on pages as sentences, and never as a code of ours."""

import re

import pytest
from django.db import transaction
from django.utils import translation
from django.utils.html import escape

from members.audit_events import actions as audit_events
from portal.management.catalogue import tracked
from projects.overview.activity import activity_of
from projects.overview.words import SENTENCES, said_of, who_of
from tests.factories import ProjectFactory, UserFactory

NOUNS = "project|membership|study_site|opening|dataset|version|shared_variable|mapping|analysis"
RECORDED = re.compile(rf'(?<!kind=)"((?:{NOUNS})\.[a-z_]+)"')


def test_every_recorded_action_has_its_sentence():
    recorded = {
        action
        for app in ("projects", "datasets")
        for path in tracked(f"{app}/*/actions.py", f"{app}/*/work.py")
        for action in RECORDED.findall(path.read_text())
    }
    assert len(recorded) > 20
    assert recorded <= set(SENTENCES), recorded - set(SENTENCES)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["<b>Ada</b>", "{label}", "%(label)s", "100%", "O’Neil"])
def test_names_come_through_as_they_are(name):
    project = ProjectFactory(title=name)
    with transaction.atomic():
        event = audit_events.record("project.created", project, by=UserFactory())
    assert said_of(event, name) == f"<strong>{escape(name)}</strong> started the project"
    event.action = "dataset.gone"
    assert said_of(event, "Ada") == f"<strong>Ada</strong> did “dataset.gone” to {escape(name)}"


@pytest.mark.django_db
def test_changed_fields_are_listed_in_the_readers_language():
    with transaction.atomic():
        event = audit_events.record(
            "project.changed", ProjectFactory(), by=UserFactory(), after={"title": "", "stage": ""}
        )
    assert said_of(event, "Ada").endswith(" changed the project: stage and title")
    with translation.override("fr"):
        assert said_of(event, "Ada").endswith(
            "a modifié le projet\N{NO-BREAK SPACE}: étape et titre"
        )


@pytest.mark.django_db
def test_what_is_told_of_downloads_stays_with_the_dataset():
    """Or whoever downloads often enough would push everything else off the project's page."""
    project = ProjectFactory()
    with transaction.atomic():
        audit_events.record("project.created", project, by=UserFactory(), scopes=scope_of(project))
        for _ in range(8):
            event = audit_events.record(
                "version.downloaded",
                project,
                by=None,
                scopes=scope_of(project),
                after={"anonymous": True},
            )
    assert ["started the project" in line["said"] for line in activity_of(project)] == [True]
    assert who_of(event) == "Somebody without an account"


def scope_of(project):
    return {"project": project.pk}
