"""What lists share: addresses, filters to click away, turning pages, counts that stop early."""

from datetime import UTC, datetime

import pytest
from django.db.models import Q
from django.test import RequestFactory

from members.models import Institution
from portal.common.pages import (
    address,
    bounded,
    chip,
    count_up_to,
    facet,
    in_order,
    newest_first,
    number_in,
    numbered,
    part_of,
    without,
)


def request(query=""):
    return RequestFactory().get(f"/list/?{query}")


def test_an_address_keeps_filters_and_starts_at_the_first_page():
    here = request("q=a+b&field=x&field=y&after=7&before=1&cursor=c&page=3")
    assert address(here) == "?q=a+b&field=x&field=y"
    assert address(here, sort="new", q=None) == "?field=x&field=y&sort=new"
    assert address(here, field="z", after=9) == "?q=a+b&field=z&after=9"


def test_what_people_typed_stays_data():
    assert address(request(), q="a&sort=b#c") == "?q=a%26sort%3Db%23c"


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("field", "x", "?q=a&field=y"),
        ("field", "", "?q=a"),
        ("q", "", "?field=x&field=y"),
        ("stage", "", "?q=a&field=x&field=y"),
    ],
)
def test_a_filter_is_left_out(name, value, left):
    here = request("q=a&field=x&field=y&after=7")
    assert without(here, name, value) == left
    assert chip(here, "Group", "Label", name, value) == {
        "group": "Group",
        "label": "Label",
        "url": left,
    }


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "٣", "²", "9" * 19, "1 "])
def test_what_is_no_number_is_left_out(text):
    assert number_in(RequestFactory().get("/", {"after": text}), "after") is None


def test_a_count_in_words():
    assert [bounded(n, 1000) for n in (0, 1000, 1001)] == ["0", "1,000", "more than 1,000"]


def test_a_facet_shows_what_finds_something_or_is_ticked():
    options = [("a", "A", 5), ("b", "B", 0), ("c", "C", 0), ("d", "D", 2), ("e", "E", 1)]
    made = facet("field", "Field", options, ["c"], short=2)
    assert [option["value"] for option in made["options"]] == ["a", "c"]
    assert [option["value"] for option in made["more"]] == ["d", "e"]
    assert [option["checked"] for option in made["options"]] == [False, True]
    all_ticked = facet("field", "Field", options, ["a", "b", "c", "d"], short=2)
    assert len(all_ticked["options"]) == 4


@pytest.fixture
def rows(db):
    """Seven rows by name, and their numbers from the newest down."""
    made = Institution.objects.bulk_create(
        Institution(name=f"House {n}", country="FIN") for n in range(7)
    )
    numbers = sorted((one.pk for one in made), reverse=True)
    return Institution.objects.filter(pk__in=numbers), numbers


def test_pages_from_the_newest_down_and_back_again(rows):
    listed, numbers = rows
    seen, url, pages = [], "", []
    while True:
        found, before, after = newest_first(request(url.removeprefix("?")), listed, size=3)
        pages.append([row.pk for row in found])
        seen += pages[-1]
        assert bool(before) == (len(pages) > 1)
        if not after:
            break
        url = after
    assert seen == numbers
    assert [len(page) for page in pages] == [3, 3, 1]
    found, before, after = newest_first(request(before.removeprefix("?")), listed, size=3)
    assert [row.pk for row in found] == pages[1]
    assert before
    assert after
    found, before, after = newest_first(request(before.removeprefix("?")), listed, size=3)
    assert ([row.pk for row in found], before) == (pages[0], "")
    assert after


def test_a_page_beyond_the_end_is_empty(rows):
    listed, numbers = rows
    assert newest_first(request(f"after={numbers[-1]}"), listed, size=3) == ([], "", "")
    assert newest_first(request(f"before={numbers[0]}"), listed, size=3) == ([], "", "")


def test_the_order_and_the_place_may_be_anything(rows):
    listed, _ = rows
    by_name = listed.order_by("-name")
    part = part_of(
        by_name, size=2, after="House 4", beyond=lambda name, side: Q(**{f"name__{side}": name})
    )
    assert [row.name for row in part.rows] == ["House 3", "House 2"]
    assert (part.more_before, part.more_after) == (True, True)


@pytest.mark.parametrize("key", ["created_at", "-created_at"])
def test_pages_by_a_moment_go_there_and_back_over_ties(rows, key):
    listed, numbers = rows
    listed.filter(pk__in=numbers[:5]).update(created_at=datetime(2026, 11, 1, tzinfo=UTC))
    everything = list(listed.order_by(key, "-pk" if key[0] == "-" else "pk"))
    seen, url, back = [], "", []
    while True:
        found, before, after = in_order(request(url.removeprefix("?")), listed, size=3, key=key)
        seen += found
        back.append(before)
        if not after:
            break
        url = after
    assert seen == everything
    assert back[0] == ""
    found, before, after = in_order(request(back[-1].removeprefix("?")), listed, size=3, key=key)
    assert found == everything[3:6]
    assert before
    assert after


def test_pages_with_numbers_stop_at_the_last(rows, django_assert_num_queries):
    listed, numbers = rows
    listed = listed.order_by("-pk")
    with django_assert_num_queries(1):
        page = numbered(request("page=2"), listed, size=3, last=5)
    assert ([row.pk for row in page.rows], page.number) == (numbers[3:6], 2)
    assert (page.previous, page.following) == ("?page=1", "?page=3")
    last = numbered(request("q=a&page=99"), listed, size=3, last=2)
    assert (last.number, last.previous, last.following) == (2, "?q=a&page=1", "")
    assert numbered(request("page=3"), listed, size=3, last=5).following == ""
    for first in ("page=0", "page=x", ""):
        page = numbered(request(first), listed, size=3, last=5)
        assert (page.number, page.previous) == (1, "")


def test_counting_stops_early(rows):
    listed, _ = rows
    assert [count_up_to(listed, most) for most in (3, 7, 100)] == [4, 7, 7]
