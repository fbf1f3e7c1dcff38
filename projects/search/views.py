"""Find a project to join: filters with counts, map, list or table, all of it in the address."""

from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from portal.common.pages import (
    Chip,
    Request,
    address,
    bounded,
    chip,
    facet,
    in_order,
    without,
)
from portal.common.text import Text, either
from projects.choices import Role, Stage
from projects.join_requests.models import JoinRequest
from projects.memberships.models import Membership
from projects.openings.models import Opening
from projects.openings.words import needs_of
from projects.projects.models import Project
from projects.projects.numbers import number_of
from projects.projects.words import JOIN_LABELS, ago, disciplines_of, where
from projects.search.filters import ProjectFilter
from projects.search.forms import LABELS, LEGENDS, filter_from
from projects.search.matches import ProjectMatches
from projects.search.newest import COUNTED
from projects.search.order import INDEXED, keyed

PAGE = 20


SHORT_FACET = 6


SORTS = {
    "words": gettext_lazy("Best match"),
    "match": gettext_lazy("Best match for you"),
    "active": gettext_lazy("Recently active"),
    "newest": gettext_lazy("Newest"),
    "sites": gettext_lazy("Most sites"),
}


@require_safe
def explore(request: Request) -> HttpResponse:
    """The list of projects the person may know of."""
    visible = Project.objects.visible_to(request.user)
    wanted = filter_from(request.GET)
    mine = disciplines_of(request.user)
    sorts = sorts_for(wanted, mine)
    sort = request.GET.get("sort", "")
    sort = sort if sort in sorts else next(iter(sorts)) if wanted.q else "active"
    matches = ProjectMatches(wanted, visible)
    total = matches.total
    matching: QuerySet[Project]
    if sort == "active" and not {"after", "before"} & request.GET.keys():
        matching = Project.objects.filter(pk__in=matches.ids()[: PAGE + 1])
    elif sort in INDEXED:
        matching = matches.found()
    else:
        matching = Project.objects.filter(pk__in=matches.ids())
    projects, key = keyed(matching, sort, words=wanted.words, disciplines=mine)
    rows, previous, following = in_order(
        request, with_listing(projects, request.user), size=PAGE, key=key
    )
    places = matches.places()
    everything = visible.order_by()[: COUNTED + 1].count() if wanted else total
    all_are_counted = everything <= COUNTED
    unfiltered = ProjectMatches(ProjectFilter(), visible) if wanted else matches
    return render(
        request,
        "projects/search/explore.html",
        {
            "rows": [listing(project, mine) for project in rows],
            "total": total,
            "counted": COUNTED,
            "all_projects": everything,
            "all_are_counted": all_are_counted,
            "all_countries": unfiltered.countries if all_are_counted else None,
            "bounded_at": COUNTED if total > COUNTED else None,
            "facets": facets_of(wanted, matches.counts()),
            "places": [
                {**place, "url": address(request, country=place["country"])} for place in places
            ],
            "chips": chips_of(request, wanted),
            "clear_url": request.path if wanted else "",
            "active": wanted.active,
            "wanted": wanted,
            "sorts": [(key, label, key == sort) for key, label in sorts.items()],
            "sort": sort,
            "view": "table" if request.GET.get("view") == "table" else "list",
            "list_url": address(request, view="list"),
            "table_url": address(request, view="table"),
            "sites_url": address(request, sort="sites"),
            "active_url": address(request, sort="active"),
            "previous": previous,
            "next": following,
            "stages": Stage.labels,
            "remedies": remedies_of(request, matches) if not total else [],
        },
    )


def sorts_for(wanted: ProjectFilter, mine: tuple[str, ...]) -> dict[str, Text]:
    """The orders that make sense: by words where there are words, for you where you are known."""
    left_out = {"words": not wanted.words, "match": not mine}
    return {key: label for key, label in SORTS.items() if not left_out.get(key)}


def with_listing(projects: QuerySet[Project], user: Any) -> QuerySet[Project]:
    """The projects with what a line of the list shows, in a fixed number of queries."""
    leads = Membership.objects.visible_to(user).active().filter(role=Role.LEAD)
    leads = leads.select_related("user__profile__institution").order_by("starts_at", "id")
    projects = projects.annotate(site_count=number_of("pk"), country_count=number_of("country"))
    if user.is_authenticated:
        member = Membership.objects.active().filter(project=OuterRef("pk"), user=user)
        asked = JoinRequest.objects.open().filter(project=OuterRef("pk"), user=user)
        projects = projects.annotate(is_member=Exists(member), is_requested=Exists(asked))
    return projects.prefetch_related(
        Prefetch("openings", Opening.objects.open(), to_attr="needs"),
        Prefetch("memberships", leads, to_attr="leads"),
    )


def listing(project: Any, mine: tuple[str, ...]) -> dict[str, Any]:
    """One line of the list."""
    if getattr(project, "is_member", False):
        join: Text = gettext("You are a member")
    elif getattr(project, "is_requested", False):
        join = gettext("Requested")
    else:
        join = JOIN_LABELS[project.join_policy]
    return {
        "project": project,
        "join": join,
        "lead": project.leads[0] if project.leads else None,
        "fields": ", ".join(project.field_names),
        "where": where(project.site_count, project.country_count),
        "needs": needs_of(project.needs, mine),
        "active": ago(project.active_at),
    }


def facets_of(wanted: ProjectFilter, counts: dict[str, Any]) -> list[dict[str, Any]]:
    """The groups of filters: options that would find something, or that are ticked."""
    facets = []
    for group, found in counts.items():
        ticked = getattr(wanted, group)
        options = [(value, label, found[value]) for value, label in LABELS[group].items()]
        if group != "stage":
            options.sort(key=lambda option: (option[0] not in ticked, -option[2]))
        facets.append(facet(group, LEGENDS[group], options, ticked, short=SHORT_FACET))
    return [facet for facet in facets if facet["options"]]


def chips_of(request: Request, wanted: ProjectFilter) -> list[Chip]:
    """Every active filter with the address that leaves it out."""
    chips = []
    if wanted.q:
        chips.append(chip(request, gettext("Words"), wanted.q[:60], "q"))
    for group in ProjectFilter.GROUPS:
        for value in getattr(wanted, group):
            chips.append(chip(request, LEGENDS[group], LABELS[group][value], group, value))
    return chips


def remedies_of(request: Request, matches: ProjectMatches) -> list[dict[str, str]]:
    """When nothing matches: which filters to leave out, and what that would find."""
    wanted = matches.wanted
    found = {group: matches.total_without(group) for group in wanted.used}
    if wanted.q:
        wordless = ProjectMatches(replace(wanted, q=""), matches.projects)
        found = {"q": wordless.total, **found}
    return [
        {
            "label": either(
                [gettext("“%(name)s”") % {"name": str(name)[:60]} for name in named(wanted, group)]
            ),
            "url": without(request, group),
            "found": ngettext("%(count)s project", "%(count)s projects", total)
            % {"count": bounded(total, COUNTED)},
        }
        for group, total in found.items()
        if total
    ]


def named(wanted: ProjectFilter, group: str) -> list[Text]:
    """What a group of filters asks for, in words."""
    if group == "q":
        return [wanted.q]
    return [LABELS[group][value] for value in getattr(wanted, group)]
