"""Passwords: weak ones, forgotten ones, new ones, and what ends with the old one."""

import pytest
from django.conf import settings

from members.accounts import actions as users
from members.api_tokens import actions as api_tokens
from members.models import AuditEvent, Notification, User
from tests.factories import UserFactory
from tests.factories.members import PASSWORD
from tests.members.accounts.steps import NEW_PASSWORD, link_in, path_of, sign_in, sign_up, signed_in

pytestmark = pytest.mark.django_db


def assert_kept(token, secret, user, mails, kept):
    """Whether the token outlived the new password, and that the person was told."""
    assert bool(api_tokens.find(secret)) is kept
    mail = " ".join(mails()[-1].split())
    assert ("You kept your API tokens" in mail) is kept
    assert ("No API token of yours works any more" in mail) is not kept
    revoked = AuditEvent.objects.filter(action="api_token.revoked", object_id=str(token.pk))
    assert revoked.exists() is not kept
    lines = Notification.objects.visible_to(user).filter(kind="api_tokens_revoked")
    assert lines.exists() is not kept


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "password1234",
        "ada@example.org",
        "webwebweb12345",
        "qwertyuiop[]asdf",
        "Lovelace-2026",
        "cohortium2026!",
    ],
)
def test_weak_passwords_are_refused(client, password):
    answer = sign_up(client, password=password)
    assert "error-summary" in answer.text
    assert not User.objects.exists()


class TestPasswordReset:
    def ask(self, client, mails, email, **headers):
        client.post("/accounts/password/reset/", {"email": email}, **headers)
        return link_in(mails()[-1])

    def test_from_mail_to_new_password(self, client, mails, user):
        link = path_of(self.ask(client, mails, user.email))
        form = client.get(link).headers["Location"]
        assert link.split("-")[-1] not in form, "the key leaves the address bar"
        answer = client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        assert answer.headers["Location"] == "/accounts/password/reset/key/done/"
        assert not signed_in(client)
        assert "do not fit" in sign_in(client, user.email).text
        sign_in(client, user.email, NEW_PASSWORD)
        assert signed_in(client)
        assert "no longer works" in type(client)().get(link).text
        assert "A new password was set" in mails()[-1]
        assert AuditEvent.objects.get(action="user.password_changed").after == {
            "through": "mailed link"
        }

    def test_a_forged_host_changes_no_link(self, client, mails, user):
        link = self.ask(client, mails, user.email, HTTP_HOST="localhost:6666")
        assert link.startswith(settings.SITE_URL + "/")
        assert not any("6666" in mail for mail in mails())

    def test_a_foreign_host_gets_no_answer(self, client, mails, user):
        answer = client.post(
            "/accounts/password/reset/", {"email": user.email}, HTTP_HOST="evil.example"
        )
        assert answer.status_code == 400
        assert mails() == []

    def test_a_deactivated_account_gets_no_link(self, client, mails, user):
        users.deactivate(user=user, by=UserFactory(is_staff=True))
        client.post("/accounts/password/reset/", {"email": user.email})
        assert "no open account" in mails()[-1]


class TestNewPassword:
    def test_a_new_password_ends_the_other_sessions(self, client, mails, user):
        elsewhere = type(client)()
        for browser in (client, elsewhere):
            sign_in(browser, user.email)
        fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        assert client.post("/accounts/password/change/", fields).status_code == 302
        assert signed_in(client)
        assert not signed_in(elsewhere)
        assert "Your password was changed" in mails()[-1]
        assert AuditEvent.objects.get(action="user.password_changed").after == {
            "through": "account page"
        }

    @pytest.mark.parametrize("kept", [False, True])
    def test_a_new_password_ends_the_tokens_unless_they_are_kept(self, client, mails, user, kept):
        token, secret = api_tokens.create(name="ward", scopes=["read"], days=1, by=user)
        sign_in(client, user.email)
        assert "Keep my API tokens" in client.get("/accounts/password/change/").text
        fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        answer = client.post(
            "/accounts/password/change/", fields | ({"keep_tokens": "on"} if kept else {})
        )
        assert answer.status_code == 302
        assert_kept(token, secret, user, mails, kept)

    @pytest.mark.parametrize("kept", [False, True])
    def test_a_mailed_link_ends_the_tokens_unless_they_are_kept(self, client, mails, user, kept):
        token, secret = api_tokens.create(name="ward", scopes=["read"], days=1, by=user)
        client.post("/accounts/password/reset/", {"email": user.email})
        form = client.get(path_of(link_in(mails()[-1]))).headers["Location"]
        assert "Keep my API tokens" in client.get(form).text
        fields = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        client.post(form, fields | ({"keep_tokens": "on"} if kept else {}))
        assert_kept(token, secret, user, mails, kept)

    def test_a_mailed_link_ends_every_session(self, client, mails, user):
        elsewhere = type(client)()
        sign_in(elsewhere, user.email)
        client.post("/accounts/password/reset/", {"email": user.email})
        form = client.get(path_of(link_in(mails()[-1]))).headers["Location"]
        client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        assert not signed_in(elsewhere)

    def test_without_tokens_nothing_is_asked_about_them(self, client, user):
        sign_in(client, user.email)
        assert "API tokens</label>" not in client.get("/accounts/password/change/").text

    def test_a_refused_password_ends_no_token(self, client, user):
        _, secret = api_tokens.create(name="ward", scopes=["read"], days=1, by=user)
        sign_in(client, user.email)
        fields = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
        assert client.post("/accounts/password/change/", fields).status_code != 302
        assert api_tokens.find(secret)

    def test_the_old_password_is_asked_for(self, client, user):
        sign_in(client, user.email)
        fields = {"oldpassword": "x", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        answer = client.post("/accounts/password/change/", fields)
        assert "not your current password" in answer.text
