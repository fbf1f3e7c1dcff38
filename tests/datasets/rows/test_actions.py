"""The one door to bytes: who gets through it, in which state, and that it is written down."""

import pytest
from django.contrib.auth.models import AnonymousUser

from datasets.rows import actions as files
from members.models import AuditEvent
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from projects.models import Membership
from tests.factories import DatasetFactory, MembershipFactory, ProjectFactory, UserFactory
from tests.factories.files import PATIENTS, ready_version, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset():
    dataset = DatasetFactory(project=ProjectFactory(visibility="public"))
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    return dataset


def content(version, format, by):
    with files.open_file(version=version, format=format, by=by).file as file:
        return file.read()


def test_each_format_has_its_bytes(dataset):
    version = ready_version(dataset)
    by = dataset.created_by
    assert content(version, "original", by) == PATIENTS
    assert content(version, "parquet", by).startswith(b"PAR1")
    lines = content(version, "csv", by).decode().splitlines()
    assert lines[0] == '"age","sex","chol","num"'
    assert lines[1] == '40,"m",,0'
    assert len(lines) == 121
    events = AuditEvent.objects.filter(action="version.downloaded").order_by("id")
    assert [event.after["format"] for event in events] == ["original", "parquet", "csv"]
    assert {event.actor_id for event in events} == {by.pk}


def test_formula_cells_are_left_as_they_are_in_data(dataset):
    raw = b"id,note\n1,=1+1\n2,@SUM(A1)\n"
    version = ready_version(dataset, raw)
    assert content(version, "original", dataset.created_by) == raw
    assert b"=1+1" in content(version, "csv", dataset.created_by)


def test_who_may_not_read_rows_gets_no_byte_and_leaves_no_trace(dataset):
    version = ready_version(dataset)
    reader = MembershipFactory(project=dataset.project, role="reader").user
    for person in (reader, UserFactory(), AnonymousUser()):
        for format in files.FORMATS:
            with pytest.raises(NotAllowed):
                files.open_file(version=version, format=format, by=person)
        with pytest.raises(NotAllowed), files.open_table(version=version, by=person):
            pass
    assert not AuditEvent.objects.filter(action="version.downloaded").exists()


def test_a_right_that_ended_is_noticed_at_the_next_request(dataset):
    version = ready_version(dataset)
    member = MembershipFactory(project=dataset.project)
    assert content(version, "original", member.user)
    Membership.objects.filter(pk=member.pk).update(ends_at=member.starts_at)
    with pytest.raises(NotAllowed):
        files.open_file(version=version, format="original", by=member.user, part="bytes=5-")


def test_a_right_that_ends_while_the_table_is_written_opens_nothing(dataset, monkeypatch):
    version = ready_version(dataset)
    member = MembershipFactory(project=dataset.project)

    def write(table, path):
        path.touch()
        Membership.objects.filter(pk=member.pk).update(ends_at=member.starts_at)

    monkeypatch.setattr(files, "write_csv", write)
    with pytest.raises(NotAllowed):
        files.open_file(version=version, format="csv", by=member.user)
    assert not AuditEvent.objects.filter(action="version.downloaded").exists()


def test_a_portal_admin_gets_no_data_by_being_one(dataset):
    version = ready_version(dataset)
    with pytest.raises(NotAllowed):
        files.open_file(version=version, format="csv", by=UserFactory(is_staff=True))


def test_before_it_is_read_there_is_only_the_original(dataset):
    version = uploaded(dataset)
    assert content(version, "original", dataset.created_by) == PATIENTS
    with pytest.raises(Conflict):
        files.open_file(version=version, format="csv", by=dataset.created_by)
    with pytest.raises(Invalid):
        files.open_file(version=version, format="xml", by=dataset.created_by)
