"""The inbox, without a browser: what stands where, page by page, at the same number of queries."""

import re
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from django.utils import timezone

from members.models import Notification
from members.notifications import actions as notifications
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
LINE = {"kind": "join_request", "text": "Somebody asks to join", "url": "/projects/x/"}


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


def test_strangers_are_led_to_sign_in(client):
    answer = client.get("/inbox/")
    assert answer.headers["Location"] == "/accounts/login/?next=/inbox/"


def test_what_waits_comes_first_under_its_project(page, user):
    notifications.notify([user], event="news", group="Hips", **{**LINE, "text": "An upload"})
    notifications.notify(
        [user],
        event="asked",
        group="Hearts",
        because="You lead it.",
        action_label="Decide",
        **LINE,
    )
    shown = page(user).get("/inbox/").text
    order = ["Waits on you", "Hearts", "You lead it.", "News", "Hips", "An upload"]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)
    assert 'aria-label="Inbox, 2 open"' in shown


def test_two_projects_of_one_title_are_two_groups(page, user):
    for number, project in enumerate((7, 8, 7)):
        line = LINE | {"text": f"Line {number}", "group": "Hips", "project_id": project}
        notifications.notify([user], event=f"e{number}", **line)
    shown = page(user).get("/inbox/").text
    assert lines_in(page(user).get("/inbox/")) == [2, 0, 1]
    assert shown.count('<h3 class="panel-head panel-head-ruled">Hips</h3>') == 2


def test_a_line_that_knows_the_title_alone_stands_with_that_project(page, user):
    for number, project in enumerate((7, None)):
        line = LINE | {"text": f"Line {number}", "group": "Hips", "project_id": project}
        notifications.notify([user], event=f"e{number}", **line)
    assert page(user).get("/inbox/").text.count(">Hips</h3>") == 1


def test_done_from_the_list(page, user):
    notifications.notify([user], event="e", **LINE)
    line = Notification.objects.get()
    browser = page(user)
    browser.post(f"/inbox/{line.pk}/done/")
    assert "Nothing waits on you" in browser.get("/inbox/").text
    assert line.text in browser.get("/inbox/?show=done").text


def test_mark_all_leaves_what_waits(page, user):
    notifications.notify([user], event="news", **LINE)
    notifications.notify([user], event="waits", action_label="Decide", **LINE)
    browser = page(user)
    browser.post("/inbox/done/")
    assert [line.event for line in Notification.objects.open()] == ["waits"]
    assert "Mark all" not in browser.get("/inbox/").text


def test_somebody_elses_line_is_not_there(page, user):
    notifications.notify([UserFactory()], event="e", **{**LINE, "text": "canary-7731"})
    line = Notification.objects.get()
    browser = page(user)
    assert "canary" not in browser.get("/inbox/").text
    assert browser.post(f"/inbox/{line.pk}/done/").status_code == 404
    browser.post("/inbox/done/")
    line.refresh_from_db()
    assert line.done_at is None


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_it_asks_the_same_number_of_queries(page, user, rows, django_assert_num_queries):
    for number in range(rows):
        notifications.notify([user], event=f"e{number}", group=f"g{number}", **LINE)
    browser = page(user)
    with django_assert_num_queries(4):
        browser.get("/inbox/")
    Notification.objects.update(done_at=timezone.now())
    with django_assert_num_queries(4):
        browser.get("/inbox/?show=done")
