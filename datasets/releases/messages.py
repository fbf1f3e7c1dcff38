"""Ask whoever put the question something before deciding, and answer: the output stays held.

The words may tell of what is not released: they stand on its pages alone, where who reads them is
asked each time, and in no line of an inbox or a mail.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from datasets.analyses.titles import title_told
from datasets.choices import ReleaseOutcome
from datasets.releases.actions import decided_already
from datasets.releases.locked import locked_share
from datasets.releases.models import Release, ReleaseMessage
from datasets.releases.permissions import people_to_ask, require_asker, require_decision
from datasets.releases.work import event_of
from members.audit_events import actions as audit_events
from members.models import User
from members.notifications import actions as notifications
from portal.common.exceptions import Conflict, Invalid
from portal.common.text import filled

LONGEST = 2000


@audit_events.written_last()
def ask(*, release: Release, text: str, by: User) -> ReleaseMessage:
    """Ask whoever put the question something first; who decides is told the answer."""
    require_decision(by, release)
    analysis = release.analysis
    if not Release.objects.asked_by(analysis.created_by).filter(pk=release.pk).exists():
        raise Conflict(
            gettext("Whoever put the question can’t answer any more: decide without asking."),
            code="asker_gone",
        )
    message = written(release, text, by, "release.asked")
    _tell(
        [analysis.created_by] if analysis.created_by != by else [],
        release,
        "asked",
        text=filled(
            gettext_lazy("%(site)s has a question on “%(title)s”."),
            site=release.dataset.site.name,
            title=title_told(analysis),
        ),
        because=gettext_lazy("You asked the question."),
        url=analysis.get_absolute_url(),
        action_label=gettext_lazy("Answer"),
    )
    return message


@audit_events.written_last()
def answer(*, release: Release, text: str, by: User) -> ReleaseMessage:
    """Answer what people of the data want to know before they decide."""
    require_asker(by, release)
    if not release.messages.exists():
        raise Conflict(gettext("Nobody asked you anything about this."), code="nothing_asked")
    message = written(release, text, by, "release.answered")
    notifications.settle(event=event_of(release.pk, "asked"))
    _tell(
        people_to_ask(release),
        release,
        "answered",
        text=filled(
            gettext_lazy("%(name)s answers on “%(title)s”."),
            name=by.name,
            title=title_told(release.analysis),
        ),
        because=gettext_lazy("You decide what leaves these data."),
        url=release.get_absolute_url(),
        action_label=gettext_lazy("Decide"),
    )
    return message


def _tell(people: Sequence[User], release: Release, step: str, **line: Any) -> None:
    """That somebody asked or answered, anew each time."""
    project = release.analysis.project
    notifications.notify(
        people,
        event=event_of(release.pk, step),
        kind=f"release.{step}",
        group=project.title,
        project_id=project.pk,
        again=True,
        **line,
    )


def written(release: Release, text: str, by: User, action: str) -> ReleaseMessage:
    """A message on a share that is held, and its line in the audit trail: that has not its words,
    since stewards and leads read the trail, whatever they may read of the data."""
    share = locked_share(release)
    if share.outcome != ReleaseOutcome.HELD:
        raise decided_already(share)
    text = text.replace("\0", "").strip()
    if not text:
        raise Invalid(errors={"text": gettext("Write what you want to say.")})
    if len(text) > LONGEST:
        raise Invalid(errors={"text": gettext("Write at most 2,000 characters.")})
    message = ReleaseMessage.objects.create(release=share, text=text, by=by)
    audit_events.record(
        action,
        share,
        by=by,
        scopes=share.scopes,
        after={"analysis": share.analysis_id, "message": message.pk},
    )
    return message
