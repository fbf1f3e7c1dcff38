"""The database refuses what the models rule out: one bad row for each named constraint."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import ApiToken, Institution, Notification, Profile, User
from portal.common.api.idempotency import IdempotencyKey
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def user_twice():
    User.objects.create(email="ada@example.org", name="Ada")
    User.objects.create(email="ADA@example.org", name="Ada")


def institution_twice():
    Institution.objects.create(name="Charité", country="DEU")
    Institution.objects.create(name="CHARITÉ", country="DEU")


def told_twice():
    user = UserFactory()
    for _ in range(2):
        Notification.objects.create(recipient=user, event="e", kind="k", text="t", url="/")


def key_twice():
    user = UserFactory()
    for _ in range(2):
        IdempotencyKey.objects.create(user=user, key="k", digest="d")


def profile(**fields):
    return lambda: Profile.objects.create(user=UserFactory(), **fields)


def token(*scopes):
    return lambda: ApiToken.objects.create(
        user=UserFactory(),
        name="t",
        prefix="p",
        digest="d",
        scopes=list(scopes),
        expires_at=timezone.now() + timedelta(days=1),
    )


BAD_ROWS = [
    ("user_email_unique_lower", user_twice),
    ("institution_unique_in_country", institution_twice),
    (
        "institution_country_valid",
        lambda: Institution.objects.create(name="Charité", country="de"),
    ),
    ("profile_country_valid", profile(country="de")),
    ("profile_orcid_valid", profile(orcid="0000-0002-1825")),
    ("profile_disciplines_valid", profile(disciplines=["alchemy"])),
    ("api_token_scopes_valid", token("root")),
    ("api_token_scopes_valid", token()),
    ("notification_once_per_person", told_twice),
    ("idempotency_key_once", key_twice),
]


@pytest.mark.parametrize(("name", "insert"), BAD_ROWS)
def test_the_bad_row_is_refused(name, insert):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        insert()


def test_every_constraint_has_its_bad_row():
    models = (ApiToken, IdempotencyKey, Institution, Notification, Profile, User)
    named = {constraint.name for model in models for constraint in model._meta.constraints}
    assert named == {name for name, _ in BAD_ROWS}
