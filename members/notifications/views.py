"""A person's inbox."""

from collections.abc import Iterable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from members.notifications import actions as notifications
from members.notifications.models import Notification
from portal.common.door import form_on, led_to
from portal.common.pages import Request, in_order, numbered, say

PAGE_SIZE = 50
LAST_PAGE = 100


@login_required
@require_safe
def inbox(request: Request) -> HttpResponse:
    """What waits on the person, then what is news; or what is done."""
    mine = Notification.objects.visible_to(request.user)
    done = request.GET.get("show") == "done"
    number = None
    if done:
        lines, previous, following = in_order(
            request, mine.filter(done_at__isnull=False), size=PAGE_SIZE, key="-done_at"
        )
    else:
        page = numbered(request, mine.open().by_urgency(), size=PAGE_SIZE, last=LAST_PAGE)
        lines, previous, following = page.rows, page.previous, page.following
        number = page.number
    context = {
        "done": done,
        "waiting": by_group(line for line in lines if line.action_label and not done),
        "news": by_group(line for line in lines if done or not line.action_label),
        "now": timezone.now(),
        "number": number,
        "previous": previous,
        "next": following,
    }
    return render(request, "members/notifications/inbox.html", context)


def by_group(lines: Iterable[Notification]) -> list[tuple[str, list[Notification]]]:
    """The lines under their projects; a project stands where its most urgent line stands.

    A line without a project's number stands with the first of its title.
    """
    groups: dict[int | str, list[Notification]] = {}
    lines = list(lines)
    numbers = {line.group: line.project_id for line in reversed(lines) if line.project_id}
    for line in lines:
        of = line.project_id or numbers.get(line.group) or line.group
        groups.setdefault(of, []).append(line)
    return [(found[0].group, found) for found in groups.values()]


@form_on("inbox", at="main")
def done(request: Request, notification_id: int) -> HttpResponse:
    """Tick one line off."""
    mine = Notification.objects.visible_to(request.user)
    line = get_object_or_404(mine, pk=notification_id)
    notifications.done(notification=line, by=request.user)
    say(request, gettext("Done."))
    return led_to("inbox", at="main")


@form_on("inbox", at="main")
def done_all(request: Request) -> HttpResponse:
    """Tick off all news; what waits on the person stays."""
    number = notifications.done_all(by=request.user)
    say(
        request,
        ngettext("%(number)s line marked done.", "%(number)s lines marked done.", number)
        % {"number": number}
        if number
        else gettext("There was no news to mark."),
    )
    return led_to("inbox", at="main")
