"""Of what a dataset was asked before only what is compared is read."""

import numpy as np
import pytest

from datasets.engine.guard import row_sets
from datasets.ledger.earlier import Earlier
from datasets.ledger.models import RowSet
from tests.factories import table_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def keep(cleveland, lead):
    version = table_version({"age": ("number", [*range(100)])}, dataset=cleveland)

    def kept(first, last, rules="copied"):
        places = np.arange(100)
        one = row_sets.RowSet(
            version.pk,
            (("age", ("age",)),),
            True,
            (first <= places) & (places < last),
            rules=(("age", rules),),
        )
        return RowSet.objects.create(
            dataset=cleveland,
            version=version,
            question_sha256="0" * 64,
            analysis=1,
            asked_by=lead,
            reads=[["age", ["age"]]],
            rules=[["age", rules]],
            subtractable=True,
            count=one.count,
            rows_sha256=one.key,
            bitmap=one.to_bytes(),
        ).pk

    return kept


def test_rows_are_read_of_those_that_are_about_as_many(cleveland, keep):
    far, near, more = keep(0, 90), keep(0, 50), keep(0, 54)
    keep(0, 55)
    earlier = Earlier(cleveland.pk, [50], 5)
    found = {tuple(places): one for places, one in earlier.read_on()}
    assert set(found) == {(near,), (more,)}
    assert found[near,].rows.sum() == found[near,].count == 50
    assert found[near,].rules == (("age", "copied"),)
    assert [one.count for _, one in earlier.newest_first] == [55, 54, 50, 90]
    assert earlier.rows_of([far])[far].sum() == 90


def test_only_what_came_since_is_read_again(cleveland, keep):
    first = keep(0, 50)
    earlier = Earlier(cleveland.pk, [50], 5)
    assert [places for places, _ in earlier.read_on()] == [[first]]
    assert earlier.read_on() is None
    second = keep(1, 51)
    assert [places for places, _ in earlier.read_on()] == [[second]]
    assert [place for place, _ in earlier.newest_first] == [second, first]
    (_, newer), (_, older) = earlier.newest_first
    assert newer.key != older.key


def test_equal_sets_are_read_once_however_many_there_are(
    cleveland, keep, django_assert_num_queries
):
    def read():
        earlier = Earlier(cleveland.pk, [50], 5)
        found = [(places, one.rules[0][1]) for places, one in earlier.read_on()]
        return sorted(found), [place for place, _ in earlier.newest_first]

    first = keep(0, 50)
    with django_assert_num_queries(3):
        assert read() == ([([first], "copied")], [first])
    again, other, last = keep(0, 50), keep(0, 50, "recoded"), keep(0, 50)
    with django_assert_num_queries(3):
        found = [([first, again, last], "copied"), ([other], "recoded")]
        assert read() == (found, [last])
