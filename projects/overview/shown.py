"""What the page of a project shows of the project itself: its needs, its people and places."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from portal.common.pages import Request
from portal.common.text import RowCount
from projects.choices import SEEKS_SITES, Role, Stage
from projects.grants.models import Grant
from projects.memberships.models import Membership
from projects.openings.forms import OpeningForm
from projects.openings.models import Opening
from projects.openings.words import needs_of
from projects.overview.activity import activity_of
from projects.projects.models import Project
from projects.projects.words import JOIN_LABELS, ago, disciplines_of, where
from projects.study_sites.models import StudySite

PEOPLE = 100
GRANTS = 5


def overview_of(
    request: Request, project: Project, context: dict[str, Any], rows_at: Mapping[int, RowCount]
) -> dict[str, Any]:
    """How far the project is, what it lacks, and who and where it is.

    `context` is what `project_page` gave; `rows_at` says how many rows a site has brought.
    """
    may = context["may"]
    places = list(
        StudySite.objects.filter(project=project)
        .values("country")
        .annotate(count=Count("pk"))
        .order_by("-count", "country")
    )
    openings = list(Opening.objects.open().filter(project=project))
    seeking = any(opening.kind in SEEKS_SITES for opening in openings)
    inside = people_by_site(request, project, rows_at) if may["see_inside"] else {}
    return {
        **inside,
        "places": [{**place, "seeking": seeking} for place in places],
        "where": where(sum(place["count"] for place in places), len(places)),
        "grants": Grant.objects.filter(project=project)[:GRANTS] if may["see_inside"] else [],
        "needs": needs_of(openings, disciplines_of(request.user)),
        "opening_form": OpeningForm() if may["edit_project"] else None,
        "join_label": JOIN_LABELS[project.join_policy],
        "active": ago(project.active_at),
        "stages": Stage.labels,
        "events": activity_of(project) if context["membership"] else [],
    }


def people_by_site(
    request: Request, project: Project, rows_at: Mapping[int, RowCount]
) -> dict[str, Any]:
    """The project's sites by region, each with its people and rows; leads stand first."""
    members = list(
        Membership.objects.visible_to(request.user)
        .active()
        .filter(project=project)
        .select_related("user__profile__institution")
        .order_by("starts_at", "id")[:PEOPLE]
    )
    members.sort(key=lambda member: member.role != Role.LEAD)
    regions: dict[str, dict[str, Any]] = {}
    for site in project.sites.select_related("institution"):
        region = regions.setdefault(
            site.region, {"name": site.region, "rows": RowCount(0), "sites": []}
        )
        region["rows"] += rows_at.get(site.pk, RowCount(0))
        people = [member for member in members if member.site_id == site.pk]
        region["sites"].append({"site": site, "people": people, "rows": rows_at.get(site.pk)})
    return {
        "regions": list(regions.values()),
        "elsewhere": [member for member in members if member.site_id is None],
        "leads": [member for member in members if member.role == Role.LEAD],
    }
