"""Accounts over HTTP: the pages as a person uses them, and the mails."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.urls import NoReverseMatch, reverse

from members.accounts import actions as users
from members.models import AuditEvent, User
from tests.factories import UserFactory
from tests.factories.members import PASSWORD
from tests.members.accounts.steps import NEW_PASSWORD, link_in, path_of, sign_in, sign_up, signed_in

pytestmark = pytest.mark.django_db


def ask_for_address(client, email, password=PASSWORD):
    """Change the address; the password is asked for once more in between."""
    answer = client.post("/accounts/email/", {"email": email, "action_add": "1"})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    return client.post(answer.headers["Location"], {"password": password})


def actions():
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_from_sign_up_to_signed_in(client, mails):
    assert sign_up(client).headers["Location"] == "/accounts/confirm-email/"
    assert not signed_in(client)
    (mail,) = mails()
    assert "To: ada@example.org" in mail
    assert "Ada" not in mail
    link = path_of(link_in(mail))

    shown = client.get(link)
    assert "Is this your address?" in shown.text
    assert not EmailAddress.objects.get().verified, "looking at the link must not confirm"
    assert client.post(link).headers["Location"] == "/"
    assert signed_in(client)
    assert "is not confirmed" not in client.get("/accounts/email/").text

    client.post("/accounts/logout/")
    assert not signed_in(client)
    assert sign_in(client, "Ada@Example.org").headers["Location"] == "/"
    assert signed_in(client)
    user = User.objects.get()
    assert (user.name, user.email) == ("Ada Lovelace", "ada@example.org")
    assert user.profile.disciplines == []
    assert actions() == [
        "user.signed_up",
        "user.email_verified",
        "user.signed_in",
        "user.signed_in",
    ]


def test_in_another_browser_the_link_confirms_but_does_not_sign_in(client, mails):
    sign_up(client)
    link = path_of(link_in(mails()[0]))
    elsewhere = type(client)()
    assert elsewhere.post(link).headers["Location"] == "/accounts/login/"
    assert not signed_in(elsewhere)
    assert EmailAddress.objects.get().verified


def test_without_the_link_the_account_stays_closed(client, mails):
    sign_up(client)
    answer = sign_in(type(client)(), "ada@example.org")
    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert len(mails()) == 1, "a second mail would come only after three minutes"


def test_a_broken_link_says_so(client):
    assert "no longer works" in client.get("/accounts/confirm-email/abc/").text
    assert client.post("/accounts/confirm-email/abc/").status_code == 404


@pytest.mark.parametrize("name", ["", "   ", "A" * 121, "Ada\u202eecalevoL"])
def test_names_that_are_none(client, name):
    assert sign_up(client, name=name).status_code == 200
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_sign_ups_at_once_one_makes_the_account_and_both_get_the_same_answer(client, mails):
    together = Barrier(4)

    def call(browser):
        together.wait()
        try:
            return sign_up(browser)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(call, [type(client)() for _ in range(4)]))
    assert {answer.headers["Location"] for answer in answers} == {"/accounts/confirm-email/"}
    assert User.objects.count() == EmailAddress.objects.count() == 1
    assert actions() == ["user.signed_up"]


class TestNobodyLearnsWhoHasAnAccount:
    """Known and unknown addresses get the same answers, and the same work is done for both."""

    def test_at_sign_up(self, client, mails, user):
        unknown = sign_up(client, "new@example.org")
        known = sign_up(type(client)(), user.email.upper())
        assert (known.status_code, known.headers["Location"]) == (
            unknown.status_code,
            unknown.headers["Location"],
        )
        page = type(client)()
        sign_up(page, user.email)
        assert page.get("/accounts/confirm-email/").text.count("Look into your mail") == 2
        assert any(f"To: {user.email}" in mail and "one already" in mail for mail in mails())
        assert User.objects.filter(email=user.email).count() == 1
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

    def test_at_sign_in(self, client, user):
        known = sign_in(client, user.email, "not the password")
        unknown = sign_in(type(client)(), "nobody@example.org", "not the password")
        text = "This address and password do not fit together."
        assert text in known.text
        assert text in unknown.text

    def test_at_password_reset(self, client, mails, user):
        answers = [
            client.post("/accounts/password/reset/", {"email": email})
            for email in (user.email, "nobody@example.org")
        ]
        assert {answer.headers["Location"] for answer in answers} == {
            "/accounts/password/reset/done/"
        }
        assert len(mails()) == 2
        assert [AuditEvent.objects.count()] == [0]

    @pytest.mark.parametrize("call", [sign_up, sign_in])
    def test_one_password_is_hashed_in_either_case(self, client, user, monkeypatch, call):
        """The slow hash is what an attacker could time."""
        hashed = []
        encode = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
        original = __import__("django.contrib.auth.hashers", fromlist=["x"]).MD5PasswordHasher
        kept = original.encode
        monkeypatch.setattr(encode, lambda self, *given: hashed.append(1) or kept(self, *given))
        counts = []
        for email in (user.email, "nobody@example.org"):
            hashed.clear()
            call(type(client)(), email, password="otters sing at dawn")
            counts.append(len(hashed))
        assert counts == [1, 1]


class TestLockout:
    def test_five_wrong_passwords_lock_the_address(self, client, user):
        for _ in range(5):
            assert "do not fit together" in sign_in(client, user.email, "wrong").text
        assert "Too many attempts" in sign_in(client, user.email).text
        assert not signed_in(client)
        assert actions() == ["user.locked_out"]
        event = AuditEvent.objects.get()
        assert (event.object_label, event.actor) == (user.name, "portal")

    def test_another_person_is_not_locked(self, client, user):
        for _ in range(5):
            sign_in(client, user.email, "wrong")
        other = UserFactory()
        sign_in(client, other.email)
        assert signed_in(client)

    def test_another_host_header_does_not_start_a_new_count(self, client, user):
        for port in range(8001, 8006):
            sign_in(client, user.email, "wrong", HTTP_HOST=f"localhost:{port}")
        answer = sign_in(client, user.email, HTTP_HOST="localhost:9999")
        assert "Too many attempts" in answer.text

    def test_an_address_without_account_locks_alike(self, client):
        for _ in range(5):
            sign_in(client, "nobody@example.org", "wrong")
        assert "Too many attempts" in sign_in(client, "nobody@example.org").text
        event = AuditEvent.objects.get()
        assert (event.object_id, event.object_label) == ("", "an address without an account")

    def test_many_reset_mails_are_refused(self, client, user):
        for _ in range(5):
            client.post("/accounts/password/reset/", {"email": user.email})
        answer = client.post("/accounts/password/reset/", {"email": user.email})
        assert answer.status_code == 429
        assert "too many tries" in answer.text


class TestChangeOfAddress:
    def test_a_new_address_counts_once_its_link_is_followed(self, client, mails, user):
        old = user.email
        sign_in(client, old)
        assert ask_for_address(client, "new@example.org").status_code == 302
        user.refresh_from_db()
        assert user.email == old
        assert "is not confirmed yet" in client.get("/accounts/email/").text
        client.post(path_of(link_in(mails()[-1])))
        user.refresh_from_db()
        assert user.email == "new@example.org"
        assert f"To: {old}" in mails()[-1]
        event = AuditEvent.objects.get(action="user.email_changed")
        assert (event.before, event.after) == ({"email": old}, {"email": "new@example.org"})

    def test_without_the_password_nothing_changes(self, client, mails, user):
        sign_in(client, user.email)
        assert "not your password" in ask_for_address(client, "new@example.org", "wrong").text
        assert not EmailAddress.objects.filter(email="new@example.org").exists()
        assert mails() == []

    def test_a_change_can_be_called_off(self, client, mails, user):
        sign_in(client, user.email)
        ask_for_address(client, "new@example.org")
        client.post("/accounts/email/", {"email": "new@example.org", "action_remove": "1"})
        assert client.post(path_of(link_in(mails()[0]))).status_code == 404
        user.refresh_from_db()
        assert user.email != "new@example.org"

    def test_the_address_of_another_account_cannot_be_taken(self, client, mails, user):
        other = UserFactory(address=False)
        sign_in(client, user.email)
        ask_for_address(client, other.email)
        client.post(path_of(link_in(mails()[-1])))
        user.refresh_from_db()
        assert user.email != other.email
        assert User.objects.filter(email=other.email).get() == other


class TestDeactivation:
    def test_sessions_and_tokens_stop_at_once(self, client, api, user):
        script = api(user)
        sign_in(client, user.email)
        assert signed_in(client)
        assert script.get("/api/v1/me/").status_code == 200
        users.deactivate(user=user, by=UserFactory(is_staff=True))
        assert not signed_in(client)
        assert script.get("/api/v1/me/").status_code == 401
        assert "do not fit together" in sign_in(client, user.email).text

    def test_opening_again_revives_neither(self, client, mails, api, user):
        admin = UserFactory(is_staff=True)
        script = api(user)
        sign_in(client, user.email)
        users.deactivate(user=user, by=admin)
        users.reactivate(user=user, by=admin)
        assert not signed_in(client)
        assert script.get("/api/v1/me/").status_code == 401
        client.post("/accounts/password/reset/", {"email": user.email})
        form = client.get(path_of(link_in(mails()[-1]))).headers["Location"]
        client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
        sign_in(client, user.email, NEW_PASSWORD)
        assert signed_in(client)


def test_what_is_not_offered_is_not_there(client, user):
    client.force_login(user)
    for path in ("password/set/", "login/code/", "login/code/confirm/", "phone/change/"):
        assert client.get(f"/accounts/{path}").status_code == 404, path
    with pytest.raises(NoReverseMatch):
        reverse("account_set_password")


def test_a_redirect_after_signing_in_stays_on_the_portal(client, user):
    answer = client.post(
        "/accounts/login/?next=//evil.example/",
        {"login": user.email, "password": PASSWORD, "next": "//evil.example/"},
    )
    assert answer.headers["Location"] == "/"


def test_a_mail_server_that_is_down_does_not_lose_the_account(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    answer = sign_up(client)
    assert answer.status_code == 302
    assert "could not be sent" in client.get(answer.headers["Location"]).text
    assert User.objects.count() == 1


def test_without_a_mail_server_each_mail_is_a_file(client, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    sign_up(client)
    (file,) = tmp_path.iterdir()
    assert "/accounts/confirm-email/" in link_in(file.read_text())
