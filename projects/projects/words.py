"""Words about a project that several pages say."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

from portal.common.pages import Crumb
from projects.projects.models import Project


def disciplines_of(user: Any) -> tuple[str, ...]:
    """What the person's profile says they know."""
    profile = getattr(user, "profile", None) if user.is_authenticated else None
    return tuple(profile.disciplines) if profile else ()


JOIN_LABELS = {
    "manual": gettext_lazy("Join by request"),
    "verified": gettext_lazy("Open to join"),
    "closed": gettext_lazy("By invitation"),
}


def ago(moment: datetime) -> str:
    """How long ago, as one would say it."""
    days = (timezone.localdate() - timezone.localtime(moment).date()).days
    if days <= 1:
        return gettext("today") if days <= 0 else gettext("yesterday")
    for length, words in AGO:
        if days >= 2 * length:
            return words % {"count": days // length}
    return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}


AGO = (
    (365, ngettext_lazy("%(count)s year ago", "%(count)s years ago", "count")),
    (30, ngettext_lazy("%(count)s month ago", "%(count)s months ago", "count")),
    (7, ngettext_lazy("%(count)s week ago", "%(count)s weeks ago", "count")),
)


def where(sites: int, countries: int) -> str:
    """In how many places a project works."""
    at = ngettext("%(n)s site", "%(n)s sites", sites) % {"n": sites}
    if not countries:
        return at
    across = ngettext("%(n)s country", "%(n)s countries", countries) % {"n": countries}
    return f"{at}, {across}"


def project_crumbs(project: Project) -> list[Crumb]:
    """The way to a project’s page."""
    return [
        Crumb(gettext("Projects"), "/projects/"),
        Crumb(project.title, project.get_absolute_url()),
    ]
