"""The audit trail: append-only, hash-chained, and outliving what it speaks of."""

import pgtrigger
from django.db import models

from members.audit_events.visibility import AuditScopeQuerySet

APPEND_ONLY = [
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'the audit trail is append-only';",
    ),
]


class AuditEvent(models.Model):
    """Who did what to which thing. No foreign keys up, so nothing can take a row along."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    object_label = models.CharField(max_length=200)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.object_label}"


class AuditScope(models.Model):
    """One thing in whose trail an event stands, by its kind and number: a project, a dataset."""

    kind = models.CharField(max_length=20)
    number = models.BigIntegerField()
    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, related_name="scopes")

    objects = AuditScopeQuerySet.as_manager()

    class Meta:
        constraints = [
            # Its index is the one that lists a thing's events by age.
            models.UniqueConstraint(fields=["kind", "number", "event"], name="audit_scope_once"),
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
