"""Who sees what: the querysets against the rules spelt out for one object at a time."""

from datetime import timedelta
from functools import cache

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.choices import Role, Visibility
from projects.models import JoinRequest, Membership, Opening, Project, StudySite
from projects.projects.permissions import can, role_in
from projects.roles import Permission
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    OpeningFactory,
    ProjectFactory,
    StudySiteFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
WHEN = {
    "now": (-2, None),
    "until later": (-2, 2),
    "ended": (-2, -1),
    "not yet": (1, None),
}
memberships = st.one_of(
    st.none(), st.tuples(st.sampled_from(Role.values), st.sampled_from(sorted(WHEN)))
)
worlds = st.lists(
    st.tuples(st.sampled_from(Visibility.values), memberships, memberships, st.booleans()),
    min_size=1,
    max_size=4,
)


def join(project, user, place):
    role, when = place
    start, end = WHEN[when]
    now = timezone.now()
    return MembershipFactory(
        project=project,
        user=user,
        role=role,
        starts_at=now + timedelta(days=start),
        ends_at=None if end is None else now + timedelta(days=end),
    )


@cache
def role_of(user, project):
    """Asked once, though many things hang on it: no project's number comes again."""
    return role_in(user, project)


@cache
def may(user, permission, project):
    return can(user, permission, project)


def known(user, project):
    return project.visibility != "private" or role_of(user, project) is not None


def inside(user, project):
    return may(user, Permission.SEE_INSIDE, project)


def sees_membership(user, row):
    own = user.is_authenticated and row.user_id == user.pk
    colleague = role_of(user, row.project) is not None
    return own or colleague or (inside(user, row.project) and row.is_active)


def sees_request(user, row):
    own = user.is_authenticated and row.user_id == user.pk
    return own or may(user, Permission.MANAGE_MEMBERS, row.project)


RULES = {
    Project: known,
    Opening: lambda user, row: known(user, row.project),
    StudySite: lambda user, row: inside(user, row.project),
    Membership: sees_membership,
    JoinRequest: sees_request,
}


def of_project(model):
    return model.objects.all() if model is Project else model.objects.select_related("project")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds)
def test_querysets_agree_with_the_rules(world):
    Project.objects.all().delete()
    ann, ben = UserFactory(), UserFactory()
    for visibility, of_ann, of_ben, asks in world:
        project = ProjectFactory(visibility=visibility)
        OpeningFactory(project=project)
        StudySiteFactory(project=project)
        for user, place in ((ann, of_ann), (ben, of_ben)):
            if place:
                join(project, user, place)
            if asks:
                JoinRequestFactory(project=project, user=user)
    for user in (ann, ben, AnonymousUser()):
        for model, rule in RULES.items():
            visible = model.objects.visible_to(user)
            rows = list(of_project(model))
            pks = list(visible.values_list("pk", flat=True))
            expected = [row.pk for row in rows if rule(user, row)]
            assert sorted(pks) == sorted(expected), (model, user)
            for row in rows:
                assert visible.filter(pk=row.pk).exists() == (row.pk in expected)
        opened = Project.objects.inside_visible_to(user)
        assert set(opened) == {p for p in Project.objects.all() if inside(user, p)}


def test_an_account_that_is_closed_may_nothing(user):
    project = ProjectFactory(visibility="private", lead=user)
    user.is_active = False
    user.save()
    assert not can(user, Permission.SEE_INSIDE, project)
