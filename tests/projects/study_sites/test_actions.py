"""Study sites."""

import pytest

from members.models import AuditEvent, Institution, Notification
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from projects.models import StudySite
from projects.openings import actions as openings
from projects.study_sites import actions as study_sites
from tests.factories import MembershipFactory, ProjectFactory, StudySiteFactory, UserFactory

pytestmark = pytest.mark.django_db
BUDAPEST = {"name": "Budapest", "institution": "Heart Centre", "country": "HUN"}


def test_sites_share_institutions(project, lead):
    site = study_sites.add(project=project, by=lead, **BUDAPEST)
    other = study_sites.add(
        project=project, by=lead, name="Buda", institution="heart  centre", country="hun"
    )
    assert site.institution == other.institution
    assert Institution.objects.count() == 1
    assert other.country == "HUN"
    assert AuditEvent.objects.filter(action="study_site.added").count() == 2


@pytest.mark.parametrize("name", ["Budapest", "budapest", " BUDAPEST "])
def test_a_name_stands_once_in_a_project(project, lead, name):
    study_sites.add(project=project, by=lead, **BUDAPEST)
    with pytest.raises(Conflict) as error:
        study_sites.add(project=project, by=lead, **{**BUDAPEST, "name": name})
    assert error.value.code == "site_exists"
    study_sites.add(project=ProjectFactory(lead=lead), by=lead, **BUDAPEST)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("institution", " "),
        ("institution", "x" * 201),
        ("country", "Hungary"),
        ("country", "XXX"),
        ("country", ""),
    ],
)
def test_what_does_not_fit_is_refused_by_field(project, lead, field, value):
    with pytest.raises(Invalid) as error:
        study_sites.add(project=project, by=lead, **{**BUDAPEST, field: value})
    assert field in error.value.errors
    assert not StudySite.objects.exists()
    assert not Institution.objects.exists()


def test_another_country_is_audited_and_the_stewards_are_told(project, lead):
    steward = MembershipFactory(project=project, role="steward").user
    site = study_sites.add(project=project, by=lead, **BUDAPEST)
    study_sites.change(site=site, by=lead, country="CHE")
    event = AuditEvent.objects.get(action="study_site.changed")
    assert (event.before["country"], event.after["country"]) == ("HUN", "CHE")
    assert "Hungary to Switzerland" in Notification.objects.get(recipient=steward).text
    site.refresh_from_db()
    assert site.region == "Western Europe"
    assert site.institution.country == "CHE"


def test_no_change_leaves_no_trace(project, lead):
    site = study_sites.add(project=project, by=lead, **BUDAPEST)
    study_sites.change(site=site, by=lead, name="Budapest")
    assert not AuditEvent.objects.filter(action="study_site.changed").exists()


@pytest.mark.parametrize("role", [None, "reader", "contributor", "steward"])
def test_only_leads_change_sites_and_openings(project, role):
    somebody = MembershipFactory(project=project, role=role).user if role else UserFactory()
    site = StudySiteFactory(project=project)
    for step in (
        lambda: study_sites.add(project=project, by=somebody, **BUDAPEST),
        lambda: study_sites.change(site=site, by=somebody, name="Mine"),
        lambda: openings.add(project=project, kind="data", detail="x", by=somebody),
    ):
        with pytest.raises(NotAllowed):
            step()
