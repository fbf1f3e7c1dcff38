"""Requests to join in the operator's console."""

from django.contrib import admin

from portal.web.admin import ReadOnly
from projects.join_requests.models import JoinRequest


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnly):
    """To look up, not to decide for people."""

    list_display = ("user", "project", "state", "created_at", "decided_at", "decided_by")
    list_select_related = ("user", "project", "decided_by")
    list_filter = ("state",)
    search_fields = ("user__name", "project__title")
