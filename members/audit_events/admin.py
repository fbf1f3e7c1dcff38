"""The audit trail in the operator's console."""

from django.contrib import admin

from members.audit_events.models import AuditEvent
from portal.web.admin import ReadOnly


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    """The audit trail, newest first."""

    list_display = ("at", "actor", "action", "object_type", "object_label")
    search_fields = ("actor", "action", "object_label", "=object_id", "=hash")
    ordering = ("-id",)
    show_full_result_count = False
