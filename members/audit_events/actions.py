"""Write to the audit trail and check it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from members.audit_events.models import AuditEvent, AuditScope
from members.users.models import User
from portal.common.canonical import sha256_of, with_digits
from portal.jobs.models import Job

GENESIS = "0" * 64


CHAIN_LOCK = 0x434F484F  # one writer at a time extends the chain


HASHED = (
    "at",
    "actor_id",
    "actor",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "before",
    "after",
    "previous_hash",
)


def record(
    action: str,
    target: models.Model,
    *,
    by: User | None,
    scopes: Mapping[str, int] | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one row to the chain, inside the transaction of what it records.

    The advisory lock is held until that transaction ends, so call this last in an action, or put
    `written_last` around it. Names are kept beside ids and never addresses, for leads and stewards
    read these rows. `scopes` says in whose trails the row stands: `{"project": 7, "dataset": 12}`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() needs a transaction around it")
    event = AuditEvent(
        actor_id=by.pk if by else None,
        actor=by.name if by else "portal",
        action=action,
        object_type=target._meta.model_name or "",
        object_id="" if target.pk is None else str(target.pk),
        object_label=str(target)[:200],
    )
    row = Row(event, dict(scopes or {}), as_json(before), as_json(after))
    waiting = _waiting.get()
    if waiting is None:
        _extend_chain(row)
    else:
        waiting.append(row)
        transaction.on_commit(row)
    return event


@contextmanager
def written_last() -> Iterator[None]:
    """A transaction whose rows of the trail are written at its end, whenever they are recorded.

    For what goes on after its first row, be it with other rows or with files: from that row on
    nobody else could act in the portal. What a savepoint inside undoes leaves no row.
    """
    if _waiting.get() is not None:
        yield
        return
    with transaction.atomic():
        waiting: list[Row] = []
        before = _waiting.set(waiting)
        try:
            yield
        finally:
            _waiting.reset(before)
        # Of what a savepoint undid Django has forgotten the calls after the commit.
        stands = {id(one[1]) for one in connection.run_on_commit}
        for row in waiting:
            if id(row) in stands:
                _extend_chain(row)


@dataclass(frozen=True, eq=False)
class Row:
    """An event with all but its place in the chain."""

    event: AuditEvent
    scopes: dict[str, int]
    before: str | None
    after: str | None

    def __call__(self) -> None:
        """Nothing: it waits for the commit only to be forgotten with its savepoint."""


_waiting: ContextVar[list[Row] | None] = ContextVar("waiting", default=None)


def _extend_chain(row: Row) -> None:
    event = row.event
    with connection.cursor() as cursor:
        # The values come back as PostgreSQL keeps them (1e22 as an integer, -0.0 as 0.0), for that
        # is what the hash is taken of when the chain is checked.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s), %s::jsonb, %s::jsonb",
            [CHAIN_LOCK, row.before, row.after],
        )
        _, before, after = cursor.fetchone()
    last = AuditEvent.objects.order_by("-id").values_list("hash", flat=True).first()
    event.at = datetime.now(UTC)
    event.before, event.after = from_json(before), from_json(after)
    event.previous_hash = last or GENESIS
    event.hash = digest(event, row.scopes.items())
    event.save(force_insert=True)
    AuditScope.objects.bulk_create(
        AuditScope(event=event, kind=kind, number=number) for kind, number in row.scopes.items()
    )


def record_job(
    action: str, job: Job, *, by: User, before: dict[str, Any] | None = None
) -> AuditEvent:
    """What somebody did to a job; it stands in its project's trail, if it has one."""
    scopes = {} if job.project_id is None else {"project": job.project_id}
    return record(action, job, by=by, scopes=scopes, before=before)


@dataclass(frozen=True)
class Verification:
    """What a walk along the chain found: how far it is whole, and where it breaks."""

    rows: int
    head: str
    broken: AuditEvent | None = None
    reason: str = ""


def verify() -> Verification:
    """Walk the chain once, a block of rows in memory at a time.

    A chain cannot tell that its last rows are missing: compare `head` with one noted earlier.
    """
    rows, head = 0, GENESIS
    trail = AuditEvent.objects.order_by("id").prefetch_related("scopes")
    for event in trail.iterator(chunk_size=2000):
        if event.previous_hash != head:
            return Verification(rows, head, event, "does not follow the row before it")
        scopes = [(scope.kind, scope.number) for scope in event.scopes.all()]
        if not fits(event, scopes):
            return Verification(rows, head, event, "was changed after it was written")
        rows, head = rows + 1, event.hash
    return Verification(rows, head)


def digest(event: AuditEvent, scopes: Iterable[tuple[str, int]]) -> str:
    """SHA-256 over the row's canonical JSON, its scopes in it, which names the row before it."""
    content = {name: getattr(event, name) for name in HASHED}
    content["scopes"] = sorted(scopes)
    content["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return sha256_of(content)


def fits(event: AuditEvent, scopes: Iterable[tuple[str, int]]) -> bool:
    """Whether the row is what its hash was taken of."""
    try:
        return event.hash == digest(event, scopes)
    except ValueError:  # A number that no row is written with.
        return False


def as_json(values: dict[str, Any] | None) -> str | None:
    """Values as JSON text; a number that JSON does not know is an error in the action.

    Whole numbers that JSON's doubles leave out are kept as their digits, which a hash tells apart.
    """
    if values is None:
        return None
    return json.dumps(with_digits(values), cls=DjangoJSONEncoder, allow_nan=False)


def from_json(text: str | None) -> dict[str, Any] | None:
    """The values as they read back."""
    return None if text is None else json.loads(text)
