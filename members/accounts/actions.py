"""Make accounts, close them and open them again."""

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from members.api_tokens import actions as api_tokens
from members.api_tokens.models import ApiToken
from members.audit_events import actions as audit_events
from members.profiles.models import Profile
from members.users.models import User
from members.users.names import fault_in, tidy
from portal.common.exceptions import Conflict, Invalid, NotAllowed


@transaction.atomic
def create(*, email: str, password: str, name: str, admin: bool = False, by: User | None) -> User:
    """An account whose address counts as verified; `by` is None on the operator's command line."""
    if by is not None and not by.is_staff:
        raise NotAllowed(gettext("Only portal admins make accounts for others."))
    email = email.strip().lower()
    name = tidy(name)
    user = User(email=email, name=name, is_staff=admin, is_superuser=admin)
    errors: dict[str, list[str]] = {}
    if fault := fault_in(name):
        errors["name"] = [fault]
    for field, check in (
        ("email", lambda: validate_email(email)),
        ("password", lambda: validate_password(password, user)),
    ):
        try:
            check()
        except ValidationError as error:
            errors[field] = list(error.messages)
    if errors:
        raise Invalid(errors=errors)
    taken = EmailAddress.objects.filter(email=email, verified=True).exists()
    if taken or User.objects.filter(email=email).exists():
        raise Conflict(
            gettext("There is an account with the address %(email)s already.") % {"email": email},
            code="email_taken",
        )
    user.set_password(password)
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    Profile.objects.create(user=user)
    audit_events.record("user.created", user, by=by, after={"admin": admin})
    return user


@audit_events.written_last()
def change_password(*, user: User, password: str, by: None) -> None:
    """A new password from the operator's command line, which ends sessions and API tokens."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise Conflict(gettext("This account is closed."), code="closed")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(errors={"password": list(error.messages)}) from error
    # A session is bound to the password.
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    audit_events.record("user.password_changed", user, by=by, after={"through": "command line"})
    api_tokens.revoke_all(user=user, by=by)


@transaction.atomic
def deactivate(*, user: User, by: User) -> User:
    """Close an account: its sessions and tokens end now, and stay ended if it is opened again."""
    locked = locked_by_admin(user, by)
    if locked.pk == by.pk:
        raise NotAllowed(
            gettext("You cannot deactivate your own account. Ask another portal admin.")
        )
    if locked.is_active:
        locked.is_active = False
        # A session is bound to the password, so this ends them for good.
        locked.set_unusable_password()
        locked.save(update_fields=["is_active", "password", "updated_at"])
        ended = ApiToken.objects.filter(user=locked, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        audit_events.record("user.deactivated", locked, by=by, after={"tokens_revoked": ended})
    return locked


@transaction.atomic
def reactivate(*, user: User, by: User) -> User:
    """Open an account again; the person chooses a new password through a mailed link."""
    locked = locked_by_admin(user, by)
    if not locked.is_active:
        locked.is_active = True
        locked.save(update_fields=["is_active", "updated_at"])
        audit_events.record("user.reactivated", locked, by=by)
    return locked


def locked_by_admin(user: User, by: User) -> User:
    """The account's row, locked for a portal admin."""
    if not (by.is_staff and by.is_active):
        raise NotAllowed(gettext("Only portal admins open and close accounts."))
    return User.objects.select_for_update().get(pk=user.pk)
