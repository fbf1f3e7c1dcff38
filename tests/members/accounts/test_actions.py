"""Making, closing and opening accounts."""

import pytest
from allauth.account.models import EmailAddress

from members.accounts import actions as users
from members.api_tokens import actions as api_tokens
from members.models import ApiToken, AuditEvent, User
from portal.common.exceptions import Conflict, Invalid, NotAllowed
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

GOOD = {"email": "Ada@Example.org ", "password": "seven quiet otters", "name": " Ada  Lovelace "}


def test_an_account_is_made_ready_to_sign_in():
    user = users.create(**GOOD, by=None)
    assert (user.email, user.name, user.is_verified) == ("ada@example.org", "Ada Lovelace", True)
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert user.check_password("seven quiet otters")
    assert user.profile.disciplines == []
    assert AuditEvent.objects.get().action == "user.created"


def test_an_admin_is_made():
    assert users.create(**GOOD, admin=True, by=None).is_staff


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"password": "password1234"}, "password"),
        ({"password": "short"}, "password"),
        ({"password": "webwebweb12345"}, "password"),
        ({"password": "adalovelace"}, "password"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Ada\u202eecalevoL"}, "name"),
    ],
)
def test_bad_input_names_its_field(change, field):
    with pytest.raises(Invalid) as refusal:
        users.create(**{**GOOD, **change}, by=None)
    assert list(refusal.value.errors) == [field]
    assert not User.objects.exists()


def test_an_address_is_used_once():
    users.create(**GOOD, by=None)
    with pytest.raises(Conflict, match="already"):
        users.create(**{**GOOD, "email": "ADA@example.org"}, by=None)
    owner = UserFactory()
    EmailAddress.objects.create(user=owner, email="second@example.org", verified=True)
    with pytest.raises(Conflict):
        users.create(**{**GOOD, "email": "second@example.org"}, by=None)


def test_only_admins_make_open_and_close_accounts(user):
    other = UserFactory()
    for attempt in (
        lambda: users.create(**GOOD, by=user),
        lambda: users.deactivate(user=other, by=user),
        lambda: users.reactivate(user=other, by=user),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    other.refresh_from_db()
    assert other.is_active


def test_an_admin_cannot_close_their_own_account():
    admin = UserFactory(is_staff=True)
    with pytest.raises(NotAllowed):
        users.deactivate(user=admin, by=admin)


def test_a_closed_admin_closes_nobody(user):
    admin = UserFactory(is_staff=True, is_active=False)
    with pytest.raises(NotAllowed):
        users.deactivate(user=user, by=admin)


def test_closing_ends_tokens_and_is_audited_once(user):
    admin = UserFactory(is_staff=True)
    api_tokens.create(name="t", scopes=["read"], days=1, by=user)
    for _ in range(2):
        users.deactivate(user=user, by=admin)
    assert ApiToken.objects.get().revoked_at is not None
    event = AuditEvent.objects.get(action="user.deactivated")
    assert (event.actor_id, event.after) == (admin.pk, {"tokens_revoked": 1})
    for _ in range(2):
        users.reactivate(user=user, by=admin)
    assert AuditEvent.objects.filter(action="user.reactivated").count() == 1
    user.refresh_from_db()
    assert user.is_active
    assert not user.has_usable_password()
