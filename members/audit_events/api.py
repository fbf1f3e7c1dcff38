"""How a row of the audit trail is shown; the upper apps say whose trail and who may read it."""

from typing import Any

from rest_framework import serializers

from members.audit_events.models import AuditEvent


class AuditObjectSerializer(serializers.Serializer):
    """The thing it happened to, as it was called then."""

    type = serializers.CharField()
    id = serializers.CharField()
    label = serializers.CharField()


class AuditActorSerializer(serializers.Serializer):
    """Who did it; id is null for the portal itself."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class AuditEventSerializer(serializers.Serializer):
    """One row."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = AuditActorSerializer()
    action = serializers.CharField()
    object = AuditObjectSerializer()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    hash = serializers.CharField()


class AuditEventPageSerializer(serializers.Serializer):
    """One page of the trail."""

    results = AuditEventSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


def serialize(event: AuditEvent) -> dict[str, Any]:
    """The row for the API."""
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "actor": {"id": event.actor_id, "name": event.actor},
        "action": event.action,
        "object": {"type": event.object_type, "id": event.object_id, "label": event.object_label},
        "before": event.before,
        "after": event.after,
        "hash": event.hash,
    }
