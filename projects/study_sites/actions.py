"""Add the places where a project collects data, and correct them."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy

from members.audit_events import actions as audit_events
from members.institutions import actions as institutions
from members.models import User
from members.notifications import actions as notifications
from portal.common.countries import COUNTRIES, name_of
from portal.common.exceptions import Conflict, Invalid
from portal.common.models import validated_save
from portal.common.text import filled
from projects.projects.actions import locked, mark_active
from projects.projects.models import Project
from projects.projects.permissions import people_with, require
from projects.roles import Permission
from projects.study_sites.models import StudySite

country_in_words = lazy(name_of, str)

CHANGED: list[Callable[[StudySite], None]] = []
"""What follows when a site is corrected; apps above this one add theirs on start."""


@transaction.atomic
def add(*, project: Project, name: str, institution: str, country: str, by: User) -> StudySite:
    """Add a site by its name in the project, its institution and its country."""
    project = locked(project)
    require(by, Permission.MANAGE_SITES, project)
    site = StudySite(project=project)
    _write(site, name=name, institution=institution, country=country)
    mark_active(project)
    audit_events.record(
        "study_site.added", site, by=by, scopes={"project": project.pk}, after=_state(site)
    )
    return site


@audit_events.written_last()
def change(
    *, site: StudySite, by: User, name: str = "", institution: str = "", country: str = ""
) -> StudySite:
    """Correct a site; what is left out stays. Another country moves its data to another region."""
    project = locked(site.project)
    require(by, Permission.MANAGE_SITES, project)
    site = StudySite.objects.select_related("project", "institution").get(pk=site.pk)
    before = _state(site)
    _write(
        site,
        name=name or site.name,
        institution=institution or site.institution.name,
        country=country or site.country,
    )
    if _state(site) == before:
        return site
    if site.country != before["country"]:
        others = people_with(Permission.HARMONISE, project)
        notifications.notify(
            [person for person in others if person.pk != by.pk],
            event=f"study_site.{site.pk}.country.{site.updated_at.isoformat()}",
            kind="study_site.country_changed",
            text=filled(
                gettext_lazy(
                    "%(site)s moved from %(before)s to %(after)s: results by region follow"
                ),
                site=site.name,
                before=country_in_words(before["country"]),
                after=country_in_words(site.country),
            ),
            because=gettext_lazy("You look after this project’s data."),
            group=project.title,
            project_id=project.pk,
            url=f"{project.get_absolute_url()}sites/",
        )
    mark_active(project)
    audit_events.record(
        "study_site.changed",
        site,
        by=by,
        scopes={"project": project.pk},
        before=before,
        after=_state(site),
    )
    for follow in CHANGED:
        follow(site)
    return site


def _write(site: StudySite, *, name: str, institution: str, country: str) -> None:
    name, country = " ".join(name.split()), country.strip().upper()
    errors = {}
    if not name:
        errors["name"] = gettext("Write the site’s name.")
    if not institution.strip():
        errors["institution"] = gettext("Write the institution’s name.")
    if country not in COUNTRIES:
        errors["country"] = gettext(
            "Use a country’s code of three letters, as in ISO 3166: KEN for Kenya."
        )
    if errors:
        raise Invalid(errors=errors)
    same = StudySite.objects.filter(project=site.project, name__iexact=name).exclude(pk=site.pk)
    if same.exists():
        raise Conflict(
            gettext("This project has a site called %(name)s already.") % {"name": name},
            code="site_exists",
        )
    site.name, site.country = name, country
    site.institution = institutions.named(name=institution, country=country)
    validated_save(site)


def _state(site: StudySite) -> dict[str, Any]:
    return {"name": site.name, "institution": site.institution.name, "country": site.country}
