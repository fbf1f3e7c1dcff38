"""Memberships in the operator's console."""

from django.contrib import admin

from portal.web.admin import ReadOnly
from projects.memberships.models import Membership


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    """To look up, not to decide for people."""

    list_display = ("user", "project", "role", "starts_at", "ends_at")
    list_select_related = ("user", "project")
    list_filter = ("role",)
    search_fields = ("user__name", "project__title")
