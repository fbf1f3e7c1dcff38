"""Answers of calls that carried an Idempotency-Key, so that a repeat changes nothing."""

from django.db import models

from members.models.user import User


class IdempotencyKey(models.Model):
    """One person's key, what was sent with it, and the answer it got."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint("user", "key", name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
