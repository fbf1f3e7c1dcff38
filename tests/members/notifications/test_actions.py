"""The inbox's lines: told once, to the active, ticked off by their owner."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from members.models import Notification
from members.notifications import actions as notifications
from portal.common.exceptions import NotAllowed
from portal.common.text import filled
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LINE = {"kind": "join_request", "text": "Somebody asks to join", "url": "/projects/x/"}


def events(lines):
    return [line.event for line in lines]


def test_an_event_is_told_to_a_person_once(user):
    other = UserFactory()
    notifications.notify([user, user], event="e", **LINE)
    notifications.notify([user, other], event="e", **LINE)
    assert Notification.objects.filter(recipient=user).count() == 1
    assert Notification.objects.filter(recipient=other).count() == 1


def test_closed_accounts_are_told_nothing():
    notifications.notify([UserFactory(is_active=False)], event="e", **LINE)
    assert not Notification.objects.exists()


def test_a_line_is_ticked_off_by_its_owner_only(user):
    notifications.notify([user], event="e", **LINE)
    line = Notification.objects.get()
    with pytest.raises(NotAllowed):
        notifications.done(notification=line, by=UserFactory())
    assert notifications.done(notification=line, by=user).done_at is not None


def test_what_waits_on_the_person_is_not_ticked_off_with_the_news(user):
    notifications.notify([user], event="news", **LINE)
    notifications.notify([user], event="waits", action_label="Decide", **LINE)
    notifications.notify([UserFactory()], event="theirs", **LINE)
    assert notifications.done_all(by=user) == 1
    assert set(events(Notification.objects.open())) == {"waits", "theirs"}


def test_what_was_settled_leaves_every_inbox(user):
    other = UserFactory()
    notifications.notify([user, other], event="e", action_label="Decide", **LINE)
    notifications.settle(event="e", recipient=other)
    assert [line.recipient for line in Notification.objects.open()] == [user]
    notifications.settle(event="e")
    assert not Notification.objects.open().exists()


def test_the_urgent_comes_first(user):
    now = timezone.now()
    for event, label, due in (
        ("news", "", None),
        ("some time", "Decide", None),
        ("next week", "Review", now + timedelta(days=7)),
        ("tomorrow", "Review", now + timedelta(days=1)),
        ("newer news", "", None),
    ):
        notifications.notify([user], event=event, action_label=label, due_at=due, **LINE)
    lines = Notification.objects.visible_to(user).by_urgency()
    assert events(lines) == ["tomorrow", "next week", "some time", "newer news", "news"]


def test_the_badge_counts_open_lines_up_to_a_bound(user, django_assert_num_queries, monkeypatch):
    for number in range(4):
        notifications.notify([user], event=f"e{number}", **LINE)
    notifications.settle(event="e0")
    with django_assert_num_queries(1):
        assert notifications.open_count(user) == 3
    monkeypatch.setattr(notifications, "COUNTED", 2)
    assert notifications.open_count(user) == 2


def test_a_line_is_read_in_the_language_of_whoever_reads_it(api, page, user):
    """It stayed in the one in which it was written."""
    user.language = "fr"
    user.save()
    text = filled(gettext_lazy("“%(title)s” is released to you."), title="Âge")
    notifications.notify([user], event="e", kind="k", text=text, url="/")
    told = {"en": "“Âge” is released to you.", "fr": Notification.objects.get().text}
    assert told["fr"] != told["en"]
    for language in ("en", "fr"):
        user.language = language
        user.save()
        headers = {"accept-language": language}
        other = told["fr" if language == "en" else "en"]
        html = page(user).get("/inbox/", headers=headers).text
        assert told[language] in html
        assert other not in html
        call = api(user)
        [line] = call.get("/api/v1/notifications/", headers=headers).data["results"]
        assert line["text"] == told[language]
        for words, number in (("Âge", 1), (told[language][4:], 1), ("nothing", 0)):
            found = call.get("/api/v1/notifications/", {"search": words}, headers=headers)
            assert len(found.data["results"]) == number
