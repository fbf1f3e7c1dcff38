"""One row of the matrix: an operation, and who gets which answer at which place."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.matrix.roles import NOBODY, STRANGERS

LOGIN = "login"
"""Not signed in: off to the sign-in page."""

Body = Mapping[str, Any] | Callable[[SimpleNamespace], Mapping[str, Any]]
OK = {"GET": 200, "POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204}


@dataclass(frozen=True)
class Rule:
    """Who gets what at one place: `allowed` succeed, `visible` get 403, everybody else 404.

    `answers` has the other statuses, or the names of pages to which one is sent instead; people
    who are not signed in get what `strangers` says, which is the sign-in page or 401.
    """

    allowed: frozenset[str]
    visible: frozenset[str] = NOBODY
    answers: Mapping[int | str, Collection[str]] = field(default_factory=dict)
    strangers: int | str | None = None


@dataclass(frozen=True)
class Row:
    """An operation with its rules.

    `of` names the thing in the address, `body` a valid body, `ok` the status of success and `to`
    the page it leads to. `scope` is the one a token needs, `with_rows` says that it needs
    `read:data` beside it. `writes` is False for what changes no
    table, `foreign` False for what is known by a secret alone, `unknown` the answer to a wrong one.
    """

    method: str
    name: str
    rules: Mapping[str, Rule]
    of: str
    ok: int
    to: str
    body: Body
    files: bool
    scope: str
    with_rows: bool
    writes: bool
    foreign: bool
    unknown: int
    after_get: bool
    session_only: bool

    @property
    def key(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def is_api(self) -> bool:
        return bool(self.scope)

    def expected(self, role: str, place: str) -> int | str:
        """The answer this role gets at this place."""
        rule = self.rules[place]
        if role in rule.allowed:
            return self.ok
        for status, roles in rule.answers.items():
            if role in roles:
                return status
        if role in STRANGERS:
            return self.strangers(place)
        return 403 if role in rule.visible else 404

    def expected_of_foreign(self, role: str) -> int | str:
        """The answer this role gets for things of others, and for what is nowhere."""
        if role not in STRANGERS:
            return 404
        strangers = self.strangers("own")
        return strangers if strangers in (401, LOGIN) else 404

    def strangers(self, place: str) -> int | str:
        """What people who are not signed in get."""
        if self.is_api:
            return 401
        strangers = self.rules[place].strangers
        return LOGIN if strangers is None else strangers


def row(
    operation: str,
    allowed: Iterable[str],
    *,
    visible: Iterable[str] = NOBODY,
    answers: Mapping[int | str, Collection[str]] | None = None,
    strangers: int | str | None = None,
    at: Mapping[str, Rule] | None = None,
    of: str = "project",
    ok: int | None = None,
    to: str = "",
    body: Body | None = None,
    files: bool = False,
    scope: str = "",
    with_rows: bool = False,
    writes: bool | None = None,
    foreign: bool = True,
    unknown: int = 404,
    after_get: bool = False,
    session_only: bool = False,
) -> Row:
    """A row; the first four say who gets what at the place `own`, `at` at other places."""
    method, name = operation.split()
    own = Rule(frozenset(allowed), frozenset(visible), answers or {}, strangers)
    return Row(
        method=method,
        name=name,
        rules={"own": own, **(at or {})},
        of=of,
        ok=ok or (302 if to else OK[method]),
        to=to,
        body=body or {},
        files=files,
        scope=scope,
        with_rows=with_rows,
        writes=method != "GET" if writes is None else writes,
        foreign=foreign,
        unknown=unknown,
        after_get=after_get,
        session_only=session_only,
    )
