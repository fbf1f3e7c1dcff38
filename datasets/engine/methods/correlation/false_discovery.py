"""p-values of many tests, adjusted for their number."""

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values; a missing one is no test and stays missing (R: `p.adjust(, "BH")`)."""
    tested = [i for i, p in enumerate(p_values) if p is not None and np.isfinite(p)]
    adjusted: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    ranked = sorted(tested, key=lambda i: p_values[i] or 0.0)
    for rank in range(len(ranked), 0, -1):
        place = ranked[rank - 1]
        smallest = min(smallest, (p_values[place] or 0.0) * len(ranked) / rank)
        adjusted[place] = smallest
    return adjusted
