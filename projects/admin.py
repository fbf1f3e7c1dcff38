"""Projects in the operator's console: to look things up, not to decide for people."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from projects.join_requests.models import JoinRequest
from projects.memberships.models import Membership
from projects.openings.models import Opening
from projects.projects.models import Project
from projects.study_sites.models import StudySite


class ReadOnly(admin.ModelAdmin):
    """Rows change through the actions alone, which check, audit and notify."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Project)
class ProjectAdmin(ReadOnly):
    list_display = ("title", "slug", "stage", "visibility", "join_policy", "active_at")
    list_filter = ("stage", "visibility", "join_policy")
    search_fields = ("title", "slug")


@admin.register(StudySite)
class StudySiteAdmin(ReadOnly):
    list_display = ("name", "project", "institution", "country")
    list_select_related = ("project", "institution")
    search_fields = ("name", "project__title")


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ("user", "project", "role", "starts_at", "ends_at")
    list_select_related = ("user", "project")
    list_filter = ("role",)
    search_fields = ("user__name", "project__title")


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnly):
    list_display = ("user", "project", "state", "created_at", "decided_at", "decided_by")
    list_select_related = ("user", "project", "decided_by")
    list_filter = ("state",)
    search_fields = ("user__name", "project__title")


@admin.register(Opening)
class OpeningAdmin(ReadOnly):
    list_display = ("label", "project", "kind", "discipline", "filled_at")
    list_select_related = ("project",)
    list_filter = ("kind",)
