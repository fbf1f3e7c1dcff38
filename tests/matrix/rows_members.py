"""Who may do what with accounts, profiles, tokens, inboxes and the pages that join apps."""

from tests.factories.members import PASSWORD
from tests.matrix.roles import EVERYBODY, SIGNED_IN, STRANGERS
from tests.matrix.row import row

NEW_PASSWORD = "seven quiet otters"
PROFILE = {"name": "Dr New", "country": "KEN", "disciplines": ["cardiology"]}
TOKEN = {"name": "nightly upload", "scopes": ["read"], "days": 30}
SIGN_UP = {"email": "new@matrix.example", "name": "Dr New", "password1": NEW_PASSWORD}
HOME = {"home": SIGNED_IN}
"""Whoever is signed in already is sent home."""

PAGES = [
    row("GET home", EVERYBODY),
    row("GET health", EVERYBODY),
    row("POST theme", EVERYBODY, to="home", writes=False),
    row("POST language", EVERYBODY, body={"language": "fr"}, to="home", writes=False),
    row("GET people", SIGNED_IN),
    row("GET person", SIGNED_IN, of="person"),
    row("GET account", SIGNED_IN),
    row("POST account", SIGNED_IN, body=PROFILE, to="account"),
    row("GET api-tokens", SIGNED_IN),
    row("POST api-tokens", SIGNED_IN, body=TOKEN, ok=200),
    row("POST api-token-revoke", SIGNED_IN, of="token", to="api-tokens"),
    row("GET inbox", SIGNED_IN),
    row("POST inbox-done", SIGNED_IN, of="notification", to="inbox"),
    row("POST inbox-done-all", SIGNED_IN, to="inbox"),
    row("GET schema", EVERYBODY),
    row("GET api-docs", EVERYBODY),
]

ACCOUNTS = [
    row("GET account_login", STRANGERS, answers=HOME),
    row(
        "POST account_login",
        {"anonymous"},
        answers={**HOME, "account_inactive": {"deactivated"}},
        body=lambda t: {"login": t.person.email, "password": PASSWORD},
        to="home",
    ),
    row("GET account_logout", SIGNED_IN, answers={"home": STRANGERS}),
    row("POST account_logout", EVERYBODY, to="home", writes=False),
    row("GET account_signup", STRANGERS, answers=HOME),
    row(
        "POST account_signup",
        STRANGERS,
        answers=HOME,
        body=SIGN_UP,
        to="account_email_verification_sent",
    ),
    row("GET account_inactive", EVERYBODY),
    row("GET account_reauthenticate", SIGNED_IN),
    row(
        "POST account_reauthenticate",
        SIGNED_IN,
        body={"password": PASSWORD},
        to="home",
        writes=False,
    ),
    row("GET account_email", SIGNED_IN),
    row(
        "POST account_email",
        SIGNED_IN,
        body={"email": "other@matrix.example", "action_add": "1"},
        to="account_email",
    ),
    row("GET account_email_verification_sent", EVERYBODY),
    row("GET account_confirm_email", EVERYBODY, of="confirmation", foreign=False, unknown=200),
    row(
        "POST account_confirm_email",
        EVERYBODY,
        of="confirmation",
        to="account_login",
        foreign=False,
    ),
    row("GET account_change_password", SIGNED_IN),
    row(
        "POST account_change_password",
        SIGNED_IN,
        body={"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        to="account_change_password",
    ),
    row("GET account_reset_password", EVERYBODY),
    row(
        "POST account_reset_password",
        EVERYBODY,
        body={"email": "verified@matrix.example"},
        to="account_reset_password_done",
        writes=False,
    ),
    row("GET account_reset_password_done", EVERYBODY),
    row(
        "GET account_reset_password_from_key",
        EVERYBODY,
        of="reset",
        after_get=True,
        foreign=False,
        unknown=200,
    ),
    row(
        "POST account_reset_password_from_key",
        EVERYBODY,
        of="reset",
        body={"password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        to="account_reset_password_from_key_done",
        after_get=True,
        foreign=False,
        unknown=200,
    ),
    row("GET account_reset_password_from_key_done", EVERYBODY),
]

CALLS = [
    row("GET api-me", SIGNED_IN, scope="read"),
    row("GET api-tokens-list", SIGNED_IN, scope="read", session_only=True),
    row("POST api-tokens-list", SIGNED_IN, scope="write", session_only=True, body=TOKEN),
    row("GET api-tokens-detail", SIGNED_IN, scope="read", session_only=True, of="token"),
    row("DELETE api-tokens-detail", SIGNED_IN, scope="write", session_only=True, of="token"),
    row("GET api-notifications-list", SIGNED_IN, scope="read"),
    row("POST api-notifications-done", SIGNED_IN, scope="write", of="notification", ok=200),
]

ROWS = [*PAGES, *ACCOUNTS, *CALLS]
