"""The door of pages and calls: which need counts for which method."""

from enum import StrEnum

import pytest

from portal.common.door import led_to, needed


class Need(StrEnum):
    LOOK = "look"
    WRITE = "write"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE", None])
def test_one_need_counts_for_every_method(method):
    assert needed(Need.LOOK, method) is Need.LOOK


def test_needs_by_method_leave_the_others_open():
    needs = {"GET": Need.LOOK, "POST": Need.WRITE}
    assert [needed(needs, method) for method in ("GET", "HEAD", "OPTIONS")] == [Need.LOOK] * 3
    assert needed(needs, "POST") is Need.WRITE
    assert needed(needs, "DELETE") is None
    assert needed(None, "POST") is None


def test_a_place_on_a_page_is_quoted():
    assert led_to("inbox", at="a b#c").url == "/inbox/#a%20b%23c"
