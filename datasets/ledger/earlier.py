"""What a dataset was asked before, read as far as a new question is compared with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

import numpy as np
from django.db.models import Q, QuerySet

from datasets.engine.guard import row_sets
from datasets.ledger.models import RowSet

AT_ONCE = 100


class Earlier:
    """The row sets of a dataset. Of all it knows what they are about; rows are read of those alone
    that have about as many as a new one, or are combined. They are told apart by their ids."""

    def __init__(self, dataset: int, counts: Iterable[int], threshold: int) -> None:
        self._kept = RowSet.objects.filter(dataset=dataset)
        near = (Q(count__gt=n - threshold, count__lt=n + threshold) for n in {*counts})
        self._near = reduce(or_, near, Q(pk=None))
        self.newest_first: list[tuple[int, row_sets.Outline]] = []

    def read_on(self) -> Iterator[tuple[int, row_sets.RowSet]] | None:
        """Those of about as many rows among the sets that came since it last read on; None where
        none came."""
        last = self.newest_first[0][0] if self.newest_first else 0
        since = self._kept.filter(pk__gt=last)
        fields = ("pk", "version", "reads", "subtractable", "count", "rows_sha256")
        came = [
            (pk, row_sets.Outline(version, _as_read(reads), *more))
            for pk, version, reads, *more in since.order_by("-pk").values_list(*fields)
        ]
        if not came:
            return None
        self.newest_first = [*came, *self.newest_first]
        return _with_rows(since.filter(self._near, pk__lte=came[0][0]))

    def rows_of(self, places: Sequence[int]) -> Mapping[int, np.ndarray]:
        """The rows of some."""
        kept = self._kept.filter(pk__in=places).values_list("pk", "bitmap", "version__rows")
        return {pk: row_sets.rows_of(bytes(bitmap), rows or 0) for pk, bitmap, rows in kept}

    def of(self, places: Iterable[int]) -> Mapping[int, RowSet]:
        """Some as they are kept, for what is said of them."""
        of_whom = self._kept.select_related("version", "asked_by").defer("bitmap")
        return of_whom.in_bulk([*places])


def _with_rows(kept: QuerySet[RowSet]) -> Iterator[tuple[int, row_sets.RowSet]]:
    """As the engine compares them, a few at a time; those of the same rows follow one another and
    share them."""
    last: tuple[tuple[int, str], np.ndarray] | None = None
    in_order = kept.select_related("version").order_by("version", "rows_sha256")
    for one in in_order.iterator(chunk_size=AT_ONCE):
        key = (one.version_id, one.rows_sha256)
        if last is None or last[0] != key:
            last = (key, row_sets.rows_of(bytes(one.bitmap), one.version.rows or 0))
        yield (
            one.pk,
            row_sets.RowSet(
                one.version_id,
                _as_read(one.reads),
                one.subtractable,
                last[1],
                tuple((name, rule) for name, rule in one.rules),
                tuple(one.lacking),
            ),
        )


def _as_read(reads: Sequence[tuple[str, Sequence[str]]]) -> row_sets.Reads:
    return tuple((name, tuple(columns)) for name, columns in reads)
