"""Make and change datasets."""

import pytest
from django.core.files.base import ContentFile

from datasets.datasets import actions as datasets
from datasets.models import Dataset, Version
from datasets.uploads import actions as uploads
from members.models import AuditEvent
from portal.common.exceptions import Invalid, NotAllowed
from portal.jobs.models import Job
from tests.factories import (
    DatasetFactory,
    MembershipFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)
from tests.factories.files import PATIENTS
from tests.meanwhile import acts_elsewhere

pytestmark = pytest.mark.django_db


def member(project, role="contributor"):
    return MembershipFactory(project=project, role=role).user


def test_a_contributor_brings_data_with_its_file(site):
    by = member(site.project)
    file = ContentFile(PATIENTS, name="a.csv")
    made = uploads.bring(project=site.project, site=site, title=" Hungary ", file=file, by=by)
    assert (made.title, made.access, made.threshold, made.created_by) == (
        *("Hungary", "project"),
        *(5, by),
    )
    assert made.versions.get().latest_job().state == "queued"
    event = AuditEvent.objects.get(action="dataset.created")
    assert (event.actor_id, event.after["title"]) == (by.pk, "Hungary")


def test_a_file_that_is_refused_takes_the_dataset_along(site):
    file = ContentFile(b"", name="a.csv")
    with pytest.raises(Invalid):
        uploads.bring(
            project=site.project, site=site, title="x", file=file, by=member(site.project)
        )
    assert not Dataset.objects.exists()
    assert not Version.objects.exists()
    assert not Job.objects.exists()


class Arriving(ContentFile):
    """A file during whose arrival something else happens."""

    def __init__(self, content, meanwhile):
        super().__init__(content, name="a.csv")
        self.meanwhile = meanwhile

    def chunks(self, chunk_size=None):
        self.meanwhile()
        return super().chunks(chunk_size)


@pytest.mark.django_db(transaction=True)
def test_while_a_new_datasets_file_is_kept_nobody_waits_for_the_audit_trail(site):
    other, by = UserFactory(), member(site.project)
    file = Arriving(PATIENTS, lambda: acts_elsewhere(other))
    uploads.bring(project=site.project, site=site, title="x", file=file, by=by)
    newest = AuditEvent.objects.order_by("-id").values_list("action", flat=True)[:3]
    assert list(newest) == ["version.uploaded", "dataset.created", "profile.changed"]


@pytest.mark.parametrize("role", ["reader", None])
def test_others_bring_nothing(site, role):
    by = member(site.project, role) if role else UserFactory()
    with pytest.raises(NotAllowed):
        datasets.create(project=site.project, site=site, title="x", by=by)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"access": "secret"}, "access"),
        ({"threshold": 4}, "threshold"),
        ({"disclosure_rules": "none"}, "disclosure_rules"),
        ({"description": "x" * 10_001}, "description"),
    ],
)
def test_what_does_not_fit_is_named(site, values, field):
    with pytest.raises(Invalid) as caught:
        datasets.create(
            project=site.project, site=site, by=member(site.project), **{"title": "x", **values}
        )
    assert field in caught.value.errors


def test_a_site_of_another_project_is_refused(site):
    with pytest.raises(Invalid) as caught:
        datasets.create(
            project=site.project, site=StudySiteFactory(), title="x", by=member(site.project)
        )
    assert "site" in caught.value.errors


def test_only_what_is_named_changes_and_is_written_down(site):
    dataset = DatasetFactory(project=site.project, site=site, title="old", description="kept")
    lead = member(site.project, "lead")
    changed = datasets.change(dataset=dataset, access="controlled", threshold=10, by=lead)
    assert (changed.title, changed.description, changed.access) == ("old", "kept", "controlled")
    event = AuditEvent.objects.get(action="dataset.changed")
    assert event.before == {"access": "project", "threshold": 5}
    assert event.after == {"access": "controlled", "threshold": 10}
    datasets.change(dataset=dataset, access="controlled", by=lead)
    assert AuditEvent.objects.filter(action="dataset.changed").count() == 1


def test_a_contributor_changes_only_their_own(site):
    dataset = DatasetFactory(project=site.project, site=site)
    with pytest.raises(NotAllowed):
        datasets.change(dataset=dataset, title="mine", by=member(site.project))
    MembershipFactory(project=site.project, user=dataset.created_by)
    assert datasets.change(dataset=dataset, title="mine", by=dataset.created_by).title == "mine"


def test_a_dataset_stays_in_its_project(site):
    dataset = DatasetFactory(project=site.project, site=site)
    with pytest.raises(ValueError, match="not changeable"):
        datasets.change(dataset=dataset, project=ProjectFactory(), by=member(site.project, "lead"))


@pytest.mark.parametrize(
    "values",
    [
        {"access": "project"},
        {"access": "open"},
        {"threshold": 3},
        {"disclosure_rules": "standard"},
        # What a stricter rule takes away tells how many there are.
        {"threshold": 10},
        {"disclosure_rules": "sums_only"},
    ],
)
def test_nobody_changes_rules_for_rows_that_they_may_not_read(site, values):
    keeper = member(site.project)
    dataset = DatasetFactory(
        project=site.project,
        site=site,
        access="summaries",
        disclosure_rules="strict",
        created_by=keeper,
    )
    lead = member(site.project, "lead")
    with pytest.raises(NotAllowed):
        datasets.change(dataset=dataset, by=lead, **values)
    same = {"access": "summaries", "threshold": 5, "title": "renamed"}
    assert datasets.change(dataset=dataset, by=lead, **same).title == "renamed"
    datasets.change(dataset=dataset, by=keeper, **values)
