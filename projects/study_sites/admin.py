"""Study sites in the operator's console."""

from django.contrib import admin

from portal.web.admin import ReadOnly
from projects.study_sites.models import StudySite


@admin.register(StudySite)
class StudySiteAdmin(ReadOnly):
    """To look up, not to decide for people."""

    list_display = ("name", "project", "institution", "country")
    list_select_related = ("project", "institution")
    search_fields = ("name", "project__title")
