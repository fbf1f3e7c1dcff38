"""Ask one cell of the matrix over HTTP, and take back whatever it did."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from rest_framework.test import APIClient

from tests.matrix.row import LOGIN, Row
from tests.matrix.tables import fingerprint, writes
from tests.matrix.walker import Operation
from tests.matrix.world import World

ONCE = re.compile(rb'name="(csrfmiddlewaretoken|sheet|draft)" value="[\w-]+"')
"""What differs between two requests for the same."""


@dataclass(frozen=True)
class Answer:
    """What came back, and the tables as they were then."""

    status: int | str
    to: str
    location: str
    body: bytes
    headers: str
    mails: str
    code: str
    content_type: str
    tables: list[tuple[str, int, int]]

    @property
    def shown(self) -> tuple[Any, ...]:
        """Everything that two answers to the same question share."""
        return self.status, self.content_type, self.body

    def tells(self, word: str) -> bool:
        """Whether the word stands anywhere in it."""
        return word in self.body.decode("utf-8", "replace") + self.headers + self.mails


@contextmanager
def taken_back() -> Iterator[list[str]]:
    """Whatever is written inside is gone afterwards, rates of calls too; gives what may write.

    Most calls only read: a savepoint is made before the first statement that may do more.
    """
    begun: list[str] = []

    def begin(execute: Any, sql: str, *asked: Any) -> Any:
        if not begun and not sql.startswith("SELECT"):
            begun.append("")  # its own statement comes by here
            begun[0] = transaction.savepoint()
        return execute(sql, *asked)

    caches["local"].clear()
    mail.outbox.clear()
    try:
        with connection.execute_wrapper(begin), writes() as written:
            yield written
    finally:
        if begun:
            transaction.savepoint_rollback(begun[0])
            transaction.set_rollback(False)


def ask(
    world: World,
    operation: Operation,
    row: Row,
    *,
    role: str,
    place: str = "own",
    token: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """The answer to this role at this place, with the session or with a token."""
    things = world.things(place, role)
    body = row.body(things) if callable(row.body) else row.body
    url = reverse(operation.name, kwargs=arguments(operation, row, things))
    with taken_back() as written:
        client = client_of(world, role, api=row.is_api, token=token)
        if row.after_get:
            url = client.get(url).headers.get("Location", url)
        call = partial(getattr(client, row.method.lower()), headers=headers)
        if row.method == "GET":
            response = call(url)
        elif isinstance(body, bytes):
            kind = "application/json"
            response = client.generic(row.method, url, body, content_type=kind, headers=headers)
        elif row.is_api:
            response = call(url, body, format="multipart" if row.files else "json")
        else:
            response = call(url, body)
        return answer_of(response, url, world, written)


def get(world: World, url: str, *, role: str) -> Answer:
    """The answer to a plain GET."""
    with taken_back() as written:
        client = client_of(world, role, api=url.startswith("/api/"))
        return answer_of(client.get(url), url, world, written)


def post(world: World, url: str, body: Any, *, role: str, method: str) -> Answer:
    """The answer to a body sent to this address."""
    with taken_back() as written:
        api = url.startswith("/api/")
        call = getattr(client_of(world, role, api=api), method.lower())
        response = call(url, body, format="json") if api else call(url, body)
        return answer_of(response, url, world, written)


BROWSER = Client(raise_request_exception=False)
SCRIPT = APIClient(raise_request_exception=False)
"""Made once, since each loads the middleware; whatever breaks answers 500, as it would outside."""


def client_of(world: World, role: str, *, api: bool = False, token: str = "") -> Client:
    """A browser or a script of this role."""
    client = SCRIPT if api else BROWSER
    client.cookies.clear()
    SCRIPT.credentials(**({"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}))
    if role in world.sessions and not token:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[role]
    return client


def arguments(operation: Operation, row: Row, things: SimpleNamespace) -> dict[str, Any]:
    """What goes into the address: `of` names the thing, its parents come by themselves."""
    thing = getattr(things, row.of)
    values = {
        "slug": lambda: things.project.slug,
        "dataset_id": lambda: things.dataset.pk,
        "number": lambda: thing.number,
        "pk": lambda: things.dataset.pk if "number" in operation.parameters else thing.pk,
        "name": lambda: things.table if "pk" in operation.parameters else thing.name,
        "format": lambda: "csv",
        "release": lambda: things.asked_share.pk,
        "batch": lambda: thing.batch,
        "token_id": lambda: thing.pk,
        "notification_id": lambda: thing.pk,
        "user_id": lambda: thing.pk,
        "key": lambda: thing[1] if "uidb36" in operation.parameters else thing,
        "uidb36": lambda: thing[0],
    }
    return {name: values[name]() for name in operation.parameters}


def answer_of(response: Any, url: str, world: World, written: list[str]) -> Answer:
    """The answer, comparable: without what differs between two equal requests."""
    stream = getattr(response, "streaming_content", None)
    body = response.content if stream is None else b"".join(stream)
    content_type = response.headers.get("Content-Type", "")
    status, to = response.status_code, ""
    if "Location" in response.headers:
        status, to = where(status, response.headers["Location"], url)
    code = response.json().get("code", "") if content_type == "application/problem+json" else ""
    return Answer(
        status=status,
        to=to,
        location=response.headers.get("Location", ""),
        body=ONCE.sub(b"", body),
        headers=" ".join(v for k, v in response.headers.items() if k != "Location"),
        mails=" ".join(str(sent.message()) for sent in mail.outbox),
        code=code,
        content_type=content_type,
        # Most calls write nothing, and reading every table takes longer than they do.
        tables=fingerprint() if written else world.before,
    )


def where(status: int, location: str, url: str) -> tuple[int | str, str]:
    """The status of a redirect, or that it asks to sign in first; and the page it leads to."""
    split = urlsplit(location)
    try:
        to = resolve(split.path).url_name or ""
    except Resolver404:
        return status, location
    if to == "account_login" and parse_qs(split.query).get("next") == [url]:
        return LOGIN, to
    return status, to
