"""How allauth makes, checks and writes to our accounts; what it does is audited here.

Its hooks are called where things happen, so no signal is needed for that.
"""

from contextlib import nullcontext
from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context, ratelimit
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language_from_request, gettext, gettext_lazy

from members.api_tokens.models import ApiToken
from members.audit_events import actions as audit_events
from members.profiles.models import Profile
from members.users.models import User
from portal.common.pages import remember_language
from portal.common.text import speaking_to

logger = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by e-mail. Links in mails name the portal, whatever host a request claims."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("This address and password do not fit together."),
        "too_many_login_attempts": gettext_lazy(
            "Too many attempts. Wait five minutes, or set a new password."
        ),
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your current password."),
        "same_as_current": gettext_lazy("This is your address already."),
        "duplicate_email": gettext_lazy("This is your address already."),
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        user.language = get_language_from_request(request)
        super().save_user(request, user, form, commit)
        Profile.objects.create(user=user)
        audit_events.record("user.signed_up", user, by=user)
        return user

    def set_password(self, user: User, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            signed_in = context.request.user.is_authenticated
            audit_events.record(
                "user.password_changed",
                user,
                by=user,
                after={"through": "account page" if signed_in else "mailed link"},
            )

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        before = User.objects.get(pk=email_address.user_id).email
        first = not EmailAddress.objects.filter(user=email_address.user_id, verified=True).exists()
        try:
            with transaction.atomic():
                confirmed = super().confirm_email(request, email_address)
                if confirmed:
                    audit_events.record(
                        "user.email_verified" if first else "user.email_changed",
                        email_address.user,
                        by=email_address.user,
                        before=None if first else {"email": before},
                        after={"email": email_address.email},
                    )
        except IntegrityError:
            # An account that never showed the address to be its own holds it already.
            self.add_message(
                request, messages.ERROR, "account/messages/email_confirmation_failed.txt"
            )
            return False
        return confirmed

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            audit_events.record("user.signed_in", user, by=user)
        response = super().post_login(request, user, **kwargs)
        if user.language:
            remember_language(response, user.language)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Audit the failure that locks an address, alike for addresses without an account."""
        key = self._get_login_attempts_cache_key(request, **credentials)
        if ratelimit.consume(request, action="login_failed", key=key, dry_run=True):
            return
        known = User.objects.filter(email=key).first()
        with transaction.atomic():
            audit_events.record(
                "user.locked_out", known or User(name="an address without an account"), by=None
            )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Attempts are counted by address alone; allauth's key holds the Host header as well, so
        that each new port in it would start a new count."""
        return credentials.get("email", credentials.get("username", "")).lower()

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, secret = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", args=[uid, secret])

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """As allauth does; our texts also say whether API tokens go on working."""
        live = ApiToken.objects.visible_to(user).live().count()
        super().send_notification_mail(
            template_prefix, user, {**(context or {}), "live_tokens": live}, email
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Our texts in templates/emails; a mail server that is down does not end the page."""
        template = template_prefix.replace("account/email/", "emails/")
        reader = context.get("user")
        known = isinstance(reader, User) and bool(reader.language)
        try:
            with speaking_to(reader) if known else nullcontext():
                super().send_mail(template, email, {**context, "site_url": settings.SITE_URL})
        except (OSError, SMTPException) as error:
            logger.error("mail_not_sent", template=template, error=repr(error))
            text = gettext("The mail could not be sent. Please try again in a few minutes.")
            self.add_message(self.request, messages.ERROR, message=text)
