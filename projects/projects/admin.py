"""Projects in the operator's console."""

from django.contrib import admin

from portal.web.admin import ReadOnly
from projects.projects.models import Project


@admin.register(Project)
class ProjectAdmin(ReadOnly):
    """To look up, not to decide for people."""

    list_display = ("title", "slug", "stage", "visibility", "join_policy", "active_at")
    list_filter = ("stage", "visibility", "join_policy")
    search_fields = ("title", "slug")
