"""What a dataset was asked before, read as far as a new question is compared with it.

A ledger has many sets of the same: one question's figures share their rows, and most questions are
about the same people. So equal ones are read, and compared, once, whatever their number.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from operator import or_

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Max, Q, QuerySet, TextField
from django.db.models.functions import Cast

from datasets.engine.guard import row_sets
from datasets.ledger.models import RowSet

AT_ONCE = 100

DIFFERENT = 4096
"""So many different lists of variables are remembered, and not read again from each set."""


class Earlier:
    """The row sets of a dataset. Of all it knows what they are about; rows are read of those alone
    that have about as many as a new one, or are combined. They are told apart by their ids."""

    def __init__(self, dataset: int, counts: Iterable[int], threshold: int) -> None:
        self._kept = RowSet.objects.filter(dataset=dataset)
        near = (Q(count__gt=n - threshold, count__lt=n + threshold) for n in {*counts})
        self._near = reduce(or_, near, Q(pk=None))
        self.newest_first: list[tuple[int, row_sets.Outline]] = []

    def read_on(self) -> Iterator[tuple[Sequence[int], row_sets.RowSet]] | None:
        """Those of about as many rows among the sets that came since it last read on, equal ones
        together; None where none came."""
        last = self.newest_first[0][0] if self.newest_first else 0
        since = self._kept.filter(pk__gt=last)
        # Of equal outlines the newest stands for all.
        alike = since.annotate(about=Cast("reads", TextField())).values_list(
            "version", "about", "subtractable", "count", "rows_sha256", "is_beside"
        )
        came = [
            (newest, row_sets.Outline(version, _as_read(about), *more))
            for version, about, *more, newest in alike.annotate(newest=Max("pk")).order_by(
                "-newest"
            )
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


def _with_rows(kept: QuerySet[RowSet]) -> Iterator[tuple[Sequence[int], row_sets.RowSet]]:
    """As the engine compares them: each different one with the ids of all that are so. Those of the
    same rows share them, and a few bitmaps are read at a time."""
    texts = {f"{name}_text": Cast(name, TextField()) for name in ("reads", "rules", "lacking")}
    alike = kept.annotate(**texts).values_list("version", "rows_sha256", "subtractable", *texts)
    figures = defaultdict(list)
    for version, key, *figure in alike.annotate(places=ArrayAgg("pk", order_by="pk")).order_by():
        figures[version, key].append(figure)
    distinct = ("version", "rows_sha256")
    bitmaps = kept.order_by(*distinct).distinct(*distinct)
    for version, key, bitmap, table_rows in bitmaps.values_list(
        *distinct, "bitmap", "version__rows"
    ).iterator(chunk_size=AT_ONCE):
        rows = row_sets.rows_of(bytes(bitmap), table_rows or 0)
        for subtractable, reads, rules, lacking, places in figures[version, key]:
            about = (_as_read(reads), subtractable, rows, _pairs(rules), tuple(json.loads(lacking)))
            yield places, row_sets.RowSet(version, *about)


@lru_cache(DIFFERENT)
def _as_read(reads: str) -> row_sets.Reads:
    return tuple((name, tuple(columns)) for name, columns in json.loads(reads))


@lru_cache(DIFFERENT)
def _pairs(rules: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, rule) for name, rule in json.loads(rules))
