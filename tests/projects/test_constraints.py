"""Every named constraint refuses its bad row in the database itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint
from django.utils import timezone

from projects.models import JoinRequest, Membership, Opening, Project, StudySite
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def twice(factory, **values):
    factory(**values)
    factory(**values)


def decided(**values):
    JoinRequestFactory(decided_at=timezone.now(), decided_by=UserFactory(), **values)


BAD = {
    "project_stage_valid": lambda: ProjectFactory(stage="done"),
    "project_visibility_valid": lambda: ProjectFactory(visibility="secret"),
    "project_join_policy_valid": lambda: ProjectFactory(join_policy="open"),
    "project_disciplines_valid": lambda: ProjectFactory(disciplines=["alchemy"]),
    "project_regions_valid": lambda: ProjectFactory(regions=["Atlantis"]),
    "project_one_sample": lambda: twice(ProjectFactory, is_sample=True),
    "study_site_unique_in_project": lambda: (
        StudySiteFactory(project=(p := ProjectFactory()), name="Basel"),
        StudySiteFactory(project=p, name="BASEL"),
    ),
    "study_site_country_valid": lambda: StudySiteFactory(country="hu"),
    "opening_kind_valid": lambda: OpeningFactory(kind="magic"),
    "opening_discipline_valid": lambda: OpeningFactory(discipline="alchemy"),
    "opening_region_valid": lambda: OpeningFactory(region="Atlantis"),
    "opening_says_something": lambda: OpeningFactory(detail=""),
    "membership_once_per_project": lambda: twice(
        MembershipFactory, project=ProjectFactory(), user=UserFactory()
    ),
    "membership_role_valid": lambda: MembershipFactory(role="owner"),
    "membership_ends_after_start": lambda: MembershipFactory(
        ends_at=timezone.now() - timedelta(days=1)
    ),
    "join_request_state_valid": lambda: decided(state="lost"),
    "join_request_decided_at_paired": lambda: JoinRequestFactory(decided_by=UserFactory()),
    "join_request_one_open_per_person": lambda: twice(
        JoinRequestFactory, project=ProjectFactory(), user=UserFactory()
    ),
    "join_request_decided_unless_open": lambda: JoinRequestFactory(state="declined"),
    "join_request_role_iff_approved": lambda: decided(state="approved"),
}


@pytest.mark.parametrize("name", BAD)
def test_the_database_refuses(name):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        BAD[name]()
    assert error.value.__cause__.diag.constraint_name == name


def test_every_constraint_has_its_bad_row():
    models = (Project, StudySite, Opening, Membership, JoinRequest)
    named = {
        constraint.name
        for model in models
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint | UniqueConstraint)
    }
    assert named == set(BAD)
