"""Create, find and revoke API tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from members.api_tokens.models import ApiToken
from members.audit_events import actions as audit_events
from members.choices import Scope
from members.notifications import actions as notifications
from members.users.models import User
from portal.common.exceptions import Invalid, NotAllowed, TooMany
from portal.common.text import filled

LONGEST_DAYS = 365


MOST_LIVE = 50


PREFIX = "coh_"


@transaction.atomic
def create(*, name: str, scopes: Sequence[str], days: int, by: User) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown this once and never kept."""
    errors: dict[str, str] = {}
    if not name.strip():
        errors["name"] = gettext("Give the token a name, so that you know later what uses it.")
    elif len(name) > 80:
        errors["name"] = gettext("Use at most 80 characters.")
    if not scopes:
        errors["scopes"] = gettext("Choose at least one scope.")
    elif unknown := sorted(set(scopes) - set(Scope.values)):
        errors["scopes"] = gettext("Unknown scope: %(values)s.") % {
            "values": ", ".join(map(str, unknown))[:80]
        }
    if not 1 <= days <= LONGEST_DAYS:
        errors["days"] = gettext("A token lasts 1 to %(most)s days.") % {"most": LONGEST_DAYS}
    if errors:
        raise Invalid(errors=errors)
    # Of two calls at once the second counts the first one's token.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if ApiToken.objects.visible_to(by).live().count() >= MOST_LIVE:
        raise TooMany(
            gettext("You have %(most)s live tokens. Revoke one that is no longer used.")
            % {"most": MOST_LIVE}
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=by,
        name=name.strip(),
        prefix=secret[:12],
        digest=digest(secret),
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit_events.record(
        "api_token.created", token, by=by, after={"scopes": token.scopes, "days": days}
    )
    return token, secret


@transaction.atomic
def revoke(*, token: ApiToken, by: User | None) -> None:
    """End the token at once; `by` is None on the operator's command line."""
    if by is not None and token.user_id != by.pk and not by.is_staff:
        raise NotAllowed(gettext("This token belongs to somebody else."))
    ended = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True)
    if ended.update(revoked_at=timezone.now()):
        audit_events.record("api_token.revoked", token, by=by)


@transaction.atomic
def revoke_all(*, user: User, by: User | None) -> int:
    """End all of the person's tokens, since their password is new; answers how many that were."""
    live = list(ApiToken.objects.visible_to(user).live().select_for_update())
    for token in live:
        revoke(token=token, by=by)
    if live:
        notifications.notify(
            [user],
            event=f"api-tokens-revoked-{live[-1].pk}",
            kind="api_tokens_revoked",
            text=filled(
                ngettext_lazy(
                    "An API token was revoked with your new password. Scripts that used it need a "
                    "new one.",
                    "%(count)s API tokens were revoked with your new password. Scripts that used "
                    "them need new ones.",
                    len(live),
                ),
                count=len(live),
            ),
            url=reverse("api-tokens"),
            because=gettext_lazy("Your password was changed."),
        )
    return len(live)


def find(secret: str) -> ApiToken | None:
    """The live token with this secret, of an active account; its use is noted by the minute."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest(secret), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is not None:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=1))
        if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=1):
            ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def digest(secret: str) -> str:
    """SHA-256 of the secret: it is 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
