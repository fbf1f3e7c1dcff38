"""Tell people what happened, once, and let them tick it off."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from members.notifications.models import Notification
from members.users.models import User
from portal.common.exceptions import NotAllowed
from portal.common.text import Text

COUNTED = 100


def notify(
    recipients: Iterable[User],
    *,
    event: str,
    kind: str,
    text: Text,
    url: str,
    because: Text = "",
    group: str = "",
    project_id: int | None = None,
    action_label: Text = "",
    due_at: datetime | None = None,
    again: bool = False,
    at: datetime | None = None,
) -> None:
    """One line in each recipient's inbox, in the language they read it in; told only once.

    `again` opens a line of it that was done, in its new words. `at` is when it says that it came,
    where the moment itself would tell too much.
    """
    said = {}
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            said[language] = {
                "text": str(text)[:300],
                "because": str(because)[:120],
                "action_label": str(action_label)[:30],
            }
    lines = []
    for user in {user.pk: user for user in recipients if user.is_active}.values():
        line = Notification(
            recipient=user,
            event=event,
            kind=kind,
            url=url,
            group=group,
            project_id=project_id,
            due_at=due_at,
            said=said,
            **(said.get(user.language) or said[settings.LANGUAGE_CODE]),
        )
        lines.append(line)
    if not again:
        Notification.objects.bulk_create(lines, ignore_conflicts=True)
        if at is not None:
            Notification.objects.filter(event=event).update(created_at=at, updated_at=at)
        return
    Notification.objects.bulk_create(
        lines,
        update_conflicts=True,
        unique_fields=["event", "recipient"],
        update_fields=["text", "said", "url", "done_at", "created_at", "updated_at"],
    )


@transaction.atomic
def done(*, notification: Notification, by: User) -> Notification:
    """Tick one line off; doing it twice changes nothing."""
    if notification.recipient_id != by.pk:
        raise NotAllowed(gettext("This line is in somebody else’s inbox."))
    now = timezone.now()
    Notification.objects.filter(pk=notification.pk, done_at__isnull=True).update(
        done_at=now, updated_at=now
    )
    notification.refresh_from_db()
    return notification


def done_all(*, by: User) -> int:
    """Tick off everything that does not wait on the person; answers how many lines that were."""
    now = timezone.now()
    return (
        Notification.objects.visible_to(by)
        .open()
        .filter(action_label="")
        .update(done_at=now, updated_at=now)
    )


def open_count(user: User) -> int:
    """How many lines are open, for the badge; it stops counting at `COUNTED`."""
    return Notification.objects.visible_to(user).open()[:COUNTED].count()


def settle(*, event: str | Iterable[str], recipient: User | None = None) -> None:
    """What an event, or several, asked for is done, or no longer up to the recipient: take it off
    the inbox."""
    now = timezone.now()
    events = [event] if isinstance(event, str) else list(event)
    rows = Notification.objects.filter(event__in=events, done_at__isnull=True)
    if recipient is not None:
        rows = rows.filter(recipient=recipient)
    rows.update(done_at=now, updated_at=now)
