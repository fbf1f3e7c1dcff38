"""What was done in a project, as its members read it: the newest lines of the audit trail."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.utils.translation import gettext

from members.models import AuditEvent, AuditScope, User
from projects.overview.words import SENTENCES, said_of, who_of
from projects.projects.models import Project

EVENTS = 6
# Anybody may download what is open, as often as they like, and who decides on an output talks with
# whoever asked: that stands on the dataset's own page.
TOLD = SENTENCES.keys() - {"version.downloaded", "release.asked", "release.answered"}

CALLED: dict[str, Callable[[Collection[int]], Mapping[int, str]]] = {}
"""What things are called in their reader's language, by their type: the trail has it in one.

Other apps register theirs on start.
"""


def activity_of(project: Project) -> list[dict[str, Any]]:
    """The last events of the audit trail, each as a sentence."""
    newest = AuditScope.objects.of("project", project.pk)[: EVENTS * 5]
    events = [scope.event for scope in newest if scope.event.action in TOLD][:EVENTS]
    numbers = {number for event in events for number in (event.actor_id, person_of(event))}
    names: dict[int | None, str] = dict(
        User.objects.filter(pk__in=[one for one in numbers if one is not None]).values_list(
            "pk", "name"
        )
    )
    called = called_in(events)
    return [
        {
            "said": said_of(
                event,
                who_of(event, names.get(event.actor_id, gettext("Somebody"))),
                names.get(person_of(event)) or called.get((event.object_type, event.object_id)),
            ),
            "at": event.at,
        }
        for event in events
    ]


def called_in(events: Collection[AuditEvent]) -> dict[tuple[str, str], str]:
    """What the things of these events are called, by type and number, where the trail can't say."""
    found = {}
    for kind, call in CALLED.items():
        numbers = {int(event.object_id) for event in events if event.object_type == kind}
        for number, name in (call(numbers) if numbers else {}).items():
            found[kind, str(number)] = name
    return found


def person_of(event: AuditEvent) -> int | None:
    """Whose membership or request it was, by number; None of what is nobody's."""
    if event.object_type not in ("membership", "joinrequest"):
        return None
    return (event.after or {}).get("user")
