"""Who may do what with projects, their members, sites, grants, openings and join requests.

The own project is listed: everybody knows of it, members alone see inside.
"""

from tests.matrix.roles import (
    APPLICANT,
    EVERYBODY,
    FORMER,
    LEAD,
    MEMBERS,
    OUTSIDE,
    SIGNED_IN,
    STEWARDS,
)
from tests.matrix.row import Rule, row

PROJECT = {"title": "Sepsis in winter", "question": "Does it help?"}
FORM = PROJECT | {"stage": "planning", "visibility": "listed", "join_policy": "manual"}
SITE = {"name": "Second clinic", "institution": "City hospital", "country": "KEN"}
GRANT = {
    "source": "Ministry",
    "grant_number": "9/2026",
    "amount": "1000",
    "currency": "EUR",
    "starts": "2026-01-01",
    "ends": "2027-01-01",
}
GRANT_FORM = GRANT | {"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"}
OPENING = {"kind": "method", "detail": "Survival analysis"}
ASK = {"message": "We bring 300 patients.", "answers": ["Ward 3"]}
ASK_FORM = {"message": "We bring 300 patients.", "answer_0": "Ward 3"}
NEWCOMERS = OUTSIDE - APPLICANT
PUBLIC = {"public": Rule(EVERYBODY, strangers=200)}
PUBLIC_CALL = {"public": Rule(SIGNED_IN)}
CLOSED = 403
"""A page of the project that people who are not signed in may know of, and not look into."""

PAGES = [
    row("GET projects", EVERYBODY),
    row("GET project", EVERYBODY, at=PUBLIC, strangers=404),
    row("GET project-new", SIGNED_IN),
    row("POST project-new", SIGNED_IN, body=FORM, to="project"),
    row("GET project-edit", LEAD, visible=SIGNED_IN),
    row("POST project-edit", LEAD, visible=SIGNED_IN, body=FORM, to="project"),
    row("GET project-join", OUTSIDE, answers={"project": MEMBERS}),
    row(
        "POST project-join",
        NEWCOMERS,
        answers={"project": MEMBERS, 409: APPLICANT},
        body=ASK_FORM,
        to="project-join",
    ),
    row("POST join-withdraw", APPLICANT, to="project-join"),
    row("GET project-members", MEMBERS, visible=SIGNED_IN, strangers=CLOSED, at=PUBLIC),
    row(
        "POST join-request-approve",
        LEAD,
        visible=APPLICANT,
        of="join_request",
        body={"role": "reader"},
        to="project-members",
    ),
    row(
        "POST join-request-decline",
        LEAD,
        visible=APPLICANT,
        of="join_request",
        body=lambda t: {f"request-{t.join_request.pk}-reason": "Not this time."},
        to="project-members",
    ),
    row(
        "GET membership",
        LEAD,
        visible=SIGNED_IN,
        of="bystander",
        at={"self": Rule(MEMBERS, visible=SIGNED_IN)},
    ),
    row(
        "POST membership",
        LEAD,
        visible=SIGNED_IN,
        of="bystander",
        body=lambda t: {"role": "lead", "site": t.site.pk},
        to="project-members",
        at={"self": Rule(MEMBERS, visible=SIGNED_IN)},
    ),
    row(
        "POST membership-end",
        LEAD,
        visible=MEMBERS,
        of="bystander",
        to="project-members",
        at={"self": Rule(LEAD, visible=MEMBERS | FORMER)},
    ),
    row("POST project-leave", MEMBERS, answers={409: OUTSIDE}, to="projects"),
    row("GET project-sites", MEMBERS, visible=SIGNED_IN, strangers=CLOSED, at=PUBLIC),
    row(
        "POST project-sites",
        LEAD,
        visible=SIGNED_IN,
        strangers=CLOSED,
        body=SITE,
        to="project-sites",
        at={"public": Rule(LEAD, visible=SIGNED_IN, strangers=CLOSED)},
    ),
    row("GET study-site", LEAD, visible=SIGNED_IN, of="site"),
    row("POST study-site", LEAD, visible=SIGNED_IN, of="site", body=SITE, to="project-sites"),
    row("GET project-grants", MEMBERS, visible=SIGNED_IN, strangers=CLOSED, at=PUBLIC),
    row(
        "POST project-grants",
        LEAD,
        visible=SIGNED_IN,
        strangers=CLOSED,
        body=GRANT_FORM,
        to="project-grants",
    ),
    row("GET grant", LEAD, visible=SIGNED_IN, of="grant"),
    row("POST grant", LEAD, visible=SIGNED_IN, of="grant", body=GRANT_FORM, to="project-grants"),
    row("POST grant-remove", LEAD, visible=SIGNED_IN, of="grant", to="project-grants"),
    row("POST project-openings", LEAD, visible=SIGNED_IN, body=OPENING, to="project"),
    row("POST opening-filled", LEAD, visible=SIGNED_IN, of="opening", to="project"),
]

CALLS = [
    row("GET api-projects", SIGNED_IN, scope="read"),
    row("POST api-projects", SIGNED_IN, scope="write", body=PROJECT, ok=201, to="api-project"),
    row("GET api-project", SIGNED_IN, scope="read"),
    row("PATCH api-project", LEAD, visible=SIGNED_IN, scope="write", body=PROJECT),
    row("GET api-project-audit", STEWARDS, visible=SIGNED_IN, scope="read"),
    row("GET api-sites", MEMBERS, visible=SIGNED_IN, scope="read", at=PUBLIC_CALL),
    row("POST api-sites", LEAD, visible=SIGNED_IN, scope="write", body=SITE),
    row("GET api-site", MEMBERS, scope="read", of="site", at=PUBLIC_CALL),
    row("PATCH api-site", LEAD, visible=MEMBERS, scope="write", of="site", body=SITE),
    row("GET api-grants", MEMBERS, visible=SIGNED_IN, scope="read", at=PUBLIC_CALL),
    row("POST api-grants", LEAD, visible=SIGNED_IN, scope="write", body=GRANT),
    row("GET api-grant", MEMBERS, scope="read", of="grant", at=PUBLIC_CALL),
    row("PATCH api-grant", LEAD, visible=MEMBERS, scope="write", of="grant", body=GRANT),
    row("DELETE api-grant", LEAD, visible=MEMBERS, scope="write", of="grant"),
    row("GET api-openings", SIGNED_IN, scope="read"),
    row("POST api-openings", LEAD, visible=SIGNED_IN, scope="write", body=OPENING),
    row("GET api-opening", SIGNED_IN, scope="read", of="opening"),
    row(
        "PATCH api-opening",
        LEAD,
        visible=SIGNED_IN,
        scope="write",
        of="opening",
        body={"filled": True},
    ),
    row("GET api-join-requests", SIGNED_IN, scope="read"),
    row(
        "POST api-join-requests",
        NEWCOMERS,
        answers={409: MEMBERS | APPLICANT},
        scope="write",
        body=ASK,
    ),
    row("GET api-join-request", LEAD | APPLICANT, scope="read", of="join_request"),
    row(
        "POST api-join-request-approve",
        LEAD,
        visible=APPLICANT,
        scope="manage:members",
        of="join_request",
        body={"role": "reader"},
        ok=200,
    ),
    row(
        "POST api-join-request-decline",
        LEAD,
        visible=APPLICANT,
        scope="manage:members",
        of="join_request",
        body={"reason": "Not this time."},
        ok=200,
    ),
    row(
        "POST api-join-request-withdraw",
        APPLICANT,
        visible=LEAD,
        scope="write",
        of="join_request",
        ok=200,
    ),
    row("GET api-memberships", MEMBERS, visible=SIGNED_IN, scope="read", at=PUBLIC_CALL),
    row(
        "GET api-membership",
        MEMBERS,
        scope="read",
        of="bystander",
        at={"public": Rule(SIGNED_IN), "self": Rule(MEMBERS | FORMER)},
    ),
    row(
        "PATCH api-membership",
        LEAD,
        visible=MEMBERS,
        scope="manage:members",
        of="bystander",
        body={"role": "steward", "site": None},
        at={
            "public": Rule(LEAD, visible=SIGNED_IN),
            "self": Rule(LEAD, visible=MEMBERS | FORMER),
        },
    ),
    row(
        "DELETE api-membership",
        LEAD,
        visible=MEMBERS,
        scope="manage:members",
        of="bystander",
        ok=200,
        at={"self": Rule(MEMBERS, answers={409: FORMER})},
    ),
]

ROWS = [*PAGES, *CALLS]
