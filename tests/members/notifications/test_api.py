"""The inbox over the API: only one's own lines, filtered, ticked off."""

import pytest
from django.utils import timezone

from members.models import Notification
from members.notifications import actions as notifications
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def tell(user, event="e", **changes):
    line = {
        "event": event,
        "kind": "join_request",
        "text": "Somebody asks to join",
        "url": "/projects/x/",
        "group": "Hips",
        **changes,
    }
    notifications.notify([user], **line)
    return Notification.objects.get(event=event, recipient=user)


def texts(answer):
    return [row["event"] for row in answer.data["results"]]


def test_people_see_their_own_lines_only(api, user):
    other = UserFactory()
    mine, theirs = tell(user, "mine"), tell(other, "theirs", text="canary-7731")
    script = api(user)
    assert texts(script.get("/api/v1/notifications/")) == ["mine"]
    assert "canary" not in script.get("/api/v1/notifications/?search=canary").content.decode()
    foreign = script.post(f"/api/v1/notifications/{theirs.pk}/done/")
    random = script.post("/api/v1/notifications/999999/done/")
    assert foreign.status_code == 404
    assert foreign.content == random.content
    theirs.refresh_from_db()
    assert theirs.done_at is None
    assert script.post(f"/api/v1/notifications/{mine.pk}/done/").data["done_at"] is not None


def test_done_twice_is_done_once(api, user):
    script, line = api(user), tell(user)
    first = script.post(f"/api/v1/notifications/{line.pk}/done/").data
    assert script.post(f"/api/v1/notifications/{line.pk}/done/").data == first


def test_filters(api, user):
    tell(user, "asked")
    tell(user, "ready", kind="version", group="Hearts", text="100% ready")
    done = tell(user, "done")
    notifications.done(notification=done, by=user)
    script = api(user)

    def found(query):
        return set(texts(script.get(f"/api/v1/notifications/?{query}")))

    assert found("open=true") == {"asked", "ready"}
    assert found("open=false") == {"done"}
    assert found("kind=version") == {"ready"}
    assert found("group=Hearts") == {"ready"}
    assert found("search=100%25") == {"ready"}
    since = timezone.now().isoformat().replace("+", "%2B")
    assert found(f"updated_since={since}") == set()
    assert found("updated_since=2020-01-01T00:00:00Z") == {"asked", "ready", "done"}
    assert texts(script.get("/api/v1/notifications/?ordering=created_at"))[0] == "asked"


@pytest.mark.parametrize(
    "query", ["open=maybe", "updated_since=yesterday", "ordering=text", "cursor=zzz"]
)
def test_a_filter_that_makes_no_sense_is_refused(api, user, query):
    answer = api(user).get(f"/api/v1/notifications/?{query}")
    assert answer.status_code in (400, 404)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_pages_by_cursor(api, user):
    for number in range(5):
        tell(user, f"e{number}")
    script = api(user)
    first = script.get("/api/v1/notifications/?limit=2")
    assert first.data["previous"] is None
    tell(user, "e5")
    second = script.get(first.data["next"])
    third = script.get(second.data["next"])
    seen = texts(first) + texts(second) + texts(third)
    assert seen == ["e4", "e3", "e2", "e1", "e0"]
    assert third.data["next"] is None


@pytest.mark.parametrize("rows", [1, 10])
def test_the_list_asks_the_same_number_of_queries(api, user, rows, django_assert_num_queries):
    for number in range(rows):
        tell(user, f"e{number}")
    script = api(user)
    script.get("/api/v1/me/")
    with django_assert_num_queries(2):
        script.get("/api/v1/notifications/")


def test_strangers_are_asked_to_sign_in(api):
    assert api().get("/api/v1/notifications/").status_code == 401
    assert api().post("/api/v1/notifications/1/done/").status_code == 401
