"""Who sees a dataset and who reads its rows: the table, and that list and single check agree."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.choices import Access
from datasets.datasets.permissions import DatasetPermission, can
from datasets.models import Dataset, Version
from portal.jobs.models import Job
from projects.choices import Role
from tests.factories import (
    DatasetFactory,
    JobFactory,
    MembershipFactory,
    ProjectFactory,
    UserFactory,
    VersionFactory,
)

pytestmark = pytest.mark.django_db

NOBODY, SEES, ROWS = "nothing", "summaries", "rows"
PEOPLE = ["anonymous", "outsider", "former", "future", *Role.values, "keeper", "keeper_left"]
MEMBERS = ["reader", "contributor", "steward", "lead", "keeper"]
UP = ["contributor", "steward", "lead", "keeper"]

# Who gets at least summaries, and who reads rows, by the project's visibility and the access level.
EVERYBODY = set(PEOPLE)
SIGNED_IN = EVERYBODY - {"anonymous"}
SUMMARIES = {
    "public": {
        "open": EVERYBODY,
        "registered": SIGNED_IN,
        "project": set(MEMBERS),
        "controlled": SIGNED_IN,
        "summaries": SIGNED_IN,
    },
    "listed": {access: set(MEMBERS) for access in Access.values},
    "private": {access: set(MEMBERS) for access in Access.values},
}
READS = {
    "open": EVERYBODY,
    "registered": SIGNED_IN,
    "project": set(UP),
    "controlled": {"steward", "lead", "keeper"},
    "summaries": {"keeper"},
}


def person(kind, project, dataset):
    """A person of this kind, as far as the project goes."""
    if kind == "anonymous":
        return AnonymousUser()
    if kind == "keeper":
        MembershipFactory(project=project, user=dataset.created_by, role=Role.CONTRIBUTOR)
        return dataset.created_by
    if kind == "keeper_left":
        return dataset.created_by
    user = UserFactory()
    now, day = timezone.now(), timedelta(days=1)
    if kind == "former":
        past = {"starts_at": now - 2 * day, "ends_at": now - day}
        MembershipFactory(project=project, user=user, role=Role.LEAD, **past)
    elif kind == "future":
        MembershipFactory(project=project, user=user, role=Role.LEAD, starts_at=now + day)
    elif kind in Role.values:
        MembershipFactory(project=project, user=user, role=kind)
    return user


def right_of(user, dataset):
    """What the person gets."""
    if not Dataset.objects.visible_to(user).filter(pk=dataset.pk).exists():
        assert not can(user, DatasetPermission.READ_ROWS, dataset)
        return NOBODY
    return ROWS if can(user, DatasetPermission.READ_ROWS, dataset) else SEES


@pytest.mark.parametrize("visibility", ["public", "listed", "private"])
@pytest.mark.parametrize("access", Access.values)
@pytest.mark.parametrize("kind", PEOPLE)
def test_the_table_of_rights(visibility, access, kind):
    project = ProjectFactory(visibility=visibility)
    dataset = DatasetFactory(project=project, access=access)
    expected = NOBODY
    if kind in SUMMARIES[visibility][access]:
        expected = ROWS if kind in READS[access] else SEES
    assert right_of(person(kind, project, dataset), dataset) == expected


@pytest.mark.parametrize("kind", PEOPLE)
def test_who_changes_a_dataset(kind):
    project = ProjectFactory(visibility="public")
    dataset = DatasetFactory(project=project)
    allowed = kind in ("steward", "lead", "keeper")
    assert can(person(kind, project, dataset), DatasetPermission.CHANGE, dataset) is allowed


def test_a_deactivated_member_changes_nothing():
    project = ProjectFactory()
    dataset = DatasetFactory(project=project)
    lead = person("lead", project, dataset)
    lead.is_active = False
    lead.save()
    assert not can(lead, DatasetPermission.CHANGE, dataset)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_list_and_single_check_agree(data):
    project = ProjectFactory(visibility=data.draw(st.sampled_from(["public", "listed", "private"])))
    dataset = DatasetFactory(project=project, access=data.draw(st.sampled_from(Access.values)))
    ready = VersionFactory(dataset=dataset, ready=data.draw(st.booleans()))
    job = JobFactory(project=project, created_by=dataset.created_by)
    user = person(data.draw(st.sampled_from(PEOPLE)), project, dataset)

    seen = Dataset.objects.visible_to(user)
    readable = Dataset.objects.rows_readable_by(user)
    assert set(readable) <= set(seen)
    assert set(seen.at(dataset.access, user)) == set(seen.filter(access=dataset.access))
    listed = {one.pk: one.rows_readable for one in seen.with_row_right(user)}
    assert {pk for pk, reads in listed.items() if reads} == {one.pk for one in readable}
    assert (dataset in readable) == can(user, DatasetPermission.READ_ROWS, dataset)

    versions = Version.objects.visible_to(user)
    assert {version.dataset for version in versions} <= set(seen)
    newest = {one.pk: one.latest for one in seen.with_latest_version(user)}
    assert (ready in versions) == (ready in newest.get(dataset.pk, []))
    rows = Version.objects.rows_readable_by(user)
    assert (ready in rows) == (ready in versions and dataset in readable)
    inside = user.is_authenticated and any(
        one.is_active for one in user.memberships.filter(project=project)
    )
    assert Job.objects.visible_to(user).filter(pk=job.pk).exists() == inside


def test_what_is_not_ready_shows_to_members_only():
    project = ProjectFactory(visibility="public")
    dataset = DatasetFactory(project=project, access="open")
    failed = VersionFactory(dataset=dataset, state="failed")
    assert failed in Version.objects.visible_to(person("reader", project, dataset))
    for kind in ("anonymous", "outsider", "former", "future"):
        assert failed not in Version.objects.visible_to(person(kind, project, dataset))
