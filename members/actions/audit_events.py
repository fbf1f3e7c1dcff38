"""Write to the audit trail and check it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from members.models import AuditEvent, User

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
    "project_id",
    "dataset_id",
    "before",
    "after",
    "previous_hash",
)


def record(
    action: str,
    target: models.Model,
    *,
    by: User | None,
    project_id: int | None = None,
    dataset_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one row to the chain, inside the transaction of what it records.

    The advisory lock is held until that transaction ends, so call this last in an action.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() needs a transaction around it")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = AuditEvent.objects.order_by("-id").values_list("hash", flat=True).first()
    event = AuditEvent(
        at=datetime.now(UTC),
        actor_id=by.pk if by else None,
        actor=by.email if by else "portal",
        action=action,
        object_type=target._meta.model_name,
        object_id=str(target.pk),
        object_label=str(target)[:200],
        project_id=project_id,
        dataset_id=dataset_id,
        before=plain(before),
        after=plain(after),
        previous_hash=last or GENESIS,
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    return event


def first_broken() -> AuditEvent | None:
    """The first row whose hash or link does not fit, or None when the chain is whole."""
    previous = GENESIS
    for event in AuditEvent.objects.order_by("id").iterator(chunk_size=2000):
        if event.previous_hash != previous or event.hash != digest(event):
            return event
        previous = event.hash
    return None


def digest(event: AuditEvent) -> str:
    """SHA-256 over the row's canonical JSON, which names the row before it."""
    content = {name: getattr(event, name) for name in HASHED}
    content["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values as they will read back from JSON, so that the hash can be repeated."""
    return None if values is None else json.loads(json.dumps(values, cls=DjangoJSONEncoder))
