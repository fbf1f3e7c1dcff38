"""How a row of the audit trail is shown; the upper apps say whose trail and who may read it."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from members.audit_events.models import AuditEvent


class AuditObjectSerializer(serializers.Serializer):
    """The thing it happened to, as it was called then."""

    type = serializers.CharField(source="object_type")
    id = serializers.CharField(source="object_id")
    # Any: DRF gives its own fields a label of another type.
    label: Any = serializers.CharField(source="object_label")


class AuditActorSerializer(serializers.Serializer):
    """Who did it; id is null for the portal itself."""

    id = serializers.IntegerField(source="actor_id", allow_null=True)
    name = serializers.CharField(source="actor")


class AuditEventSerializer(serializers.Serializer):
    """One row."""

    id = serializers.IntegerField()
    at = serializers.SerializerMethodField()
    actor = AuditActorSerializer(source="*")
    action = serializers.CharField()
    object = AuditObjectSerializer(source="*")
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    hash = serializers.CharField()

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_at(self, event: AuditEvent) -> str:
        """With the offset in digits, as the hashed text has it."""
        return event.at.isoformat()
