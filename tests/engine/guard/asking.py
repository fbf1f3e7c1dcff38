"""A question beside all that was asked before it, at once."""

from collections.abc import Mapping, Sequence

import numpy as np

from datasets.engine.guard.closeness import Close, Closeness
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

    def rows_of(places: Sequence[int]) -> Mapping[int, np.ndarray]:
        return {place: earlier[place].rows for place in places}

    closeness = Closeness(new, threshold, comparison)
    closeness.look(
        (((k,), one) for k, one in enumerate(earlier)), list(enumerate(earlier))[::-1], rows_of
    )
    return closeness.found
