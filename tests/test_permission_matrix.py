"""Who may do what: every operation the portal serves, asked over HTTP by every role.

The rows in `tests/matrix/rows_*.py` are the table to read. An operation without a row fails, and
so does a row without an operation. A cell asks about the own project's things, about those of a
private project of others, and about things that are nowhere. What is refused changes no table,
and nothing that stands in the private project reaches anybody here.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import reverse

from members.choices import Scope
from portal.common.exceptions import NotAllowed
from projects.models import SearchWord
from tests.matrix.actions import ASKING_FOR_ROWS, GUARDED
from tests.matrix.asking import arguments, ask, client_of, get, post, taken_back
from tests.matrix.bodies import BODIES
from tests.matrix.people import WITH_ROWS
from tests.matrix.projects import CANARY
from tests.matrix.roles import (
    AS_FOREIGNERS,
    AT_OTHER_PLACES,
    EVERYBODY,
    OUTSIDE,
    SIGNED_IN,
    WITH_TOKENS,
)
from tests.matrix.row import LOGIN
from tests.matrix.rows_datasets import ROWS as DATASETS
from tests.matrix.rows_harmonisation import ROWS as HARMONISATION
from tests.matrix.rows_members import ROWS as MEMBERS
from tests.matrix.rows_pools import ROWS as POOLS
from tests.matrix.rows_projects import ROWS as PROJECTS
from tests.matrix.rows_releases import ROWS as RELEASES
from tests.matrix.tables import fingerprint
from tests.matrix.walker import ADMIN, operations, patterns
from tests.matrix.world import USED, World

pytestmark = pytest.mark.django_db

SERVED = {operation.key: operation for operation in operations()}
ROWS = [*MEMBERS, *PROJECTS, *DATASETS, *HARMONISATION, *POOLS, *RELEASES]
NAMING = [row for row in ROWS if row.key in SERVED and SERVED[row.key].parameters]
"""The rows whose addresses name a thing."""


VIEWS = {pattern.name: pattern.callback for _, pattern in patterns()}


def each(rows):
    return pytest.mark.parametrize("row", rows, ids=[row.key for row in rows])


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Built once, and gone afterwards."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        pytest.MonkeyPatch.context() as patch,
    ):
        # After each test all that this transaction wrote would be looked through: none left more.
        patch.setattr(connection, "check_constraints", lambda: None)
        cache.clear()
        built = World()
        built.before = fingerprint()
        yield built
        transaction.set_rollback(True)


@pytest.fixture
def before(world):
    """The tables as they are before any cell, and after each."""
    return world.before


def test_every_operation_has_a_row_and_every_row_an_operation():
    rows = [row.key for row in ROWS]
    assert sorted(rows) == sorted(set(rows))
    assert set(SERVED) - set(rows) == set(), "operations without a row"
    assert set(rows) - set(SERVED) == set(), "rows without an operation"


@each(ROWS)
def test_each_role_gets_its_answer(row, world, before):
    wrong = []
    for place in row.rules:
        for role in sorted(EVERYBODY if place == "own" else AT_OTHER_PLACES):
            answer = ask(world, SERVED[row.key], row, role=role, place=place)
            expected = row.expected(role, place)
            where = f"{place}: {role}"
            if expected not in (answer.status, answer.to):
                wrong.append(f"{where} got {answer.status} {answer.to}, not {expected}")
            elif role in row.rules[place].allowed:
                if answer.to != row.to:
                    wrong.append(f"{where} was sent to {answer.to}, not {row.to}")
                if row.writes and answer.tables == before:
                    wrong.append(f"{where} changed nothing")
            elif answer.tables != before:
                wrong.append(f"{where} was refused, and changed tables")
            if answer.tells(CANARY):
                wrong.append(f"{where} reads what is private")
    assert not wrong, "\n".join(wrong)


FORMS = [row for row in ROWS if hasattr(VIEWS[row.name], "form_on")]
"""Addresses that only take what a form on another page sends."""


@each(FORMS)
def test_a_forms_address_leads_to_the_page_that_holds_it(row, world, before):
    """Opened by GET; and after the POST one is back at a place that is there."""
    allowed = row.rules["own"].allowed
    role = "lead" if "lead" in allowed else min(allowed)
    things = world.things("own", role)
    url = reverse(row.name, kwargs=arguments(SERVED[row.key], row, things))
    stranger = get(world, url, role="anonymous")
    assert stranger.status == (302 if "anonymous" in allowed else LOGIN)
    led = get(world, url, role=role)
    answer = get(world, led.location, role=role)
    place = urlsplit(led.location).fragment
    assert (led.status, led.to, answer.status) == (302, VIEWS[row.name].form_on, 200)
    assert answer.tells(f'action="{url}"')
    assert not place or answer.tells(f'id="{place}"')
    assert led.tables == before
    with taken_back():
        client = client_of(world, role)
        body = row.body(things) if callable(row.body) else row.body
        done = client.post(url, body)
        place = urlsplit(done.headers["Location"]).fragment
        landed = client.get(done.headers["Location"])
        # The page of a newer version no longer shows how far an older one is.
        gone = place.startswith("job-")
        assert not place or gone or f'id="{place}"' in landed.content.decode()


@each([row for row in NAMING if row.foreign])
def test_what_is_foreign_is_not_there(row, world, before):
    """The same bytes as for what is nowhere, also below one's own project's address."""
    wrong = []
    places = ["foreign", "random"]
    below_project = SERVED[row.key].parameters > {"slug"}
    if below_project:
        places += ["crossed", "crossed_random"]
    for role in sorted(AS_FOREIGNERS):
        cells = {
            place: ask(world, SERVED[row.key], row, role=role, place=place) for place in places
        }
        hidden = row.expected_of_foreign(role)
        for place in ("foreign", "random"):
            if cells[place].status != hidden:
                wrong.append(f"{place}: {role} got {cells[place].status}, not {hidden}")
        for place, answer in cells.items():
            if answer.tables != before:
                wrong.append(f"{place}: {role} changed tables")
            if answer.tells(CANARY):
                wrong.append(f"{place}: {role} reads what is private")
        if cells["foreign"].shown != cells["random"].shown:
            wrong.append(f"{role} can tell the foreign from what is nowhere")
        if below_project and cells["crossed"].shown != cells["crossed_random"].shown:
            wrong.append(f"{role} can tell what is foreign below an own address")
    assert not wrong, "\n".join(wrong)


@each([row for row in NAMING if not row.foreign])
def test_a_wrong_secret_opens_nothing(row, world, before):
    for role in ("anonymous", "verified", "lead"):
        answer = ask(world, SERVED[row.key], row, role=role, place="random")
        assert (answer.status, answer.tables) == (row.unknown, before), role


@each([row for row in ROWS if row.is_api])
def test_a_token_needs_the_scope(row, world, before):
    """Every scope but the needed one opens nothing; the needed one alone as much as a session."""
    wrong = []
    for role in sorted(WITH_TOKENS | {"deactivated"}):
        expected = row.expected(role, "own")
        for only in (True, False):
            scopes = WITH_ROWS if only and row.with_rows else row.scope
            token = world.tokens[role, scopes, only]
            answer = ask(world, SERVED[row.key], row, role=role, token=token)
            got, wanted = (answer.status, answer.code), (expected, answer.code)
            if role == "deactivated":
                wanted = (401, "authentication_failed")
            elif not only:
                wanted = (403, "insufficient_scope")
            elif row.session_only:
                wanted = (403, "session_required")
            if got != wanted:
                wrong.append(f"{role}, {'only' if only else 'without'}: {got}, not {wanted}")
            if got[0] in (401, 403) and answer.tables != before:
                wrong.append(f"{role} was refused, and changed tables")
    assert not wrong, "\n".join(wrong)


@each([row for row in ROWS if row.with_rows])
def test_a_token_needs_the_rows_as_well(row, world, before):
    answer = ask(
        world, SERVED[row.key], row, role="lead", token=world.tokens["lead", row.scope, True]
    )
    assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert answer.tables == before


@each([row for row in ROWS if row.body and not row.is_api])
def test_refusal_comes_before_validation(row, world, before):
    """Whoever may not do it hears so, whatever they send; of the API, the next test says it."""
    unfit = replace(row, body={"no": "such field"})
    for role in sorted(SIGNED_IN):
        if row.expected(role, "own") == 403:
            answer = ask(world, SERVED[row.key], unfit, role=role)
            assert (answer.status, answer.tables) == (403, before), role


NAMED_IN_THE_BODY = {"POST api-datasets"}
"""What needs a permission on a project that only the body names."""


@each([row for row in ROWS if row.is_api and row.method != "GET"])
def test_refusal_comes_before_what_headers_and_body_ask(row, world, before):
    """Neither the key of another call nor a wrong version is looked at, nor how a body reads."""
    headers = {"Idempotency-Key": USED} if row.method == "POST" else {"If-Match": '"another"'}
    wrong = []
    for place in row.rules:
        for role in sorted(SIGNED_IN if place == "own" else SIGNED_IN & AT_OTHER_PLACES):
            expected = row.expected(role, place)
            if expected not in (403, 404):
                continue
            # What one may do with one's own things depends on what the body says.
            needs_its_body = place != "own" or row.key in NAMED_IN_THE_BODY
            sent = row if needs_its_body else replace(row, body=b"{")
            answer = ask(world, SERVED[row.key], sent, role=role, place=place, headers=headers)
            if (answer.status, answer.tables) != (expected, before):
                wrong.append(f"{place}: {role} got {answer.status}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("address", ["/projects/own/", "/api/v1/projects/own/"])
def test_what_a_closed_project_holds_cannot_be_tried_out(address, world):
    for role in sorted(OUTSIDE):
        for name in ("years", "no_such"):
            assert get(world, f"{address}variables/{name}/", role=role).status == 403


def test_nor_by_what_one_may_not_do_there(world):
    for role in sorted(OUTSIDE):
        for name in ("years", "no_such"):
            url = f"/projects/own/variables/{name}/delete/"
            assert post(world, url, {}, role=role, method="POST").status == 403
        for site in (world.own.site.pk, world.foreign.site.pk):
            body = {"project": "own", "site": site, "title": "Ward"}
            answer = post(world, "/api/v1/datasets/", body, role=role, method="POST")
            assert answer.status == 403


@pytest.mark.parametrize("name", GUARDED)
def test_an_action_asks_for_itself(name, world, before):
    with taken_back():
        with pytest.raises(NotAllowed):
            GUARDED[name](world.own, world.people["reader"])
        assert fingerprint() == before


@pytest.mark.parametrize("name", ASKING_FOR_ROWS)
def test_an_action_that_opens_rows_asks_for_them(name, world, before):
    with taken_back():
        with pytest.raises(NotAllowed) as refused:
            ASKING_FOR_ROWS[name](world.summaries, world.people["steward"])
        assert refused.value.code == "rows_not_readable"
        assert fingerprint() == before


def test_every_scope_is_needed_somewhere():
    assert {row.scope for row in ROWS if row.is_api} == set(Scope.values)


@pytest.mark.parametrize("body", BODIES, ids=[body.key for body in BODIES])
def test_a_body_reaches_nothing_foreign(body, world, before):
    """Who names foreign things in a body is told what is told of things that are nowhere."""
    answers = {}
    for place in ("foreign", "random"):
        url, sent = body.of(world, getattr(world, place))
        answer = answers[place] = post(world, url, sent, role=body.role, method=body.method)
        assert answer.status == body.status, (place, answer.body)
        changed = {table for table, *_ in set(answer.tables) ^ set(before)}
        assert changed <= body.keeps
        assert not answer.tells(CANARY)
    hidden, nowhere = world.foreign, world.random
    told = answers["random"].body.decode()
    told = told.replace(str(nowhere.site.pk), str(getattr(hidden, body.names).pk))
    assert answers["foreign"].body.decode() == told.replace("no-such-project", "foreign")


LISTS = (
    "/",
    "/projects/",
    "/projects/?view=table&sort=sites",
    "/projects/?country=HUN&region=Eastern+Europe&stage=planning",
    "/datasets/",
    "/datasets/?project=foreign",
    "/people/",
    "/people/?country=HUN",
    "/inbox/",
    "/inbox/?show=done",
    "/account/",
    "/account/tokens/",
    "/api/v1/me/",
    "/api/v1/projects/?limit=200",
    "/api/v1/datasets/?limit=200",
    "/api/v1/datasets/?project=foreign",
    "/api/v1/notifications/?limit=200",
    "/api/v1/tokens/?limit=200",
)
SEARCHES = (
    "/projects/?q={}",
    "/projects/?q={}&stage=reporting",
    "/datasets/?q={}",
    "/people/?q={}",
    "/api/v1/projects/?search={}",
    "/api/v1/datasets/?search={}",
    "/api/v1/notifications/?search={}",
    "/api/v1/notifications/?group={}",
    "/api/v1/projects/own/variables/?search={}",
    "/api/v1/projects/own/analyses/?search={}",
)
WORDS = (
    "",
    "title",
    "question",
    "summary",
    "condition",
    "registry",
    "hospital",
    "lead",
    "patients",
)
UNHEARD_OF = "wombatgiraffe"


@pytest.mark.parametrize("role", sorted(OUTSIDE | {"anonymous", "lead"}))
def test_no_list_tells_what_is_private(role, world):
    told = [url for url in LISTS if get(world, url, role=role).tells(CANARY)]
    assert told == []


@pytest.mark.parametrize("url", SEARCHES)
def test_searching_for_what_is_private_finds_what_an_unheard_of_word_finds(url, world):
    """The same page to the byte, counts, corrections and all, but for the word itself."""

    def shown(word, role):
        answer = get(world, url.format(word), role=role)
        assert answer.status in (200, 401, 403, LOGIN)
        return answer.body.decode().replace(word, "#")

    for role in ("anonymous", "verified", "admin", "lead"):
        nothing = shown(UNHEARD_OF, role)
        for word in WORDS:
            assert shown(CANARY + word, role) == nothing, (role, word)


def test_private_words_correct_no_typo(world):
    """What a search suggests comes from a vocabulary, which knows no private project."""
    assert SearchWord.objects.exists()
    assert not SearchWord.objects.filter(word__icontains=CANARY).exists()


def test_the_admin_console_is_for_portal_admins(world, before):
    """One rule for the whole prefix, and its own sign-in page leads to the portal's."""
    routes = {route for route, _ in patterns() if route.startswith(ADMIN)}
    paths = ["/" + route.replace("(?P<url>.*)$", "x") for route in routes if "(?P<app" not in route]
    paths = [re.sub(r"<[^>]+>", "1", path) for path in paths]
    signing = {"/admin/login/", "/admin/logout/"}
    for path in sorted(set(paths) - signing):
        for role in ("anonymous", "deactivated", "verified", "lead"):
            answer = get(world, path, role=role)
            refused = answer.to in ("login", "account_login") or answer.status in (403, 404)
            assert refused, (path, role, answer.status, answer.to)
            assert answer.tables == before
            assert not answer.tells(CANARY)
        assert get(world, path, role="admin").to not in ("login", "account_login"), path
    assert get(world, "/admin/", role="admin").status == 200
