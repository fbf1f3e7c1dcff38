"""The inbox's pages: all lines are reached, at the same number of queries."""

import re
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from members.models import Notification
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


def told(user, text="Line", **more):
    number = Notification.objects.count()
    Notification.objects.create(
        recipient=user, event=f"e{number}", kind="news", text=text, url="/", **more
    )


def lines_in(answer):
    """Their numbers; a line's button names it once more."""
    return [int(number) for number in dict.fromkeys(re.findall(r"Line (\d+)", answer.text))]


def walk(client, url):
    """What the pages from this one on show, page by page, and the last answer."""
    shown, address = [], url
    while address:
        answer = client.get(address)
        shown.append(lines_in(answer))
        address = answer.context["next"] and f"/inbox/{answer.context['next']}"
    return shown, answer


def test_what_is_done_comes_in_pages_from_the_newest_down(page, user):
    for number in range(120):
        # Seven were ticked off at once.
        done_at = MOMENT + timedelta(minutes=number // 7)
        told(user, f"Line {number}", done_at=done_at)
    told(UserFactory(), "Line 999", done_at=MOMENT)
    client = page(user)
    shown, last = walk(client, "/inbox/?show=done")
    assert [len(lines) for lines in shown] == [50, 50, 20]
    assert list(chain(*shown)) == list(range(119, -1, -1))
    back = client.get(f"/inbox/{last.context['previous']}")
    assert lines_in(back) == shown[1]


def test_what_is_open_comes_in_pages_by_urgency(page, user):
    for number in range(60):
        label = "Decide" if number < 55 else ""
        told(
            user,
            f"Line {number}",
            action_label=label,
            due_at=MOMENT + timedelta(days=number) if label else None,
        )
    shown, last = walk(page(user), "/inbox/")
    assert shown[0] == list(range(50))
    assert shown[1][:5] == list(range(50, 55))
    assert set(shown[1][5:]) == set(range(55, 60))
    assert "Page 2" in last.text
