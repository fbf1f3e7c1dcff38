"""Work with data makes a project active, as new people and openings do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from datasets.analyses import actions as analyses
from datasets.harmonisation import actions as shared_variables
from datasets.mappings import actions as mappings
from tests.factories import ProjectFactory, SharedVariableFactory, UserFactory, table_version

pytestmark = pytest.mark.django_db


def define(project, version, by):
    shared_variables.create(project=project, name="age", type="number", by=by)


def map_a_column(project, version, by):
    mappings.save(
        variable=SharedVariableFactory(project=project, name="age", type="number"),
        dataset=version.dataset,
        version=version,
        rule={"kind": "copy", "column": "age"},
        by=by,
    )


def ask(project, version, by):
    analyses.start(
        project=project,
        title="How old are they?",
        method="describe",
        inputs=[{"dataset": version.dataset_id, "version": version.number}],
        parameters={"variables": ["age"]},
        by=by,
    )


@pytest.mark.parametrize("work", [define, map_a_column, ask], ids=lambda work: work.__name__)
def test_it_moves_the_project_up_among_the_active_ones(work, django_capture_on_commit_callbacks):
    lead = UserFactory()
    project = ProjectFactory(lead=lead)
    version = table_version({"age": ("integer", [40, 50, 60])}, dataset__project=project)
    before = timezone.now() - timedelta(days=300)
    type(project).objects.filter(pk=project.pk).update(active_at=before)
    project.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        work(project, version, lead)
    project.refresh_from_db()
    assert project.active_at > before + timedelta(days=299)
