"""The operator's commands."""

import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from members.api_tokens import actions as api_tokens
from members.models import AuditEvent, User
from portal.common.api.idempotency import IdempotencyKey
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "seven quiet otters"


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def create_user(email="ada@example.org", password=PASSWORD, *more):
    return run("create_user", email, "--password", password, "--name", "Ada", *more)


def test_a_user_made_here_can_sign_in(client):
    assert "ada@example.org" in create_user()
    answer = client.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    assert not User.objects.get().is_staff


def test_an_admin(client):
    create_user("root@example.org", PASSWORD, "--admin")
    assert User.objects.get().is_staff


def test_djangos_command_for_an_admin_stands_in_the_trail_as_well(monkeypatch, client):
    asked = ["createsuperuser", "--email", "root@example.org", "--name", "Root", "--noinput"]
    with pytest.raises(CommandError, match="Set DJANGO_SUPERUSER_PASSWORD"):
        run(*asked)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    assert "root@example.org" in run(*asked)
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (True, True)
    (event,) = AuditEvent.objects.all()
    assert (event.action, event.object_id, event.actor) == ("user.created", str(user.pk), "portal")
    assert event.after == {"admin": True}
    client.post("/accounts/login/", {"login": "root@example.org", "password": PASSWORD})
    assert client.get("/admin/").status_code == 200


def test_djangos_command_for_a_password_stands_in_the_trail_and_ends_what_the_old_one_opened(
    monkeypatch, client, user
):
    """As a reset does: sessions and tokens may be in the hands of whoever it is changed for."""
    client.force_login(user)
    token, secret = api_tokens.create(name="nightly", scopes=["read"], days=9, by=user)

    def change(email, *typed):
        answers = iter(typed)
        monkeypatch.setattr("getpass.getpass", lambda prompt="": next(answers))
        return run("changepassword", email)

    for typed, words in (
        ((PASSWORD, "seven loud otters"), "not the same"),
        (("password1234", "password1234"), "This password is too common"),
    ):
        with pytest.raises(CommandError, match=words):
            change(user.email, *typed)
    assert api_tokens.find(secret) is not None
    assert user.email in change(user.email.upper(), PASSWORD, PASSWORD)
    changed, revoked = AuditEvent.objects.order_by("-id")[:2][::-1]
    assert (changed.action, changed.object_id, changed.actor, changed.after) == (
        "user.password_changed",
        str(user.pk),
        "portal",
        {"through": "command line"},
    )
    assert (revoked.action, revoked.object_id) == ("api_token.revoked", str(token.pk))
    assert api_tokens.find(secret) is None
    assert client.get("/account/tokens/").status_code == 302
    assert user.notifications.filter(kind="api_tokens_revoked").exists()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert client.get("/account/tokens/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(CommandError, match="no active account"):
        change(user.email, PASSWORD, PASSWORD)


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("ada@example.org", "password1234", "password: This password is too common"),
        ("ada@example.org", "short", "password: This password is too short"),
        ("ada", PASSWORD, "email: Enter a valid email address"),
    ],
)
def test_what_does_not_fit_is_said(email, password, words):
    with pytest.raises(CommandError, match=words):
        create_user(email, password)
    assert not User.objects.exists()


def test_an_address_is_used_once():
    create_user()
    with pytest.raises(CommandError, match="is an account with the address"):
        create_user("ADA@example.org")


def test_the_token_is_printed_alone(user):
    text = run("create_token", user.email, "--scope", "read", "--scope", "write:data")
    assert text == text.strip() + "\n"
    token = api_tokens.find(text.strip())
    assert (token.user, token.scopes) == (user, ["read", "write:data"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scope", "root"], "Unknown scope: root"),
        (["--scope", "read", "--days", "0"], "lasts 1 to 365 days"),
    ],
)
def test_tokens_that_cannot_be(user, arguments, words):
    with pytest.raises(CommandError, match=words):
        run("create_token", user.email, *arguments)


def test_no_token_for_nobody_or_a_closed_account():
    closed = UserFactory(is_active=False)
    for email in ("nobody@example.org", closed.email):
        with pytest.raises(CommandError, match="no active account"):
            run("create_token", email, "--scope", "read")


def test_the_sweep_forgets_old_answers_and_ended_sessions(client, user):
    now = timezone.now()
    for key, days in (("old", 8), ("new", 6)):
        row = IdempotencyKey.objects.create(user=user, key=key, digest="d")
        IdempotencyKey.objects.filter(pk=row.pk).update(created_at=now - timedelta(days=days))
    client.force_login(user)
    Session.objects.update(expire_date=now - timedelta(seconds=1))
    run("sweep")
    assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]
    assert not Session.objects.exists()


class TestVerifyAudit:
    def test_a_whole_trail(self):
        create_user()
        head = AuditEvent.objects.latest("id").hash
        assert run("verify_audit") == f"1 rows, all whole. Head: {head}\n"
        assert run("verify_audit", "--head", head)

    def test_the_first_broken_row_is_named(self):
        for name in ("a", "b", "c"):
            create_user(f"{name}@example.org")
        second = AuditEvent.objects.order_by("id")[1]
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE members_auditevent DISABLE TRIGGER USER")
            cursor.execute("UPDATE members_auditevent SET action = 'x' WHERE id >= %s", [second.pk])
            cursor.execute("ALTER TABLE members_auditevent ENABLE TRIGGER USER")
        with pytest.raises(CommandError, match=rf"Row {second.pk} .* was changed") as refusal:
            run("verify_audit")
        assert refusal.value.returncode == 1

    def test_rows_missing_at_the_end_show_by_a_noted_head(self):
        with pytest.raises(CommandError, match="last rows are missing"):
            run("verify_audit", "--head", "f" * 64)


@pytest.mark.parametrize(
    ("database", "words"),
    [("", "does not answer. bin/manage starts it"), ("/postgres", "has no tables yet.")],
)
def test_a_command_without_its_instance_says_what_is_missing(tmp_path, database, words):
    """Nothing runs in the folder, or nobody has made its tables."""
    environment = {**os.environ, "COHORTIUM_HOME": str(tmp_path), "DATABASE_URL": ""}
    if database:
        address = urlsplit(os.environ["DATABASE_URL"])
        environment["DATABASE_URL"] = urlunsplit(address._replace(path=database))
    done = subprocess.run(
        [sys.executable, "manage.py", "create_token", "ada@example.org", "--scope", "read"],
        env=environment | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["abc", "0", "80000", "²"])
def test_a_port_that_is_none_is_said_in_words(port):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORT": port},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Set it to a number from 1 to 65535." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_a_mistake_before_the_database_is_not_taken_for_one_that_is_away():
    """What psycopg refuses by itself has no code of the server's either."""
    asking = "from django.db import connection; connection.cursor().execute('%s', [object()])"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", asking],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "does not answer" not in done.stderr
