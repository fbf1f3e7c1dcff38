"""The demo is loaded once and then left alone."""

import pytest

from datasets.choices import VersionState
from members.models import User
from portal.demo import build, heart_project
from tests.factories import AnalysisFactory, DatasetFactory, ProjectFactory, VersionFactory

pytestmark = pytest.mark.django_db


def test_a_file_that_cannot_be_read_does_not_keep_the_portal_from_starting():
    project = ProjectFactory(slug=heart_project.SLUG)
    title = heart_project.ANALYSES[-1][0]
    AnalysisFactory(project=project, title=title, succeeded=True)
    VersionFactory(dataset=DatasetFactory(project=project), state=VersionState.FAILED)
    DatasetFactory(project=project)
    people = User.objects.count()
    said = []
    build.build(said.append)
    assert said == ["The demo is there."]
    assert User.objects.count() == people
