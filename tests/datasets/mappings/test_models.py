"""What the database refuses of mappings, and who sees them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from datasets.models import Mapping
from tests.factories import MappingFactory, MembershipFactory, ProjectFactory, VersionFactory

pytestmark = pytest.mark.django_db


def test_a_dataset_is_mapped_once_to_a_variable():
    first = MappingFactory()
    with pytest.raises(IntegrityError, match="mapping_once_per_dataset"):
        MappingFactory(version=first.version, variable=first.variable)


def test_the_status_is_one_of_the_list():
    with pytest.raises(IntegrityError, match=r"mapping_(status_valid|rule_iff_possible)"):
        MappingFactory(status="perhaps")


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("complete", None),
        ("partial", None),
        ("impossible", {"kind": "copy", "column": "age"}),
        ("undetermined", {"kind": "copy", "column": "age"}),
    ],
)
def test_there_is_a_rule_if_and_only_if_it_is_possible(status, rule):
    with pytest.raises(IntegrityError, match="mapping_rule_iff_possible"):
        MappingFactory(status=status, rule=rule)


def test_a_revision_has_its_number_once_and_a_status_of_the_list():
    mapping = MappingFactory()
    revision = mapping.revisions.get()
    revision.pk = None
    with pytest.raises(IntegrityError, match="mapping_revision_number_once"):
        revision.save()


def test_a_revisions_status_is_one_of_the_list():
    revision = MappingFactory().revisions.get()
    revision.status = "perhaps"
    with pytest.raises(IntegrityError, match="mapping_revision_status_valid"):
        revision.save()


def test_outside_a_public_project_mappings_of_hidden_datasets_are_hidden(user):
    project = ProjectFactory(visibility="public")
    hidden = VersionFactory(ready=True, dataset__project=project, dataset__access="project")
    shown = VersionFactory(ready=True, dataset__project=project, dataset__access="open")
    mapping = MappingFactory(version=shown)
    MappingFactory(version=hidden, variable=mapping.variable)
    for outsider in (user, AnonymousUser()):
        assert list(Mapping.objects.visible_to(outsider)) == [mapping]
    MembershipFactory(project=project, user=user, role="reader")
    assert Mapping.objects.visible_to(user).count() == 2
