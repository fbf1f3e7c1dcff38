"""Two earlier questions combined, beside a third that is far from either."""

import numpy as np
import pytest

from datasets.engine.guard.closeness import Close, close_to_one, close_to_two
from datasets.engine.guard.ledger import Comparison
from datasets.engine.guard.row_sets import RowSet
from tests.engine.guard.asking import too_close

N = 500
READS = (("age", ("age",)), ("income", ("income",)))
PLACES = np.arange(N)
NO_FILE = Comparison(lambda *_: pytest.fail("no file is read"))


def of(rows, reads=READS, subtractable=True, version=0, n=N):
    mask = np.zeros(n, dtype=bool)
    mask[np.asarray(rows)] = True
    return RowSet(version, reads, subtractable, mask)


def found(new, *earlier, comparison=NO_FILE, **more):
    def rows_of(places):
        return {place: earlier[place].rows for place in places}

    return close_to_two([new], list(enumerate(earlier))[::-1], rows_of, 5, comparison, **more)


@pytest.mark.parametrize("few", [1, 4])
def test_one_less_another_is_nearly_a_third(few):
    whole, part = of(PLACES), of(PLACES[:400])
    assert found(of(PLACES[400 + few :]), whole, part) == [Close(few, 0, 1)]
    assert found(of(PLACES[400 + few :]), part, whole) == [Close(few, 1, 0)]


@pytest.mark.parametrize("few", [1, 4])
def test_two_together_are_nearly_a_third(few):
    assert found(of(PLACES), of(PLACES[:300]), of(PLACES[300 + few :])) == [Close(few, 0, 1)]


def test_the_third_asked_first_is_found_as_well():
    whole, part, rest = of(PLACES), of(PLACES[:400]), of(PLACES[401:])
    assert found(whole, part, rest) == [Close(1, 0, 1)]
    assert found(part, whole, rest) == [Close(1, 0, 1)]


@pytest.mark.parametrize(
    ("new", "earlier"),
    [
        # Just what the two give, and so nothing new; and enough people more or less.
        (PLACES[400:], (PLACES, PLACES[:400])),
        (PLACES[405:], (PLACES, PLACES[:400])),
        (PLACES[395:], (PLACES, PLACES[:400])),
        # They overlap: two sums give no sum over all who are in either.
        (PLACES[1:], (PLACES[:300], PLACES[200:])),
    ],
)
def test_what_cannot_be_added_up_to_few_is_no_matter(new, earlier):
    assert found(of(new), *(of(one) for one in earlier)) == []


def test_only_what_reads_the_same_is_added():
    age, income, sex = ((((name, (name,))),) for name in ("age", "income", "sex"))
    whole, part = of(PLACES), of(PLACES[:400])
    assert found(of(PLACES[401:], reads=age), whole, part) != []
    assert found(of(PLACES[401:], reads=sex), whole, part) == []
    beside = of(PLACES[:400], reads=income)
    assert found(of(PLACES[401:], reads=age), whole, beside) == []


def test_rounded_figures_are_added_to_the_same_alone():
    whole, part = (of(rows, subtractable=False) for rows in (PLACES, PLACES[:400]))
    assert found(of(PLACES[401:], subtractable=False), whole, part) == [Close(1, 0, 1)]
    assert found(of(PLACES[401:], reads=READS[:1], subtractable=False), whole, part) == []


def test_figures_that_told_nothing_are_not_added():
    """Of fewer rows than the threshold nothing left: a second look at the whole is free."""
    assert found(of(PLACES), of(PLACES), of(PLACES[:3])) == []


def test_versions_are_added_by_what_their_rows_hold():
    values = {0: PLACES[:400], 1: PLACES[::-1].copy()}
    comparison = Comparison(lambda version, _: values[version])
    before = of(PLACES[:400], n=400)
    after, few = of(PLACES, version=1), of(PLACES[:99], version=1)
    assert found(few, before, after, comparison=comparison) == [Close(1, 1, 0)]
    assert found(of(PLACES[:100], version=1), before, after, comparison=comparison) == []


def test_of_many_the_newest_are_combined():
    whole, part = of(PLACES), of(PLACES[:400])
    others = [of(np.flatnonzero(PLACES % (k + 2))) for k in range(10)]
    assert found(of(PLACES[401:]), whole, part, *others) == [Close(1, 0, 1)]
    assert found(of(PLACES[401:]), whole, part, *others, most=10) == []


def test_what_is_close_to_one_is_told_of_that_one():
    whole, part, near = of(PLACES), of(PLACES[:400]), of(PLACES[402:])
    assert too_close([of(PLACES[401:])], [whole, part, near], 5, NO_FILE) == [Close(1, 2)]
    assert too_close([of(PLACES[401:])], [whole, part], 5, NO_FILE) == [Close(1, 0, 1)]


def test_of_equal_questions_each_is_told_of():
    earlier = [((3, 7), of(PLACES[402:])), ((5,), of(PLACES[:400]))]
    near = close_to_one([of(PLACES[401:])], earlier, 5, NO_FILE)
    assert near == [Close(1, 3), Close(1, 7)]


def test_what_cannot_be_subtracted_hides_nothing_that_can():
    beside = (("age", ("age",)), ("weight", ("weight",)))
    models = [of(PLACES, beside), of(PLACES[:400], beside)]
    table = of(PLACES[:398], beside, subtractable=False)
    assert found(of(PLACES[401:]), *models, table) == [Close(1, 0, 1)]


def test_sketches_lose_no_pair():
    """Against every pair looked at row by row."""
    rng = np.random.default_rng(11)
    base = [rng.random(N) < share for share in (0.2, 0.5, 0.8, 0.5, 0.3)]
    sets = [*base]
    for one in base:
        for other in base:
            if not (one & other).any() or not (one & ~other).any():
                continue
            mixed = one & ~other
            mixed[rng.integers(0, N, 3)] ^= True
            sets.append(mixed)
    made = [RowSet(0, READS, True, one) for one in sets]
    for k, new in enumerate(made):
        others = [one for i, one in enumerate(made) if i != k]
        near = any(
            0 < max((rest > 0).sum(), -rest[rest < 0].sum()) < 5
            for a, one in enumerate(others)
            for b, other in enumerate(others)
            for sign in (1, -1)
            if a != b
            for rest in [new.rows.astype(int) - one.rows - sign * other.rows.astype(int)]
        )
        assert bool(found(new, *others)) == near
