"""What projects look for in the operator's console."""

from django.contrib import admin

from portal.web.admin import ReadOnly
from projects.openings.models import Opening


@admin.register(Opening)
class OpeningAdmin(ReadOnly):
    """To look up, not to decide for people."""

    list_display = ("label", "project", "kind", "discipline", "filled_at")
    list_select_related = ("project",)
    list_filter = ("kind",)
