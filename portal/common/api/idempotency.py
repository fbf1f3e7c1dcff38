"""Answers of calls that carried an Idempotency-Key, kept to be given again.

The row is a model of the app `portal`, whose face is portal/models.py.
"""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.utils.encoders import JSONEncoder

from portal.common.exceptions import Conflict, Invalid

KEPT = timedelta(days=7)


class IdempotencyKey(models.Model):
    """One person's key, what was sent with it, and the answer it got."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class Replay(Exception):
    """This key was answered before; here is that answer."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__("answered before")
        self.status = status
        self.body = body


def begin(*, user: Any, key: str, digest: str) -> IdempotencyKey:
    """Take the key for this call, or raise `Replay` with the first call's answer.

    Two calls at once: the second waits in the database until the first has ended.
    """
    if not key or len(key) > 255:
        raise Invalid(
            gettext("An Idempotency-Key has 1 to 255 characters."), code="bad_idempotency_key"
        )
    if not connection.in_atomic_block:
        raise RuntimeError("begin() needs a transaction around it")
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(user=user, key=key, digest=digest)], ignore_conflicts=True
    )
    row = IdempotencyKey.objects.select_for_update().get(user=user, key=key)
    if row.digest != digest:
        raise Conflict(
            gettext("This Idempotency-Key was used for another call. Take a new one."),
            code="idempotency_key_reused",
        )
    if row.status is not None:
        raise Replay(row.status, row.body)
    return row


def keep(row: IdempotencyKey, *, status: int, body: Any) -> None:
    """Remember the answer beside its key."""
    row.status = status
    row.body = json.loads(json.dumps(body, cls=JSONEncoder))
    row.save(update_fields=["status", "body"])


def forget_old() -> None:
    """Drop keys after a week: nobody repeats a call that late, and answers need not pile up."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
