"""What happened in a project lately, in plain words."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from members.models import AuditEvent, AuditScope, User
from projects.projects.models import Project

EVENTS = 6


# What members read of the audit trail; who was declined stays between that person and the leads.
ACTIVITY = (
    "project.",
    "membership.",
    "study_site.",
    "opening.",
    "join_request.approved",
    "dataset.",
    "version.",
    "shared_variable.",
    "mapping.",
    "analysis.",
)


PHRASES = {
    "project.created": gettext_lazy("started the project"),
    "project.changed": gettext_lazy("changed %(fields)s"),
    "membership.added": gettext_lazy("added %(label)s"),
    "membership.role_changed": gettext_lazy("gave %(label)s another role"),
    "membership.placed": gettext_lazy("said at which site %(label)s works"),
    "membership.ended": gettext_lazy("ended the membership of %(label)s"),
    "membership.left": gettext_lazy("left the project"),
    "membership.kept": gettext_lazy("let %(label)s stay without a last day"),
    "study_site.added": gettext_lazy("added the site %(label)s"),
    "study_site.changed": gettext_lazy("changed the site %(label)s"),
    "opening.added": gettext_lazy("is looking for: %(label)s"),
    "opening.filled": gettext_lazy("found: %(label)s"),
    "opening.reopened": gettext_lazy("is looking again for: %(label)s"),
    "join_request.approved": gettext_lazy("let %(label)s in"),
    "dataset.created": gettext_lazy("brought the dataset %(label)s"),
    "dataset.changed": gettext_lazy("changed the dataset %(label)s"),
    "version.uploaded": gettext_lazy("uploaded %(label)s"),
    "version.read_again": gettext_lazy("had %(label)s read again"),
    "version.described": gettext_lazy("described the columns of %(label)s"),
    "version.ready": gettext_lazy("has read %(label)s"),
    "version.failed": gettext_lazy("could not read %(label)s"),
    "version.downloaded": gettext_lazy("downloaded %(label)s"),
    "shared_variable.created": gettext_lazy("defined the variable %(label)s"),
    "shared_variable.changed": gettext_lazy("changed the variable %(label)s"),
    "shared_variable.deleted": gettext_lazy("removed the variable %(label)s"),
    "mapping.saved": gettext_lazy("mapped %(label)s"),
    "mapping.removed": gettext_lazy("removed the mapping %(label)s"),
    "analysis.started": gettext_lazy("asked: %(label)s"),
    "analysis.rerun": gettext_lazy("asked again: %(label)s"),
}


FIELD_WORDS = {
    "title": gettext_lazy("title"),
    "question": gettext_lazy("question"),
    "summary": gettext_lazy("summary"),
    "disciplines": gettext_lazy("disciplines"),
    "conditions": gettext_lazy("conditions"),
    "regions": gettext_lazy("regions"),
    "stage": gettext_lazy("stage"),
    "visibility": gettext_lazy("visibility"),
    "join_policy": gettext_lazy("join policy"),
    "join_questions": gettext_lazy("join questions"),
}


def activity_of(project: Project) -> list[dict[str, Any]]:
    """The last events of the audit trail in plain words."""
    newest = AuditScope.objects.of("project", project.pk)[: EVENTS * 5]
    events = [scope.event for scope in newest if scope.event.action.startswith(ACTIVITY)][:EVENTS]
    numbers = {number for event in events for number in (event.actor_id, person_of(event))}
    names: dict[int | None, str] = dict(
        User.objects.filter(pk__in=[one for one in numbers if one is not None]).values_list(
            "pk", "name"
        )
    )
    return [
        {
            "who": names.get(
                event.actor_id,
                gettext("The portal") if event.actor_id is None else gettext("Somebody"),
            ),
            "what": phrase_of(event, names.get(person_of(event))),
            "at": event.at,
        }
        for event in events
    ]


def person_of(event: AuditEvent) -> int | None:
    """Whose membership or request it was, by number; None of what is nobody's."""
    if event.object_type not in ("membership", "joinrequest"):
        return None
    return (event.after or {}).get("user")


def phrase_of(event: AuditEvent, person: str | None) -> str:
    """What somebody did, to be read after their name; `person` is to whom."""
    label = person or event.object_label
    phrase = PHRASES.get(event.action)
    if phrase is None:
        return f"{event.action}: {label}"
    fields = ", ".join(str(FIELD_WORDS.get(name, name)) for name in event.after or {})
    return phrase % {"label": label, "fields": fields}
