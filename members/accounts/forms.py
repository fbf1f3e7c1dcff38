"""Allauth's forms in our words."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SignupForm,
)
from allauth.account.internal import flows
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from members.api_tokens import actions as api_tokens
from members.api_tokens.models import ApiToken
from members.audit_events import actions as audit_events
from members.users.models import User
from members.users.names import LONGEST_NAME, fault_in, tidy
from portal.common.text import Text

PASSWORD_HELP = gettext_lazy(
    "At least 12 characters; a few unrelated words are good. No common password."
)


class OurWords:
    """Labels above the fields and no placeholders in them, which vanish when one types."""

    fields: dict[str, Any]
    words: dict[str, tuple[Text, Text]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.words:
                field.label, field.help_text = self.words[name]


class SignUpForm(OurWords, SignupForm):
    """Name, e-mail address and password."""

    field_order = ["name", "email", "password1"]
    words: dict[str, tuple[Text, Text]] = {
        "name": (
            gettext_lazy("Your name"),
            gettext_lazy("As colleagues know you. It is shown beside what you do."),
        ),
        "email": (
            gettext_lazy("E-mail address"),
            gettext_lazy("We send a link to it. Other people never see it."),
        ),
        "password1": (gettext_lazy("Password"), PASSWORD_HELP),
    }
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_name(self) -> str:
        name = tidy(self.cleaned_data["name"])
        if fault := fault_in(name):
            raise forms.ValidationError(fault)
        return name

    def clean(self) -> dict[str, Any]:
        """A password made of the person's name is refused; allauth knows the address alone."""
        cleaned = super().clean()
        password = cleaned.get("password1")
        if password and "name" in cleaned and not self.has_error("password1"):
            user = User(name=cleaned["name"], email=cleaned.get("email", ""))
            try:
                validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, Any]:
        """As allauth does, and alike in time and answer when the address has an account."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # Somebody signed up with this address at the same moment.
            email = self.cleaned_data["email"]
            return None, flows.signup.prevent_enumeration(request, email=email)


class SignInForm(OurWords, LoginForm):
    """E-mail address and password."""

    words: dict[str, tuple[Text, Text]] = {
        "login": (gettext_lazy("E-mail address"), ""),
        "password": (gettext_lazy("Password"), ""),
        "remember": (gettext_lazy("Keep me signed in on this device"), ""),
    }


class NewEmailForm(OurWords, AddEmailForm):
    """The address that is to replace the present one."""

    words: dict[str, tuple[Text, Text]] = {
        "email": (
            gettext_lazy("New e-mail address"),
            gettext_lazy(
                "We send a link to it. Your present address stays until you follow that link."
            ),
        )
    }


class EndsTokens(OurWords):
    """A new password ends the person's API tokens, unless they say that these stay."""

    user: User | None
    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user is None or not ApiToken.objects.visible_to(self.user).live().exists():
            del self.fields["keep_tokens"]

    def save(self) -> None:
        with audit_events.written_last():
            super().save()  # type: ignore[misc]  # of the form it is mixed into
            if self.user is not None and not self.cleaned_data.get("keep_tokens"):
                api_tokens.revoke_all(user=self.user, by=self.user)


KEEP_TOKENS = (
    gettext_lazy("Keep my API tokens"),
    gettext_lazy("Tick it only if nobody else can know them: they go on working for scripts."),
)


class NewPasswordForm(EndsTokens, ChangePasswordForm):
    """The present password and the new one."""

    keep_tokens = forms.BooleanField(label=KEEP_TOKENS[0], required=False)
    words: dict[str, tuple[Text, Text]] = {
        "keep_tokens": KEEP_TOKENS,
        "oldpassword": (gettext_lazy("Current password"), ""),
        "password1": (gettext_lazy("New password"), PASSWORD_HELP),
        "password2": (gettext_lazy("New password again"), ""),
    }


class ResetForm(OurWords, ResetPasswordForm):
    """The address to which the link goes."""

    words: dict[str, tuple[Text, Text]] = {"email": (gettext_lazy("E-mail address"), "")}


class ResetKeyForm(EndsTokens, ResetPasswordKeyForm):
    """The new password, after following the mailed link."""

    keep_tokens = forms.BooleanField(label=KEEP_TOKENS[0], required=False)
    words: dict[str, tuple[Text, Text]] = {
        "keep_tokens": KEEP_TOKENS,
        "password1": (gettext_lazy("New password"), PASSWORD_HELP),
        "password2": (gettext_lazy("New password again"), ""),
    }


class PasswordAgainForm(OurWords, ReauthenticateForm):
    """The password once more, before something that could take an account away."""

    words: dict[str, tuple[Text, Text]] = {"password": (gettext_lazy("Password"), "")}
