"""Moments of ranks: what Spearman's correlations within a site are made of.

Ranks are of one site's rows, among those that have both variables of a pair, ties at their mean.
They have no meaning beside another site's, so their means are taken off: what is added up over
sites is within sites. Agrees with R's `cor(method = "spearman")`.
"""

from itertools import combinations_with_replacement

import numpy as np

from datasets.engine.methods.shared.pair_moments import PairMoments

MOST_RANKED = 40
"""Variables that are ranked at once: ranks take all rows of a site in memory."""


def rank_moments(rows: np.ndarray) -> PairMoments:
    """Of rows (n, p), NaN for missing."""
    p = rows.shape[1]
    found = PairMoments.empty(p)
    present = np.isfinite(rows)
    known: dict[tuple[int, bytes], np.ndarray] = {}

    def ranked(k: int, both: np.ndarray) -> np.ndarray:
        place = (k, np.packbits(both).tobytes())
        if place not in known:
            known[place] = centred_ranks(rows[both, k])
        return known[place]

    for i, j in combinations_with_replacement(range(p), 2):
        both = present[:, i] & present[:, j]
        first, second = ranked(i, both), ranked(j, both)
        found.n[i, j] = found.n[j, i] = len(first)
        found.square[i, j], found.square[j, i] = first @ first, second @ second
        found.cross[i, j] = found.cross[j, i] = first @ second
    return found


def centred_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks about their mean; equal values share the mean of theirs."""
    if not len(values):
        return np.empty(0)
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle = last - (counts - 1) / 2
    return np.asarray(middle[place] - (len(values) + 1) / 2)
