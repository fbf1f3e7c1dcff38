"""A question beside all that was asked before it, as the ledger compares them step by step."""

from collections.abc import Mapping, Sequence

import numpy as np

from datasets.engine.guard.closeness import (
    Close,
    close_among,
    close_to_one,
    close_to_two,
    closest_first,
)
from datasets.engine.guard.ledger import Comparison
from datasets.engine.guard.row_sets import RowSet


def too_close(
    new: Sequence[RowSet],
    earlier: Sequence[RowSet],
    threshold: int,
    comparison: Comparison,
) -> list[Close]:
    """Every earlier question that one of these row sets differs from by fewer than `threshold`
    people, the closest first, and whether these sets differ so among themselves. Where none is, of
    the newest some that do when two are combined."""
    close = [
        *close_among(new, threshold, comparison),
        *close_to_one(new, enumerate(earlier), threshold, comparison),
    ]
    if close:
        return sorted(close, key=closest_first)

    def rows_of(places: Sequence[int]) -> Mapping[int, np.ndarray]:
        return {place: earlier[place].rows for place in places}

    newest_first = list(enumerate(earlier))[::-1]
    return close_to_two(new, newest_first, rows_of, threshold, comparison)
