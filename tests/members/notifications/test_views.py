"""The inbox, without a browser."""

import pytest

from members.models import Notification
from members.notifications import actions as notifications
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LINE = {"kind": "join_request", "text": "Somebody asks to join", "url": "/projects/x/"}


def test_strangers_are_led_to_sign_in(client):
    answer = client.get("/inbox/")
    assert answer.headers["Location"] == "/accounts/login/?next=/inbox/"


def test_what_waits_comes_first_under_its_project(page, user):
    notifications.notify([user], event="news", group="Hips", **{**LINE, "text": "An upload"})
    notifications.notify(
        [user],
        event="asked",
        group="Hearts",
        because="Because you lead it",
        action_label="Decide",
        **LINE,
    )
    shown = page(user).get("/inbox/").text
    order = ["Waits on you", "Hearts", "Because you lead it", "News", "Hips", "An upload"]
    places = [shown.index(text) for text in order]
    assert places == sorted(places)
    assert 'aria-label="Inbox, 2 open"' in shown


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


@pytest.mark.parametrize("rows", [1, 10])
def test_it_asks_the_same_number_of_queries(page, user, rows, django_assert_num_queries):
    for number in range(rows):
        notifications.notify([user], event=f"e{number}", group=f"g{number}", **LINE)
    browser = page(user)
    with django_assert_num_queries(5):
        browser.get("/inbox/")
