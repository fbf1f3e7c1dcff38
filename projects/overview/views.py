"""The page of one project."""

from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from members.models import AuditEvent, AuditScope, User
from portal.common.pages import Request
from projects.choices import Role, Stage
from projects.memberships.models import Membership
from projects.openings.forms import OpeningForm
from projects.openings.models import Opening
from projects.openings.words import needs_of
from projects.overview.words import SENTENCES, said_of
from projects.projects.head import project_page
from projects.projects.models import Project
from projects.projects.words import JOIN_LABELS, ago, disciplines_of, where
from projects.study_sites.models import StudySite

PEOPLE = 100


EVENTS = 10


@require_safe
def detail(request: Request, slug: str) -> HttpResponse:
    """What the project asks, how far it is, what it lacks, and who and where it is."""
    project, context = project_page(request, slug)
    may = context["may"]
    places = list(
        StudySite.objects.filter(project=project)
        .values("country")
        .annotate(count=Count("pk"))
        .order_by("-count", "country")
    )
    openings = list(Opening.objects.open().filter(project=project))
    seeking = any(opening.kind in ("region", "data") for opening in openings)
    inside = people_by_site(request, project) if may["see_inside"] else {}
    return render(
        request,
        "projects/overview/detail.html",
        {
            **context,
            **inside,
            "places": [{**place, "seeking": seeking} for place in places],
            "where": where(sum(place["count"] for place in places), len(places)),
            "needs": needs_of(openings, disciplines_of(request.user)),
            "opening_form": OpeningForm() if may["edit_project"] else None,
            "join_label": JOIN_LABELS[project.join_policy],
            "active": ago(project.active_at),
            "stages": Stage.labels,
            "events": activity_of(project) if context["membership"] else [],
        },
    )


def people_by_site(request: Request, project: Project) -> dict[str, Any]:
    """The project's sites, each with its people, and the people of no site; leads first."""
    members = list(
        Membership.objects.visible_to(request.user)
        .active()
        .filter(project=project)
        .select_related("user__profile__institution")
        .order_by("starts_at", "id")[:PEOPLE]
    )
    members.sort(key=lambda member: member.role != Role.LEAD)
    sites = list(project.sites.select_related("institution"))
    return {
        "sites": [
            {"site": site, "people": [m for m in members if m.site_id == site.pk]} for site in sites
        ],
        "elsewhere": [m for m in members if m.site_id is None],
        "leads": [m for m in members if m.role == Role.LEAD],
        "member_count": Membership.objects.active().filter(project=project).count(),
    }


def activity_of(project: Project) -> list[dict[str, Any]]:
    """The last events of the audit trail, each as a sentence."""
    newest = AuditScope.objects.of("project", project.pk)[: EVENTS * 5]
    events = [scope.event for scope in newest if scope.event.action in SENTENCES][:EVENTS]
    numbers = {number for event in events for number in (event.actor_id, person_of(event))}
    names: dict[int | None, str] = dict(
        User.objects.filter(pk__in=[one for one in numbers if one is not None]).values_list(
            "pk", "name"
        )
    )
    return [
        {
            "said": said_of(event, _who(event, names), names.get(person_of(event))),
            "at": event.at,
        }
        for event in events
    ]


def person_of(event: AuditEvent) -> int | None:
    """Whose membership or request it was, by number; None of what is nobody's."""
    if event.object_type not in ("membership", "joinrequest"):
        return None
    return (event.after or {}).get("user")


def _who(event: AuditEvent, names: dict[int | None, str]) -> str:
    if event.actor_id is None:
        return gettext("The portal")
    return names.get(event.actor_id, gettext("Somebody"))
