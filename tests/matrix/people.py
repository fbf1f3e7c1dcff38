"""The matrix's people: one for each role, signed in, with tokens for every set of scopes."""

import time
from datetime import timedelta

from allauth.account.internal.flows import login
from django.conf import settings
from django.test import Client
from django.utils import timezone

from members.choices import Scope
from members.models import User
from projects.models import Membership, Project
from tests.factories import MembershipFactory, ProfileFactory, UserFactory, token_of
from tests.matrix.roles import EVERYBODY, MEMBERS

LATER = timedelta(days=1)
DAY = LATER.total_seconds()
LONG_AGO = timedelta(days=100)


def everybody() -> dict[str, User]:
    """An account for each role but the anonymous."""
    people = {
        role: UserFactory(
            name=f"Dr {role.title()}",
            email=f"{role}@matrix.example",
            address=role != "registered",
            is_staff=role == "admin",
            is_superuser=role == "admin",
        )
        for role in sorted(EVERYBODY - {"anonymous"})
    }
    for person in people.values():
        ProfileFactory(user=person)
    return people


def sign_in(people: dict[str, User]) -> dict[str, str]:
    """A session key for each; whoever is deactivated was signed in before that."""
    sessions = {}
    for role, person in people.items():
        client = Client()
        client.force_login(person)
        session = client.session
        # As if the password had just been asked for once more.
        record = {"method": "password", "reauthenticated": True, "at": time.time() + DAY}
        session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [record]
        session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
        session.save()
        sessions[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    User.objects.filter(pk=people["deactivated"].pk).update(is_active=False)
    return sessions


def admit(people: dict[str, User], project: Project) -> dict[str, Membership]:
    """Everybody's place in one project; a second lead lets the first one leave."""
    roles = {role: role for role in MEMBERS} | {"keeper": "contributor", "deactivated": "lead"}
    past = timezone.now() - LONG_AGO
    memberships = {
        role: MembershipFactory(project=project, user=people[role], role=given, starts_at=past)
        for role, given in roles.items()
    }
    MembershipFactory(project=project, user=UserFactory(name="Dr Co-Lead"), role="lead")
    memberships["former"] = MembershipFactory(
        project=project,
        user=people["former"],
        role="lead",
        starts_at=past,
        ends_at=timezone.now() - timedelta(days=1),
    )
    return memberships


WITH_ROWS = f"{Scope.WRITE_DATA} {Scope.READ_DATA}"


def tokens(people: dict[str, User]) -> dict[tuple[str, str, bool], str]:
    """By role, scope, and whether it is the only one or the only one that lacks; of `WITH_ROWS`
    both. Each was used “tomorrow”, so that using it writes nothing."""
    used = timezone.now() + LATER
    made: dict[tuple[str, str, bool], str] = {}
    for role, person in people.items():
        for scope in Scope.values:
            others = [other for other in Scope.values if other != scope]
            made[role, scope, True] = token_of(person, [scope], last_used_at=used)[1]
            made[role, scope, False] = token_of(person, others, last_used_at=used)[1]
        made[role, WITH_ROWS, True] = token_of(person, WITH_ROWS.split(), last_used_at=used)[1]
    return made
