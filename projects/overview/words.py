"""What people did in a project, in words."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from members.models import AuditEvent
from portal.common.text import inner, listed

# What members read of the audit trail; who was declined stays between that person and the leads.
SENTENCES = {
    "project.created": gettext_lazy("%(who)s started the project"),
    "project.changed": gettext_lazy("%(who)s changed the project: %(fields)s"),
    "membership.added": gettext_lazy("%(who)s added %(label)s"),
    "membership.role_changed": gettext_lazy("%(who)s gave %(label)s another role"),
    "membership.placed": gettext_lazy("%(who)s said at which site %(label)s works"),
    "membership.ended": gettext_lazy("%(who)s ended the membership of %(label)s"),
    "membership.left": gettext_lazy("%(who)s left the project"),
    "membership.kept": gettext_lazy("%(who)s let %(label)s stay without a last day"),
    "study_site.added": gettext_lazy("%(who)s added the site %(label)s"),
    "study_site.changed": gettext_lazy("%(who)s changed the site %(label)s"),
    "grant.added": gettext_lazy("%(who)s added the grant %(label)s"),
    "grant.changed": gettext_lazy("%(who)s changed the grant %(label)s"),
    "grant.removed": gettext_lazy("%(who)s removed the grant %(label)s"),
    "opening.added": gettext_lazy("%(who)s is looking for: %(label)s"),
    "opening.filled": gettext_lazy("%(who)s found: %(label)s"),
    "opening.reopened": gettext_lazy("%(who)s is looking again for: %(label)s"),
    "join_request.approved": gettext_lazy("%(who)s let %(label)s in"),
    "dataset.created": gettext_lazy("%(who)s brought the dataset %(label)s"),
    "dataset.changed": gettext_lazy("%(who)s changed the dataset %(label)s"),
    "version.uploaded": gettext_lazy("%(who)s uploaded %(label)s"),
    "version.read_again": gettext_lazy("%(who)s had %(label)s read again"),
    "dataset.domains_declared": gettext_lazy(
        "%(who)s declared what the columns of %(label)s may hold"
    ),
    "version.described": gettext_lazy("%(who)s described the columns of %(label)s"),
    "version.ready": gettext_lazy("%(who)s has read %(label)s"),
    "version.failed": gettext_lazy("%(who)s could not read %(label)s"),
    "version.downloaded": gettext_lazy("%(who)s downloaded %(label)s"),
    "shared_variable.created": gettext_lazy("%(who)s defined the variable %(label)s"),
    "shared_variable.changed": gettext_lazy("%(who)s changed the variable %(label)s"),
    "shared_variable.deleted": gettext_lazy("%(who)s removed the variable %(label)s"),
    "mapping.saved": gettext_lazy("%(who)s mapped %(label)s"),
    "question.allowed": gettext_lazy("%(who)s let a held question of %(label)s pass"),
    "mapping.approved": gettext_lazy("%(who)s approved the mapping %(label)s"),
    "mapping.removed": gettext_lazy("%(who)s removed the mapping %(label)s"),
    "analysis.started": gettext_lazy("%(who)s asked: “%(label)s”"),
    "analysis.looked_at": gettext_lazy("%(who)s looked at what its checks hide: “%(label)s”"),
    "analysis.rerun": gettext_lazy("%(who)s asked again: “%(label)s”"),
    "analysis.put_first": gettext_lazy("%(who)s put an answer first: “%(label)s”"),
    "analysis.put_back": gettext_lazy("%(who)s no longer puts an answer first: “%(label)s”"),
    "release.asked": gettext_lazy("%(who)s asked something about an output: %(label)s"),
    "release.answered": gettext_lazy("%(who)s answered a question about an output: %(label)s"),
    "release.decided": gettext_lazy("%(who)s decided on an output: %(label)s"),
    "release.held_anew": gettext_lazy(
        "%(who)s holds an output again, which other rules let go: %(label)s"
    ),
}

UNKNOWN = gettext_lazy("%(who)s did “%(action)s” to %(label)s")


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


def who_of(event: AuditEvent, name: str | None = None) -> str:
    """Who did it: the person by the name they have now, if that is given, or had then."""
    if event.actor_id is not None:
        return name or event.actor
    if (event.after or {}).get("anonymous"):
        return gettext("Somebody without an account")
    return gettext("The portal")


def said_of(event: AuditEvent, who: str, whom: str | None = None) -> SafeString:
    """One event of the audit trail as a sentence: who did it and, where it was one, to whom."""
    sentence, label = str(SENTENCES.get(event.action, UNKNOWN)), whom or event.object_label
    values = {
        "who": format_html("<strong>{}</strong>", who),
        "label": inner(label) if "«" in sentence else label,
        "fields": listed([str(FIELD_WORDS.get(name, name)) for name in event.after or {}]),
        "action": event.action,
    }
    return format_html(sentence % {name: f"{{{name}}}" for name in values}, **values)
