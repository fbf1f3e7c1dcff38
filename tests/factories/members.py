"""People, what they sign in with, and institutions."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

import factory
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django.utils.crypto import get_random_string

from members.api_tokens.actions import PREFIX, digest
from members.models import ApiToken, Institution, Profile, User

PASSWORD = "correct horse battery"
LATER = timedelta(days=1)


class UserFactory(factory.django.DjangoModelFactory):
    """A verified person with the password `PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def address(self, create, extracted, **kwargs):
        EmailAddress.objects.create(
            user=self, email=self.email, primary=True, verified=extracted is not False
        )


class InstitutionFactory(factory.django.DjangoModelFactory):
    """A hospital in Hungary."""

    class Meta:
        model = Institution

    name = factory.Sequence(lambda n: f"Hospital {n}")
    country = "HUN"


class ProfileFactory(factory.django.DjangoModelFactory):
    """A cardiologist's profile."""

    class Meta:
        model = Profile

    user = factory.SubFactory(UserFactory)
    institution = factory.SubFactory(InstitutionFactory)
    country = "HUN"
    disciplines = ["cardiology"]


def sign_in(client: Client, user: User, backend: str | None = None) -> None:
    """Give a client the session of somebody who has signed in.

    In one statement, where Django's `force_login` takes fifteen.
    """
    said = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: backend or settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    session = Session.objects.create(
        session_key=get_random_string(32),
        session_data=SessionStore().encode(said),
        expire_date=timezone.now() + LATER,
    )
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def token_of(person: User, scopes: Sequence[str], **values) -> tuple[ApiToken, str]:
    """A token for a day and its secret, without the action's checks and its audit event."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=person,
        name="test",
        prefix=secret[:12],
        digest=digest(secret),
        scopes=list(scopes),
        expires_at=timezone.now() + LATER,
        **values,
    )
    return token, secret
