"""Words about a project that several pages say."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from portal.jobs.handlers import Place
from projects.projects.models import Project


def disciplines_of(user: Any) -> tuple[str, ...]:
    """What the person's profile says they know."""
    profile = getattr(user, "profile", None) if user.is_authenticated else None
    return tuple(profile.disciplines) if profile else ()


JOIN_LABELS = {"manual": "Join by request", "verified": "Open to join", "closed": "By invitation"}


def ago(moment: datetime) -> str:
    """How long ago, as one would say it."""
    days = (timezone.localdate() - timezone.localtime(moment).date()).days
    if days <= 1:
        return "today" if days <= 0 else "yesterday"
    for unit, length in (("year", 365), ("month", 30), ("week", 7)):
        if days >= 2 * length:
            return f"{days // length} {unit}s ago"
    return f"{days} days ago"


def project_places(project: Project) -> list[Place]:
    """The way to a project’s page."""
    return [Place("Projects", "/projects/"), Place(project.title, project.get_absolute_url())]
